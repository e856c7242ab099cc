"""Links between pictures: near by their fingerprints or points, then compared in their details.

Fingerprints alone bring together pictures that merely look alike, two heads or two chests, so a candidate counts only
if its details agree too. Of a side that holds hashes alone the details cannot be looked at; its links say so.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gmai.corpus import UnionFind, find_matches, find_pairs
from gmai.curate.alike import text_links_between, text_links_within
from gmai.curate.config import Likeness
from gmai.curate.cuts import Cut, candidates_between, candidates_within
from gmai.curate.link import CUT_OUT, SAME_FILE, SAME_PIXELS, SAME_WORDS, Link, same_keys, same_rows
from gmai.curate.prints import VARIANTS, compare_details, compare_thumbs, find_details
from gmai.curate.side import Side

SYMMETRIC = 5
"""The first variants are the same both ways: a mirrored copy's mirrored copy is the picture."""
FITTED = 0.05
"""What a piece must be more alike than other copies: its place was chosen so that it fits."""
_KEPT = 2048
"""Details of pictures that are kept, 16 KB each: in a crowd of look-alikes each is compared with many."""


def link_within(side: Side, rule: Likeness) -> Iterator[Link]:
    """Yield links inside one side, enough to join each group of duplicates; not every pair of a group."""
    rows = side.pictures
    firsts, again = same_keys(side.exact, rows)
    yield from (Link(one, other, SAME_PIXELS, 1.0) for one, other in again)
    pictures = _distinct(side, firsts)
    joined = UnionFind(len(rows))
    compare = _Comparer(side, side)
    for met in _candidates_within(side, pictures, rule):
        apart = joined.roots(met.first) != joined.roots(met.second)
        for one, other, variant in zip(*(column[apart].tolist() for column in met), strict=True):
            if joined.root(one) == joined.root(other):
                continue
            link = compare(one, other, variant)
            if link.likeness >= rule.details:
                joined.join(one, other)
                both = sorted((link.first, link.second)) if variant < SYMMETRIC else (link.second, link.first)
                yield link._replace(first=both[0], second=both[1])
    for candidate in candidates_within(side.points, pictures) if rule.cut_out else ():
        if joined.root(candidate.first) != joined.root(candidate.second):
            found = [compare.cut(cut) for turned in (False, True) if (cut := candidate.fit(turned)) is not None]
            best = max(found, key=lambda link: link.likeness, default=None)
            if best is not None and best.likeness >= rule.details + FITTED:
                joined.join(candidate.first, candidate.second)
                yield best
    yield from text_links_within(side, rule)


def link_between(first: Side, second: Side, rule: Likeness) -> Iterator[Link]:
    """Yield links from rows of one side to rows of another."""
    seen: set[tuple[int, int]] = set()
    for one, other in same_rows(first.exact, second.exact):
        seen.add((one, other))
        yield Link(one, other, SAME_PIXELS if first.value("kind", one) == "picture" else SAME_WORDS, 1.0)
    for one, other in same_rows(first.origin, second.origin):
        yield Link(one, other, SAME_FILE, 1.0)
    for link in _pictures_between(first, second, rule):
        least = rule.details + (FITTED if link.how == CUT_OUT else 0)
        if (link.first, link.second) not in seen and (link.likeness >= least or not link.compared):
            seen.add((link.first, link.second))
            yield link
    yield from text_links_between(first, second, rule)


class _Comparer:
    """Compares pictures of two sides, given by their numbers, in their details."""

    def __init__(self, first: Side, second: Side) -> None:
        self._first, self._second = first, second
        self._details = lru_cache(maxsize=_KEPT)(self._find_details)

    def __call__(self, one: int, other: int, variant: int) -> Link:
        """A picture as it is with a form of another."""
        first, second, how = self._first, self._second, VARIANTS[variant]
        rows = int(first.pictures[one]), int(second.pictures[other])
        if first.thumbs is None or second.thumbs is None:
            bits = int(np.bitwise_count(first.hashes[one, 0] ^ second.hashes[other, variant]))
            return Link(*rows, how, round(1 - bits / 63, 4), compared=False)
        if variant < SYMMETRIC:
            likeness = compare_details(self._details(False, one), self._details(True, other), how)
        else:
            likeness = compare_thumbs(first.thumbs[one], second.thumbs[other], how, second.boxes[other, variant])
        return Link(*rows, how, round(likeness, 4))

    def cut(self, cut: Cut) -> Link:
        """A piece with the part of the picture it may be; the picture comes first."""
        first, second = self._first, self._second
        assert first.thumbs is not None and second.thumbs is not None
        likeness = compare_thumbs(first.thumbs[cut.piece], second.thumbs[cut.picture], CUT_OUT, cut.box)
        return Link(int(second.pictures[cut.picture]), int(first.pictures[cut.piece]), CUT_OUT, round(likeness, 4))

    def _find_details(self, of_second: bool, number: int) -> np.ndarray:
        thumbs = (self._second if of_second else self._first).thumbs
        assert thumbs is not None
        return find_details(thumbs[number])


class _Met(NamedTuple):
    """Numbers of pictures, of others that may be copies, and the form in which these came near."""

    first: np.ndarray
    second: np.ndarray
    variant: np.ndarray


class _Hashes(NamedTuple):
    """Distinct hashes of one form of the pictures, and the pictures that have each."""

    values: np.ndarray
    pictures: np.ndarray
    starts: np.ndarray

    def spread(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For positions of hashes: which of them, and each picture that has the hash."""
        counts = self.starts[positions + 1] - self.starts[positions]
        which = np.repeat(np.arange(len(positions)), counts)
        inside = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return which, self.pictures[self.starts[positions][which] + inside]


def _gather(side: Side, pictures: np.ndarray, variant: int) -> _Hashes:
    hashes = side.hashes[pictures, variant]
    order = np.argsort(hashes, kind="stable")
    values, starts = np.unique(hashes[order], return_index=True)
    return _Hashes(values, pictures[order], np.append(starts, len(order)))


def _distinct(side: Side, firsts: np.ndarray) -> np.ndarray:
    """Numbers among the pictures of the rows that are worth comparing."""
    numbers = np.searchsorted(side.pictures, firsts)
    return np.sort(numbers[~side.flat[firsts]])


def _candidates_within(side: Side, pictures: np.ndarray, rule: Likeness) -> Iterator[_Met]:
    plain = _gather(side, pictures, 0)
    for position in np.flatnonzero(np.diff(plain.starts) > 1):
        members = plain.pictures[plain.starts[position] : plain.starts[position + 1]]
        for step in range(1, len(members)):
            yield _Met(members[:-step], members[step:], np.zeros(len(members) - step, np.int64))
    for pairs in find_pairs(plain.values, rule.distance):
        which, other = plain.spread(pairs.second)
        again, first = plain.spread(pairs.first[which])
        yield _Met(first, other[again], np.zeros(len(first), np.int64))
    for met in _find_changed(plain, side, pictures, 1, rule.distance_changed) if rule.changed else ():
        apart = met.first != met.second
        yield _Met(*(column[apart] for column in met))


def _find_changed(
    plain: _Hashes, side: Side, pictures: np.ndarray, start: int, distance: int, end: int = len(VARIANTS)
) -> Iterator[_Met]:
    """Pictures as they are that come near a form of some pictures, of the forms from ``start`` to ``end``."""
    changed = side.hashes[pictures, start:end].T.ravel()
    for pairs in find_matches(changed, plain.values, distance):
        which, first = plain.spread(pairs.second)
        variant, at = np.divmod(pairs.first[which], len(pictures))
        yield _Met(first, pictures[at], variant + start)


def _pictures_between(first: Side, second: Side, rule: Likeness) -> Iterator[Link]:
    """Links of near pictures, whatever their likeness; a pair may come more than once."""
    seen = first.thumbs is not None and second.thumbs is not None
    mine, theirs = (_distinct(side, side.pictures) for side in (first, second))
    for turned in (False, True):
        a, a_numbers, b, b_numbers = (second, theirs, first, mine) if turned else (first, mine, second, theirs)
        plain, compare = _gather(a, a_numbers, 0), _Comparer(a, b)
        parts = [] if turned else [(0, 1, rule.distance)]
        parts += [(SYMMETRIC if turned else 1, len(VARIANTS), rule.distance_changed)] if rule.changed else []
        for start, end, distance in parts:
            for met in _find_changed(plain, b, b_numbers, start, distance if seen else rule.distance_unseen, end):
                for numbers in zip(*(column.tolist() for column in met), strict=True):
                    link = compare(*numbers)
                    yield link._replace(first=link.second, second=link.first) if turned else link
    if seen and rule.cut_out:
        yield from _pieces_between(first, mine, second, theirs)


def _pieces_between(first: Side, mine: np.ndarray, second: Side, theirs: np.ndarray) -> Iterator[Link]:
    here, there = _Comparer(first, second), _Comparer(second, first)
    for candidate in candidates_between(first.points, mine, second.points, theirs):
        if (cut := candidate.fit()) is not None:
            link = here.cut(cut)
            yield link._replace(first=link.second, second=link.first)
        if (cut := candidate.fit(turned=True)) is not None:
            yield there.cut(cut)
