"""Whether two labels can be true of the same thing: synonyms, broader and narrower names, parts, sides.

Used where labels stand beside each other as options. When in doubt the answer is yes: an option too few costs little,
a second right answer makes a question wrong.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from typing import Any

import yaml

from gmai.lexicon.fold import Side, fold, split_absent, split_side
from gmai.lexicon.match import find_terms

_LEAST_SUFFIX = 7
"""A word is a broader name of one that ends with it only if it is this long: carcinoma, of adenocarcinoma."""
_NOTHING = frozenset({"absent", "healthy", "negative", "no", "none", "normal", "not", "without"})
"""Words that say that nothing is there."""
_DENIALS = frozenset({"a", "ab", "dis", "il", "im", "in", "ir", "non", "un"})


@dataclass(frozen=True)
class _Meaning:
    term: str
    kind: str
    names: tuple[frozenset[str], ...]
    """Its words, as the data set spells it and as the term is called."""
    side: Side | None
    absent: bool


@lru_cache(maxsize=1 << 16)
def may_both_hold(first: str, second: str, modality: str | None = None) -> bool:
    """True if two labels of one data set may be true of one thing: the same term, or one a broader name of the other.

    Left and right of one organ exclude each other, as do a finding and its absence.

    Args:
        first: a label as a data set spells it.
        second: another.
        modality: of the data set, for short forms.
    """
    one, other = _meaning(first, modality), _meaning(second, modality)
    if one.absent != other.absent:
        return False
    if _are_opposite(one, other):
        return False
    pairs = list(product(one.names, other.names))
    same = bool(one.term) and one.term == other.term
    return same or any(_covers(a, b) or _covers(b, a) for a, b in pairs)


@lru_cache(maxsize=1 << 16)
def may_be_related(first: str, second: str, modality: str | None = None) -> bool:
    """True if labels of two data sets, annotated apart, may be true of one region.

    Beside what :func:`may_both_hold` finds: words of one kind (tumor, cancer), whole and part (lung, lobe), labels of
    different kind (a finding lies in some organ), and labels that the lexicon does not know.
    """
    if may_both_hold(first, second, modality):
        return True
    one, other = _meaning(first, modality), _meaning(second, modality)
    if _are_opposite(one, other):
        return False
    if not one.term or not other.term or one.kind != other.kind:
        return True
    for a, b in product(one.names, other.names):
        wide, narrow = _broaden(a), _broaden(b)
        if wide <= narrow or narrow <= wide or _is_part(a, b) or _is_part(b, a):
            return True
    return False


def _are_opposite(one: _Meaning, other: _Meaning) -> bool:
    """True for two sides of one organ."""
    sides = {one.side, other.side}
    return sides == {"left", "right"} and bool(set(one.names) & set(other.names))


@lru_cache(maxsize=8192)
def _meaning(label: str, modality: str | None) -> _Meaning:
    match = find_terms(label, modality=modality)
    text, side = fold(label), match.side
    rest = split_absent(text)
    if sided := split_side(rest or text):
        text, side = sided
    names = [_words(text)]
    if match.term is not None:
        names.append(_words(fold(match.term.name)))
    absent = rest is not None or match.absent or any(name & _NOTHING for name in names)
    term, kind = (match.term.name, match.term.kind) if match.term else ("", "")
    return _Meaning(term, kind, tuple(dict.fromkeys(names)), side, absent)


def _words(folded: str) -> frozenset[str]:
    said = [_data()["same"].get(word, word) for word in folded.split()]
    return frozenset(word for word in said if word not in _data()["empty"]) or frozenset(said)


def _covers(broad: frozenset[str], narrow: frozenset[str]) -> bool:
    """True if every word of a broad name is in the narrow one, or ends a word of it."""
    return bool(broad) and all(any(_is_broader(word, other) for other in narrow) for word in broad)


def _is_broader(word: str, other: str) -> bool:
    if word == other:
        return True
    ends = len(word) >= _LEAST_SUFFIX and other.endswith(word)
    return ends and other.removesuffix(word) not in _DENIALS


def _broaden(words: Collection[str]) -> frozenset[str]:
    kinds = _data()["kinds"]
    return frozenset(next((kind for kind, members in kinds.items() if word in members), word) for word in words)


def _is_part(whole: frozenset[str], part: frozenset[str]) -> bool:
    return any(set(_data()["parts"].get(word, ())) & part for word in whole)


@cache
def _data() -> Mapping[str, Any]:
    data: dict[str, Any] = yaml.safe_load((files("gmai.lexicon") / "related.yaml").read_text(encoding="utf-8"))
    return data
