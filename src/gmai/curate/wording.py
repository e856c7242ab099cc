"""What a text is about: its words without those that every text has, folded so that other wordings give the same.

Endings are cut off, names that the lexicon knows are put as their first name, Chinese is taken two characters at a
time. What turns a text into another one if it changes (numbers, sides, whether something is denied, what is asked for)
is kept apart: texts that differ there are never alike.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from gmai.base import hash_bytes
from gmai.lexicon import read_terms

_EMPTY = frozenset(
    (
        "a an the is are was were be been being am do does did has have had can could may might must shall should "
        "will would of in on at by for to from with within into onto over under as and or but if than then that this "
        "these those there here it its he she they them his her their you your we our i me my which what how any some "
        "s one"
    ).split()
) | frozenset("的了吗呢吧是在有请问我您你和与及或这那个种些什么怎样如何哪否会能可以应该要被把对于中为因而也都就")
_SHOWING = frozenset(
    (
        "image picture scan radiograph film show shows shown showing see seen present visible evidence evident appear "
        "appears appearing patient demonstrate demonstrates demonstrated describe described identify identified noted "
        "depict depicts depicted display displays displayed located"
    ).split()
)
_FIRM = {
    **{"l": "left", "left": "left", "r": "right", "right": "right", "左": "left", "右": "right"},
    **{word: "not" for word in ("no", "not", "without", "never", "cannot", "未", "无", "没", "非")},
    **{word: word for word in ("why", "when", "who", "whose", "many", "much")},
    **{word: "treat" for word in ("treat", "treats", "treated", "treatment", "treatments", "therapy", "therapies")},
    **{word: "cause" for word in ("cause", "causes", "caused", "causing", "aetiology", "etiology")},
    **{word: "diagnose" for word in ("diagnose", "diagnosed", "diagnosis", "diagnoses", "diagnostic")},
    **{word: "symptom" for word in ("symptom", "symptoms")},
    **{word: "prevent" for word in ("prevent", "prevents", "prevented", "prevention", "preventing")},
    **{word: "inherit" for word in ("inherited", "inheritance", "genetic", "hereditary")},
    **{word: "outlook" for word in ("outlook", "prognosis")},
    **{numeral: str(number) for number, numeral in enumerate("二三四五六七八九十", 2)},
    **{word: str(number) for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)},
}
_PHRASES = {
    **{"为什么": "why", "为何": "why", "多少": "many", "症状": "symptom", "原因": "cause", "预防": "prevent"},
    **{"治": "treat", "疗法": "treat", "诊断": "diagnose", "检查": "diagnose", "遗传": "inherit", "药": "drug"},
}
_ENDINGS = (
    *("ations", "ation", "ities", "ity", "ness", "ments", "ment", "ings", "ing", "ically", "ical", "ally", "edly"),
    *("ies", "ied", "ed", "es", "s", "ly", "al", "ic", "y", "e"),
)
_STEM = 4
"""Letters that are left of a word at least."""


def fold_text(words: Sequence[str]) -> np.ndarray:
    """The terms of a text, uint32: first a hash of what must be the same, then its distinct terms, sorted."""
    folded = _fold(words)
    firm = {_FIRM.get(word, word) for word in words if word in _FIRM or word[0].isdigit()}
    said = "".join(words)
    firm |= {meant for phrase, meant in _PHRASES.items() if phrase in said}
    terms = {_code(term) for term in _pair(folded)}
    return np.array([_code(" ".join(sorted(firm))), *sorted(terms)], np.uint32)


def _fold(words: Sequence[str]) -> list[str]:
    """Words that say something, by their stems, names of the lexicon by their first name; '' where one is left out."""
    stems = ["" if word in _FIRM or word[0].isdigit() else _stem(word) for word in words]
    names, longest = _names()
    folded: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            name = names.get(tuple(stems[at : at + length]))
            if name is not None:
                folded += name
                at += length
                break
        else:
            folded.append("" if words[at] in _EMPTY or words[at] in _SHOWING else stems[at])
            at += 1
    return folded


def _pair(folded: Sequence[str]) -> Iterator[str]:
    """Words of letters as they are, Chinese characters with the one behind."""
    for word, after in zip(folded, [*folded[1:], ""], strict=True):
        if word and word.isascii():
            yield word
        elif word and after and not after.isascii():
            yield word + after


def _stem(word: str) -> str:
    if not word.isascii():
        return word
    return next((word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= _STEM), word)


@cache
def _names() -> tuple[dict[tuple[str, ...], tuple[str, ...]], int]:
    """Other names of what the lexicon knows with the first name, all as stems; and the words of the longest."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name, term in read_terms().items():
        first = tuple(_stem(word) for word in name.casefold().replace("-", " ").split())
        for other in (*term.synonyms, *((term.plural,) if term.plural else ())):
            if other.isascii():
                found.setdefault(tuple(_stem(word) for word in other.casefold().replace("-", " ").split()), first)
    return found, max((len(stems) for stems in found), default=0)


def _code(term: str) -> int:
    return int(hash_bytes(term.encode())[:8], 16)
