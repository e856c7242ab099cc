"""Options named by the words that tell them from all others: "MMR" of vaccines, "TP53" of mutations."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from gmai.bench import fold
from gmai.evaluate.parsing.forms import Way, iter_forms
from gmai.evaluate.parsing.stems import (
    AMBIGUOUS,
    DENIALS,
    NO_NOUN,
    family_of,
    find_together,
    may_stand,
    root_of,
    whole_word,
)

_SLIGHT = frozenset(
    "acute chronic left right upper lower middle anterior posterior medial lateral proximal distal superior inferior "
    "central peripheral internal external deep superficial high low higher lower large small early late first second "
    "third immediate immediately urgent emergency oral orally intravenous iv im intramuscular subcutaneous "
    "topical inhaled systemic patient therapy treatment test testing scan imaging image blood serum plasma urine cell "
    "cells normal abnormal mild moderate severe partial complete total type stage grade class level more less both all "
    "either only most least benign malignant primary secondary simple bilateral unilateral congenital acquired "
    "disease disorder syndrome condition infection lesion change changes loss gain level levels view plane section "
    "positive negative present absent common rare old new long short single multiple open closed surgical medical "
    "alone plus combined combination dose daily weeks days months hours years use using other age "
    "a b c d e f g h i j".split()
)
"""Words that describe: they name no option without the word that they describe."""
_OPPOSED = frozenset(
    "acute chronic subacute left right upper lower middle anterior posterior medial lateral proximal distal superior "
    "inferior central peripheral internal external deep superficial high low early late mild moderate severe partial "
    "complete benign malignant primary secondary bilateral unilateral congenital acquired normal non no not open "
    "closed pseudo juvenile neonatal gestational".split()
)
"""Words that make another thing of what they describe, unless the option says them too."""
_LINKS = frozenset("the a an of in and or with for to on by".split())
_SPECIAL = frozenset(
    "and or both all none neither either above unchanged start stop begin continue give hold reduce halve double "
    "repeat switch change add remove delay avoid increase increased increasing decrease decreased decreasing reduced "
    "raised elevated deficiency excess overdose toxicity poisoning allergy resistance intoxication withdrawal failure "
    "supplementation replacement high low higher lower larger smaller longer shorter early late more "
    "less positive negative".split()
)
"""Words that turn what an option says: it is named by all of its words, or not at all."""
_BEFORE = re.compile(
    r"(?:\b(?<!lies )(?<!located )(?<!arises )(?:on|in|at|by|after|before|during|when|where|for|per|via|about|"
    r"suspected|known)|(?<!keeping )(?<!consistent )(?<!compatible )(?<!dealing )\bwith|"
    r"(?<!case )(?<!picture )(?<!diagnosis )(?<!typical )(?<!suggestive )(?<!indicative )(?<!characteristic )\bof)"
    r"\s+(?:(?:an?|the|suspected|known|any)\s+)*$"
)
"""What speaks of the circumstances: "bright on T2", "the test of choice in embolism"."""


_BINOMIAL = re.compile(r"([A-Z][a-z]{3,}) [a-z]{3,}(?:a|us|is|um|ae|i|osa|ans|ens)")
_BODY = frozenset(
    "placenta vena cauda corpus linea lamina spina medulla substantia fossa foramen arteria situs".split()
)
"""First words of Latin names that speak of a part of the body."""


@lru_cache(maxsize=512)
def _telling(options: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """For each option the words that no other has, in any form, or a genus alone; none that only describe, or deny."""
    folded = [fold(option) for option in options]
    words = [tuple(word for word in text.split() if word not in _LINKS) for text in folded]
    told: list[tuple[tuple[str, ...], ...]] = []
    for n, own in enumerate(words):
        others = [word for k, one in enumerate(words) if k != n for word in one]
        plain = [word for word in own if word not in _SLIGHT and word not in AMBIGUOUS]
        mine = tuple(word for word in plain if not any(_is_same(word, other) for other in others))
        if not mine or (DENIALS | _SPECIAL) & set(folded[n].split()):
            told.append(())
            continue
        lead = own[: own.index(mine[0])]
        shared = all(word in _SLIGHT or all(word in one for one in words) for word in lead)
        sets = [mine] if shared and len(mine) < len(own) and len(mine) <= 3 else []
        if not lead and _BINOMIAL.fullmatch(options[n]) and mine[0] not in _BODY:
            sets.append(mine[:1])
        told.append(tuple(sets))
    return tuple(told)


def _is_same(word: str, other: str) -> bool:
    """True if two words may be of one root."""
    length = min(6, len(word), len(other))
    return word == other or length > 3 and word[:length] == other[:length] or word in family_of(other)


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    plain = word.isalpha() and len(word) > 4
    return root_of(word) if plain else whole_word(word)


@lru_cache(maxsize=512)
def _shorter(options: tuple[str, ...]) -> tuple[tuple[Way, ...], ...]:
    """For each option shorter names: first and last word ("stress incontinence"), an eponym alone ("Wilson's")."""
    folded = [fold(option).split() for option in options]
    return tuple(
        tuple(_shorten(words, [one for k, one in enumerate(folded) if k != n])) for n, words in enumerate(folded)
    )


def _shorten(words: list[str], rest: list[list[str]]) -> Iterator[Way]:
    if len(words) < 2 or (DENIALS | _SPECIAL) & set(words) or not words[0].isalpha() or len(words[0]) < 4:
        return
    first, last = words[0], words[-1]
    pair = len(words) in {3, 4} and last.isalpha() and len(last) > 3 and not _LINKS & set(words)
    if pair and not any(first in one and any(_is_same(last, word) for word in one) for one in rest):
        yield Way((first, last), rf"(?<![a-z0-9])(?<!non ){first}\s+{last}(?![a-z0-9])")
    if first in _SLIGHT or first in AMBIGUOUS or any(one and one[0].startswith(first) for one in rest):
        return
    stem = first.removesuffix("s")
    yield Way((stem + "'",) if stem == first else (stem, "'"), rf"(?<![a-z0-9]){stem}(?:'s|s')(?![a-z0-9])")


def find_telling(folded: str, options: Sequence[str]) -> list[tuple[int, int, int]]:
    """Start, end and option where all words stand that tell an option from the others, and no noun after them."""
    spans = []
    for i, shorter in enumerate(_shorter(tuple(options))):
        spans += [(start, end, i) for start, end in iter_forms(shorter, folded)]
    named = [(i, told) for i, sets in enumerate(_telling(tuple(options))) for told in sets]
    for i, told in named:
        if not all(may_stand(word, folded) for word in told):
            continue
        own = [word for word in fold(options[i]).split() if word not in told]
        tail = re.compile(r"(?:\s+(?:" + "|".join(map(re.escape, own)) + r")\b)*")
        for start, end in find_together(folded, [_pattern(word) for word in told]):
            rest = tail.match(folded, end)
            spans.append((start, rest.end() if rest else end, i))
    hits = {(start, end, i) for start, end, i in spans if _names(folded, start, end, options[i])}
    return sorted(hits, key=lambda hit: (hit[0], -hit[1]))


def _names(folded: str, start: int, end: int, option: str) -> bool:
    """False before a noun, in circumstances, and where another word describes it ("acute" of a chronic disease)."""
    if not NO_NOUN.match(folded, end) or _BEFORE.search(folded[max(0, start - 60) : start]):
        return False
    before = re.search(r"([a-z]+)\s+$", folded[max(0, start - 30) : start])
    adverb = folded[start:end].endswith("ly")
    return not before or adverb or before[1] not in _OPPOSED or before[1] in fold(option).split()
