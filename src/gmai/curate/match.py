"""Links between pictures and between texts: near by their fingerprints, then compared in their details.

Fingerprints alone bring together pictures that merely look alike, two heads or two chests, so a candidate counts only
if its details agree too. Of a side that holds hashes alone the details cannot be looked at; its links say so.
"""

from collections import defaultdict
from collections.abc import Generator, Iterator
from typing import NamedTuple

import numpy as np

from gmai.corpus import UnionFind, find_matches, find_near_texts, find_pairs
from gmai.curate.config import Likeness
from gmai.curate.prints import VARIANTS, compare_thumbs
from gmai.curate.side import Side

SAME_PIXELS, SAME_WORDS, NEAR_WORDS, SAME_FILE = "same pixels", "same words", "near words", "same file"
SYMMETRIC = 5
"""The first variants are the same both ways: a mirrored copy's mirrored copy is the picture."""


class Link(NamedTuple):
    """Two rows that show or say the same."""

    first: int
    second: int
    """Rows of the first and of the second side; inside one side, ``second`` is the copy, or the later of the two."""
    how: str
    likeness: float
    compared: bool = True
    """False if only hashes could be compared."""


def link_within(side: Side, rule: Likeness) -> Iterator[Link]:
    """Yield links inside one side, enough to join each group of duplicates; not every pair of a group."""
    firsts = yield from _link_same(side, side.pictures, SAME_PIXELS)
    joined = UnionFind(len(side.table))
    for first, second, variant in _candidates_within(side, _distinct(side, firsts), rule):
        if joined.root(first) == joined.root(second):
            continue
        link = _compare(side, first, side, second, variant)
        if link.likeness >= rule.details:
            joined.join(first, second)
            both = sorted((first, second)) if variant < SYMMETRIC else (second, first)
            yield link._replace(first=both[0], second=both[1])
    alone = side.texts[np.array(side.column("alone", side.texts), bool)]
    firsts = yield from _link_same(side, alone, SAME_WORDS)
    yield from _near_texts(side, firsts, None, None, rule)


def link_between(first: Side, second: Side, rule: Likeness) -> Iterator[Link]:
    """Yield links from rows of one side to rows of another."""
    seen: set[tuple[int, int]] = set()
    for link in _same_between(first, second, "exact", SAME_PIXELS, SAME_WORDS):
        seen.add((link.first, link.second))
        yield link
    yield from _same_between(first, second, "origin", SAME_FILE, SAME_FILE)
    for one, other, variant, turned in _candidates_between(first, second, rule):
        if (one, other) in seen:
            continue
        link = _compare(second, other, first, one, variant) if turned else _compare(first, one, second, other, variant)
        if link.likeness >= rule.details or not link.compared:
            seen.add((one, other))
            yield link._replace(first=one, second=other)
    yield from _near_texts(first, first.texts, second, second.texts, rule)


def _link_same(side: Side, rows: np.ndarray, how: str) -> Generator[Link, None, np.ndarray]:
    """Link rows of one content to its first row; returns the first rows."""
    first_by_key: dict[str, int] = {}
    for row, key in zip(rows.tolist(), side.column("exact", rows), strict=True):
        first = first_by_key.setdefault(key, row)
        if first != row:
            yield Link(first, row, how, 1.0)
    return np.array(list(first_by_key.values()), np.int64)


def _same_between(first: Side, second: Side, column: str, picture: str, text: str) -> Iterator[Link]:
    known: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(second.table.column(column).to_pylist()):
        if key:
            known[key].append(row)
    for row, key in enumerate(first.table.column(column).to_pylist()):
        for other in known.get(key, ()) if key else ():
            yield Link(row, other, picture if first.value("kind", row) == "picture" else text, 1.0)


class _Hashes(NamedTuple):
    """Distinct hashes of one form of the pictures, and the pictures that have each."""

    values: np.ndarray
    pictures: np.ndarray
    starts: np.ndarray

    def of(self, position: int) -> list[int]:
        found: list[int] = self.pictures[self.starts[position] : self.starts[position + 1]].tolist()
        return found


def _gather(side: Side, pictures: np.ndarray, variant: int) -> _Hashes:
    order = pictures[np.argsort(side.hashes[pictures, variant], kind="stable")]
    values, starts = np.unique(side.hashes[order, variant], return_index=True)
    return _Hashes(values, order, np.append(starts, len(order)))


def _distinct(side: Side, firsts: np.ndarray) -> np.ndarray:
    """Numbers among the pictures of the rows that are worth comparing."""
    numbers = np.searchsorted(side.pictures, firsts)
    flat = np.array(side.column("flat", side.pictures[numbers]), bool)
    return np.sort(numbers[~flat])


def _candidates_within(side: Side, pictures: np.ndarray, rule: Likeness) -> Iterator[tuple[int, int, int]]:
    plain = _gather(side, pictures, 0)
    rows = side.pictures
    for position in np.flatnonzero(np.diff(plain.starts) > 1):
        members = plain.of(int(position))
        for at, second in enumerate(members):
            yield from ((int(rows[first]), int(rows[second]), 0) for first in members[:at])
    for pairs in find_pairs(plain.values, rule.distance):
        for one, other in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
            yield from ((int(rows[a]), int(rows[b]), 0) for a in plain.of(one) for b in plain.of(other))
    for variant in range(1, len(VARIANTS)) if rule.changed else ():
        changed = _gather(side, pictures, variant)
        for pairs in find_matches(plain.values, changed.values, rule.distance_changed):
            for one, other in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
                for a, b in ((a, b) for a in plain.of(one) for b in changed.of(other) if a != b):
                    yield int(rows[a]), int(rows[b]), variant


def _candidates_between(first: Side, second: Side, rule: Likeness) -> Iterator[tuple[int, int, int, bool]]:
    """Rows and variant; the last is True where the variant is that of the first side's picture."""
    seen = first.thumbs is not None and second.thumbs is not None
    mine, theirs = (_distinct(side, side.pictures) for side in (first, second))
    for turned in (False, True):
        plain_side, plain_rows, other_side, other_rows = (
            (second, theirs, first, mine) if turned else (first, mine, second, theirs)
        )
        plain = _gather(plain_side, plain_rows, 0)
        last = len(VARIANTS) if rule.changed else 1
        for variant in range(SYMMETRIC if turned else 0, last):
            changed = _gather(other_side, other_rows, variant)
            distance = (rule.distance_changed if variant else rule.distance) if seen else rule.distance_unseen
            for pairs in find_matches(changed.values, plain.values, distance):
                for other, one in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
                    for a, b in ((a, b) for a in plain.of(one) for b in changed.of(other)):
                        rows = int(plain_side.pictures[a]), int(other_side.pictures[b])
                        yield (*(rows[::-1] if turned else rows), variant, turned)


def _compare(first: Side, one: int, second: Side, other: int, variant: int) -> Link:
    """Compare a picture as it is with a form of another."""
    how = VARIANTS[variant]
    a, b = int(np.searchsorted(first.pictures, one)), int(np.searchsorted(second.pictures, other))
    if first.thumbs is None or second.thumbs is None:
        bits = int(np.bitwise_count(first.hashes[a, 0] ^ second.hashes[b, variant]))
        return Link(one, other, how, round(1 - bits / 63, 4), compared=False)
    likeness = compare_thumbs(first.thumbs[a], second.thumbs[b], how, second.boxes[b, variant])
    return Link(one, other, how, round(likeness, 4))


def _near_texts(
    first: Side, rows: np.ndarray, second: Side | None, others: np.ndarray | None, rule: Likeness
) -> Iterator[Link]:
    mine = first.signatures[np.searchsorted(first.texts, rows)]
    other_side = first if second is None else second
    other_rows = rows if others is None else others
    theirs = None if second is None else second.signatures
    seen: set[tuple[int, int]] = set()
    for ones, twos, shares in find_near_texts(mine, theirs, rule.words):
        for one, two, share in zip(ones.tolist(), twos.tolist(), shares.tolist(), strict=True):
            pair = int(rows[one]), int(other_rows[two])
            same = first.value("exact", pair[0]) == other_side.value("exact", pair[1])
            if pair not in seen and not same:
                seen.add(pair)
                yield Link(*pair, NEAR_WORDS, round(share, 4))
