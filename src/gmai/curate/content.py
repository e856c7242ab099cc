"""Texts that say the same in other words: those that share their rare words, and differ in nothing that matters.

Two texts are compared if they share two of their rarest words. Their likeness is the cosine of their words, each
counting by how rare it is in all that is compared. Numbers, sides, denials and what is asked for must be the same.
Questions are often one frame of words around a name (``What should I do if I forget a dose of …?``): short texts that
share but their frame with others are not alike.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from gmai.curate.side import Ragged

RAREST = 6
"""Words of a text by which others are found that may say the same."""
CROWD = 64
"""Of texts that share two words each is compared with so many only: what many texts share says little."""
LONG = 16
"""Terms of a text from which on a frame of words does not tell different texts."""
FRAME = 4
"""Texts that share a frame of words, each with words of its own in it, from which on it is one."""
_BUCKETS = 1 << 20
_PART = 1 << 14
_HALF = np.uint64(32)
_NONE = np.uint64(0)
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Likenesses(NamedTuple):
    """What pairs of texts have in common."""

    cosine: np.ndarray
    frame: np.ndarray
    """uint64 of the terms they share, where both have others besides; 0 for long texts and for all others."""
    short: np.ndarray
    """True if one of them has few terms."""


class Contents:
    """What some texts are about, see :func:`gmai.curate.wording.fold_text`: one hash that must agree, then terms."""

    def __init__(self, terms: Ragged, numbers: np.ndarray) -> None:
        counts = (terms.starts[1:] - terms.starts[:-1])[numbers]
        begin = terms.starts[numbers]
        self.starts = np.append(0, np.cumsum(counts))
        self.owners = np.repeat(np.arange(len(numbers), dtype=np.uint32), counts)
        inside = np.arange(len(self.owners)) - np.repeat(self.starts[:-1], counts)
        self.terms = np.asarray(terms.values[np.repeat(begin, counts) + inside], np.uint32)
        self.firm = self.terms[self.starts[:-1]]
        keep = inside > 0
        self.terms, self.owners = self.terms[keep], self.owners[keep]
        self.starts = self.starts - np.arange(len(self.starts))
        self.weights = np.zeros(0, np.float32)
        self.lengths = np.zeros(0)

    def __len__(self) -> int:
        return len(self.firm)

    def index(self) -> np.ndarray:
        """Text and term as one number, in order."""
        return self.owners.astype(np.uint64) << _HALF | self.terms.astype(np.uint64)

    def count(self) -> np.ndarray:
        """In how many texts each term is, by its bucket."""
        return np.bincount(self.terms % _BUCKETS, minlength=_BUCKETS)

    def weigh(self, counts: np.ndarray, total: int) -> None:
        """Give each term its weight: the square of how rare it is."""
        rare = np.log1p(total / np.maximum(counts, 1)) ** 2
        self.weights = rare[self.terms % _BUCKETS].astype(np.float32)
        sums = np.append(0.0, np.cumsum(self.weights, dtype=np.float64))
        self.lengths = np.sqrt(sums[self.starts[1:]] - sums[self.starts[:-1]])

    def rarest(self) -> np.ndarray:
        """The rarest terms of each text, uint32 (texts, 6), rarest first; 0 where there are fewer."""
        order = np.lexsort((self.terms, -self.weights, self.owners))
        place = np.arange(len(order)) - self.starts[self.owners[order]]
        found = np.zeros((len(self), RAREST), np.uint32)
        first = place < RAREST
        found[self.owners[order[first]], place[first]] = self.terms[order[first]]
        return found


_NOTHING = Likenesses(np.zeros(0), np.zeros(0, np.uint64), np.zeros(0, bool))


class Comparison:
    """The texts of one side beside those of another, or of one among themselves, weighed by all of them."""

    def __init__(self, first: Contents, second: Contents | None) -> None:
        self._first, self._second = first, second
        self._other = first if second is None else second
        counts = first.count() if second is None else first.count() + second.count()
        for side in {id(side): side for side in (first, self._other)}.values():
            side.weigh(counts, len(first) + (0 if second is None else len(second)))
        self._index = self._other.index()

    def agree(self, one: np.ndarray, two: np.ndarray) -> np.ndarray:
        """Where the numbers, sides, denials and what is asked for are the same."""
        same: np.ndarray = self._first.firm[one] == self._other.firm[two]
        return same

    def look(self, one: np.ndarray, two: np.ndarray) -> Likenesses:
        """What pairs of texts have in common; all are looked at, a part at a time."""
        parts = [self._look(one[at : at + _PART], two[at : at + _PART]) for at in range(0, len(one), _PART)]
        return Likenesses(*(np.concatenate(column) for column in zip(*parts, strict=True))) if parts else _NOTHING

    def _look(self, one: np.ndarray, two: np.ndarray) -> Likenesses:
        first = self._first
        counts = first.starts[one + 1] - first.starts[one]
        which = np.repeat(np.arange(len(one)), counts)
        ends = np.cumsum(counts)
        terms = first.starts[one][which] + np.arange(len(which)) - np.repeat(ends - counts, counts)
        known = _has(self._index, two[which], first.terms[terms])
        shared = np.bincount(which, np.where(known, first.weights[terms], 0), len(one))
        length = first.lengths[one] * self._other.lengths[two]
        sums = np.append(_NONE, np.cumsum(np.where(known, first.terms[terms] * _MIX, _NONE), dtype=np.uint64))
        number = np.bincount(which, known, len(one))
        others = self._other.starts[two + 1] - self._other.starts[two]
        framed = (number < counts) & (number < others) & (np.minimum(counts, others) < LONG)
        return Likenesses(
            cosine=shared / np.where(length > 0, length, 1),
            frame=np.where(framed, sums[ends] - sums[ends - counts], _NONE),
            short=np.minimum(counts, others) < LONG,
        )

    def are_framed(self, one: np.ndarray, two: np.ndarray, frames: np.ndarray) -> np.ndarray:
        """Where what two texts share is a frame of words that other texts fill with other words of their own."""
        texts = np.concatenate([one, two + (0 if self._second is None else len(self._first))])
        keys = np.unique(np.stack([np.tile(frames, 2), texts.astype(np.uint64)], axis=1), axis=0)[:, 0]
        values, counts = np.unique(keys, return_counts=True)
        found: np.ndarray = (frames != _NONE) & np.isin(frames, values[counts >= FRAME])
        return found

    def find(self, least: float) -> Iterator[tuple[np.ndarray, np.ndarray, Likenesses]]:
        """Yield positions of texts that are about the same; inside one side smaller position first."""
        mine, theirs = _keys(self._first), None if self._second is None else _keys(self._second)
        for one, two in _meet(mine, theirs):
            pairs = np.unique(one.astype(np.uint64) << _HALF | two.astype(np.uint64))
            one, two = (pairs >> _HALF).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
            same = self.agree(one, two)
            seen = self.look(one[same], two[same])
            close = seen.cosine >= least
            yield one[same][close], two[same][close], Likenesses(*(column[close] for column in seen))


def _has(index: np.ndarray, texts: np.ndarray, terms: np.ndarray) -> np.ndarray:
    asked = texts.astype(np.uint64) << _HALF | terms.astype(np.uint64)
    place = np.minimum(np.searchsorted(index, asked), max(len(index) - 1, 0))
    found: np.ndarray = index[place] == asked if len(index) else np.zeros(len(asked), bool)
    return found


def _keys(contents: Contents) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rare terms as sorted keys, and the text that each is of."""
    rarest = np.sort(contents.rarest(), axis=1).astype(np.uint64)
    columns = list(combinations(range(RAREST), 2))
    keys = np.concatenate([rarest[:, a] << _HALF | rarest[:, b] for a, b in columns])
    owners = np.tile(np.arange(len(contents), dtype=np.uint32), len(columns))
    whole = keys >> _HALF != 0
    keys, owners = keys[whole], owners[whole]
    order = np.argsort(keys, kind="stable")
    return keys[order], owners[order]


def _meet(
    mine: tuple[np.ndarray, np.ndarray], theirs: tuple[np.ndarray, np.ndarray] | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Texts that share two rare terms; inside one side smaller position first."""
    keys, owners = mine
    if theirs is None:
        for step in range(1, CROWD + 1):
            at = np.flatnonzero(keys[step:] == keys[:-step])
            if not len(at):
                return
            yield np.minimum(owners[at], owners[at + step]), np.maximum(owners[at], owners[at + step])
        return
    others, other_owners = theirs
    at = np.searchsorted(others, keys, "left")
    here = np.arange(len(keys))
    for _ in range(CROWD):
        inside = at < len(others)
        here, at = here[inside], at[inside]
        same = others[at] == keys[here]
        here, at = here[same], at[same]
        if not len(at):
            return
        yield owners[here], other_owners[at]
        at = at + 1
