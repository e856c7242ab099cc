"""Lists of words that gates look for, and the names that a lexicon knows, found in a text without trying each."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from gmai.convert.tongue import HAN
from gmai.lexicon import Language, read_lexicon, read_terms

LONGEST = 8
"""Words, or Chinese characters, of the longest name looked for."""
_TOKEN = re.compile(r"[^\W\u3400-\u9fff_]+(?:['’+-][^\W\u3400-\u9fff_]+)*")
_NOT_NAMED = frozenset({"absent", "background", "organ", "背景", "器官"})
"""Names of the lexicon that stand in any prose."""
_NOT_BEGINNINGS = ("any ", "no ", "non-", "not ", "without ", "无", "未", "非")
"""How names begin that are two words of any prose; denials are looked for by themselves."""


@cache
def _lists() -> Mapping[str, Mapping[str, Sequence[str]]]:
    text = (files("gmai.convert.guided") / "words.yaml").read_text(encoding="utf-8")
    lists: Mapping[str, Mapping[str, Sequence[str]]] = yaml.safe_load(text)
    return lists


@cache
def pattern(name: str, language: Language) -> re.Pattern[str]:
    """A pattern of one list of words, longest first."""
    words = sorted(_lists()[name][language], key=lambda word: (-len(word), word))
    return re.compile("|".join(_one(word) for word in words), re.IGNORECASE)


def _one(word: str) -> str:
    bare = word.rstrip("*")
    ending = r"[\w-]*" if word.endswith("*") else (r"(?![\w-])" if bare[-1:].isascii() and bare[-1:].isalnum() else "")
    before = r"(?<![\w-])" if bare[:1].isascii() else ""
    return f"{before}{re.escape(bare)}{ending}"


class Named(NamedTuple):
    """A name as it stands in a text, what is known of it, and where it stands."""

    name: str
    what: str
    start: int
    end: int


_ENDINGS = {
    **dict.fromkeys(("s", "ly", "er"), ("",)),
    **dict.fromkeys(("es", "ed", "ing", "able"), ("", "e")),
    **dict.fromkeys(("ies", "ied", "iable"), ("y",)),
}
"""Endings that words of prose take, and what may have stood in their place."""


@cache
def _prose(language: Language) -> frozenset[str]:
    text = (files("gmai.convert.guided") / "prose.yaml").read_text(encoding="utf-8")
    return frozenset(yaml.safe_load(text)[language].split())


def find_other_words(text: str, language: Language) -> Iterator[str]:
    """The words of a text that are none of plain prose; of Chinese the characters that no word of prose takes up."""
    prose = _prose(language)
    if language == "zh":
        for run in re.findall(f"{HAN.pattern}+", text):
            yield from _left_over(run, prose)
        yield from (word for word in _TOKEN.findall(text) if not HAN.search(word) and word.isalpha())
        return
    for word in _TOKEN.findall(text):
        if word.isalpha() or not word.isascii() or "'" in word or "-" in word:
            parts = [word.casefold()] if "'" in word else word.casefold().split("-")
            if not all(_is_prose(part, prose) for part in parts if part):
                yield word


def _is_prose(word: str, prose: frozenset[str]) -> bool:
    """True if a word, or what is left of it without an ending, is one of prose."""
    stems = [word.removesuffix("'s")]
    for ending, others in _ENDINGS.items():
        if word.endswith(ending):
            stems += [word.removesuffix(ending) + other for other in others]
    stems += [stem[:-1] for stem in stems[1:] if len(stem) > 3 and stem[-2:-1] == stem[-1:]]
    return not prose.isdisjoint(stems)


def _left_over(run: str, prose: frozenset[str]) -> Iterator[str]:
    at, left = 0, ""
    while at < len(run):
        size = next((n for n in range(6, 0, -1) if run[at : at + n] in prose), 0)
        if size and left:
            yield left
        left = "" if size else left + run[at]
        at += size or 1
    if left:
        yield left


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Names of words and of Chinese characters, looked up by every run of a text that may be one."""

    words: Mapping[tuple[str, ...], str]
    characters: Mapping[str, str]

    @classmethod
    def build(cls, names: Iterable[tuple[str, str]]) -> "NameIndex":
        """Index names; the second of a pair is what is known of the name."""
        words: dict[tuple[str, ...], str] = {}
        characters: dict[str, str] = {}
        for name, what in names:
            if HAN.search(name):
                characters.setdefault(name.casefold(), what)
            elif tokens := tuple(_TOKEN.findall(name.casefold())):
                words.setdefault(tokens, what)
        return cls(words, characters)

    def find(self, text: str) -> Iterator[Named]:
        """Every name in a text that is no part of a longer one."""
        lower = text.casefold()
        found = list(_TOKEN.finditer(lower))
        tokens = tuple(match.group() for match in found)
        at = 0
        while at < len(tokens):
            size = next((n for n in range(LONGEST, 0, -1) if tokens[at : at + n] in self.words), 0)
            if size:
                start, end = found[at].start(), found[min(at + size, len(found)) - 1].end()
                yield Named(text[start:end], self.words[tokens[at : at + size]], start, end)
            at += size or 1
        at = 0
        while at < len(lower):
            size = next((n for n in range(LONGEST, 0, -1) if lower[at : at + n] in self.characters), 0)
            if size:
                yield Named(text[at : at + size], self.characters[lower[at : at + size]], at, at + size)
            at += size or 1


@cache
def lexicon_names() -> NameIndex:
    """The names, plurals, labels and synonyms of all terms of the lexicon but counts; what is known is their kind."""
    names: list[tuple[str, str]] = []
    for term in read_terms().values():
        spelled = (term.name, term.plural, term.zh, *term.labels, *term.synonyms)
        kept = (
            name
            for name in spelled
            if len(name) > 1 and name not in _NOT_NAMED and not name.startswith(_NOT_BEGINNINGS)
        )
        names += [(name, term.kind) for name in kept if term.kind not in ("count", "grade")]
    return NameIndex.build(names)


@cache
def modality_names() -> NameIndex:
    """The names of all modalities, each known by itself, and of their families, known as ``family: …``."""
    lexicon = read_lexicon()
    names: list[tuple[str, str]] = []
    for modality in (*lexicon.modalities, *lexicon.other_modalities):
        if lexicon.family(modality) not in ("Mixed", "Text"):
            names += [(modality, modality), (lexicon.name(modality, "zh", "modality"), modality)]
    aliases: list[tuple[str, str]] = []
    for family, spelled in _lists()["aliases"].items():
        aliases += [(name, f"family: {family}") for name in spelled]
    return NameIndex.build([*aliases, *names])
