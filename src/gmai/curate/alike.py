"""Links between texts: the same words, nearly the same words, or other words for the same content."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gmai.corpus import UnionFind, find_near_texts
from gmai.curate.config import Likeness
from gmai.curate.content import Comparison, Contents
from gmai.curate.link import NEAR_WORDS, SAME_CONTENT, SAME_WORDS, Link, same_keys
from gmai.curate.side import Side


def text_links_within(side: Side, rule: Likeness) -> Iterator[Link]:
    """Links among the texts that stand alone, enough to join each group."""
    alone = side.texts[side.alone[side.texts]]
    firsts, again = same_keys(side.exact, alone)
    yield from (Link(one, other, SAME_WORDS, 1.0) for one, other in again)
    numbers = np.searchsorted(side.texts, firsts)
    joined = UnionFind(len(firsts))
    for met in _near(side, numbers, None, None, rule):
        apart = joined.roots(met.first) != joined.roots(met.second)
        for one, other, likeness in zip(*(column[apart].tolist() for column in met[:3]), strict=True):
            if joined.join(one, other):
                yield Link(int(firsts[one]), int(firsts[other]), met.how, round(likeness, 4))


def text_links_between(first: Side, second: Side, rule: Likeness) -> Iterator[Link]:
    """Links from texts of one side to texts of another, those of the same words left out."""
    mine, theirs = (np.arange(len(side.texts)) for side in (first, second))
    seen: set[tuple[int, int]] = set()
    for met in _near(first, mine, second, theirs, rule):
        rows, others = first.texts[met.first], second.texts[met.second]
        other_words = (first.exact[rows] != second.exact[others]).any(axis=1)
        for pair in zip(*(column[other_words].tolist() for column in (rows, others, met.likeness)), strict=True):
            if pair[:2] not in seen:
                seen.add(pair[:2])
                yield Link(pair[0], pair[1], met.how, round(pair[2], 4))


_AGREE = 0.4
"""Least likeness in content of short texts in nearly the same words."""
_NO_PAIR = np.zeros(0, np.int64), np.zeros(0, np.int64)


class _Met(NamedTuple):
    """Positions among the texts of two sides that say nearly the same, and how alike they are."""

    first: np.ndarray
    second: np.ndarray
    likeness: np.ndarray
    how: str


def _near(
    first: Side, numbers: np.ndarray, second: Side | None, others: np.ndarray | None, rule: Likeness
) -> Iterator[_Met]:
    """Texts of two sides, or of one among themselves, by nearly the same words and then by the same content.

    A side that holds hashes alone has no words to tell the content by.
    """
    theirs = None if second is None else second.signatures[others]
    near = find_near_texts(first.signatures[numbers], theirs, rule.words)
    compared = _compare(first, numbers, second, others)
    if compared is None:
        yield from (_Met(*met, NEAR_WORDS) for met in near)
        return
    found = [_Found(*_NO_PAIR, np.zeros(0), np.zeros(0, np.uint64), np.zeros(0, bool))]
    for one, two, share in near:
        seen = compared.look(one, two)
        sound = ~seen.short | compared.agree(one, two) & (seen.cosine >= _AGREE)
        found.append(_Found(one, two, share, seen.frame, np.ones(len(one), bool)).keep(sound))
    if rule.content <= 1:
        for one, two, seen in compared.find(rule.content):
            found.append(_Found(one, two, seen.cosine, seen.frame, np.zeros(len(one), bool)))
    every = _Found(*(np.concatenate(column) for column in zip(*found, strict=True)))
    every = every.keep(~compared.are_framed(every.first, every.second, every.frame))
    for words, how in ((True, NEAR_WORDS), (False, SAME_CONTENT)):
        part = every.keep(every.words == words)
        yield _Met(part.first, part.second, part.likeness, how)


class _Found(NamedTuple):
    """Pairs of texts before those are left out that share but a frame of words."""

    first: np.ndarray
    second: np.ndarray
    likeness: np.ndarray
    frame: np.ndarray
    words: np.ndarray

    def keep(self, which: np.ndarray) -> "_Found":
        return _Found(*(column[which] for column in self))


def _compare(first: Side, numbers: np.ndarray, second: Side | None, others: np.ndarray | None) -> Comparison | None:
    """What the texts are about; None where a side holds hashes alone."""
    if not all(len(side.terms.values) for side in (first, second or first)):
        return None
    return Comparison(
        Contents(first.terms, numbers), None if second is None or others is None else Contents(second.terms, others)
    )
