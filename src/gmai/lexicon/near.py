"""Words that the lexicon does not know, answered with those that were probably meant."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

import yaml

from gmai.errors import CardError
from gmai.lexicon.fold import fold

_MOST = 3
_SHORT = 3
_COMMON = frozenset(
    {"none", "all", "general", "several", "photo", "image", "skin", "IR", "echo", "AO", "HE", "PD", "cell"}
)
"""Words that say too little of a text."""
_PLAIN = frozenset({"ct", "cta", "cxr", "mri", "oct", "pet", "wsi"})
"""Short words that mean the same in small letters."""


def check_term(term: str, known: Iterable[str], what: str, where: str = "") -> None:
    """Check that ``term`` is one of ``known``.

    Raises:
        CardError: it is not; near misses are given, or all that is known.
    """
    names = list(known)
    if term in names:
        return
    near = near_terms(term, names, what)
    shown = ", ".join(names) if len(names) <= 60 else f"{len(names)} terms, none of them alike"
    fix = f"did you mean {' or '.join(near)}?" if near else f"known: {shown}"
    raise CardError(f"unknown {what} {term!r}", where=where, fix=fix, reason=f"lexicon.{what}")


def near_terms(term: str, known: Iterable[str], what: str) -> list[str]:
    """What was probably meant, likeliest first: by usual other words, by shared words, by shared letters."""
    folded: dict[str, list[str]] = {}
    for name in known:
        folded.setdefault(fold(name), []).append(name)
    own = fold(term)
    usual = [name for name in _also().get(what, {}).get(own, ()) if fold(name) in folded]
    words = set(own.split())
    same = [text for text in folded if words and (words <= set(text.split()) or set(text.split()) < words)]
    same.sort(key=lambda text: (-difflib.SequenceMatcher(None, own, text).ratio(), text))
    texts = [*difflib.get_close_matches(own, folded, n=1, cutoff=0.85), *same]
    texts += difflib.get_close_matches(own, folded, n=_MOST)
    return list(dict.fromkeys([*usual, *(name for text in texts for name in folded[text])]))[:_MOST]


def count_words(text: str, what: str, known: Iterable[str]) -> Counter[str]:
    """How often a text says each of some names, or a usual word for it; most short words count in capitals only.

    Args:
        text: such as a folder's name or a description.
        what: ``modality`` or ``department``.
        known: the names to look for.
    """
    own = f" {fold(text)} "
    tokens = set(re.findall(r"[A-Za-z][A-Za-z0-9&-]*", text))
    words: dict[str, set[str]] = {name: {name} for name in known}
    for name, others in _words(what).items():
        words.setdefault(name, set()).update(others)
    found: Counter[str] = Counter()
    for name in words.keys() & set(known):
        for word in words[name]:
            if len(word) <= _SHORT and word.isascii():
                found[name] += word.upper() in tokens or (word.lower() in _PLAIN and word.lower() in tokens)
            else:
                found[name] += own.count(f" {fold(word)} ") if word.isascii() else text.count(word)
    return +found


@cache
def _words(what: str) -> Mapping[str, tuple[str, ...]]:
    written: Mapping[str, Mapping[str, list[str]]] = _written()
    return {name: tuple(word for word in words if word not in _COMMON) for name, words in written[what].items()}


@cache
def _written() -> Mapping[str, Mapping[str, list[str]]]:
    found: Mapping[str, Mapping[str, list[str]]]
    found = yaml.safe_load((files("gmai.lexicon") / "also.yaml").read_text(encoding="utf-8"))
    return found


def usual_words(what: str) -> Mapping[str, tuple[str, ...]]:
    """Other words for the terms of a vocabulary, folded, each with all terms it is used for."""
    return _also().get(what, {})


@cache
def _also() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Other words by vocabulary, folded, and the terms they are for."""
    written = _written()
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for what, terms in written.items():
        for name, words in terms.items():
            for word in words:
                other = found.setdefault(what, {})
                other[fold(word)] = (*other.get(fold(word), ()), name)
    return found
