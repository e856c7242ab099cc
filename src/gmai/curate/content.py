"""Texts that say the same in other words: those that share their rare words, and differ in nothing that matters.

Two texts are compared if they share two of their rarest words. Their likeness is the cosine of their words, each
counting by how rare it is in all that is compared. Numbers, sides, denials and what is asked for must be the same.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from gmai.curate.side import Ragged

RAREST = 6
"""Words of a text by which others are found that may say the same."""
CROWD = 64
"""Of texts that share two words each is compared with so many only: what many texts share says little."""
_BUCKETS = 1 << 20
_PART = 1 << 14
_HALF = np.uint64(32)


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


def find_alike(
    first: Contents, second: Contents | None, least: float
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield positions and likeness of texts that are about the same, each pair once.

    Args:
        first: what some texts are about.
        second: the others; None compares the first among themselves, smaller position first.
        least: least likeness, 0 to 1.
    """
    other = first if second is None else second
    counts = first.count() if second is None else first.count() + other.count()
    total = len(first) + (0 if second is None else len(other))
    for side in (first, other) if second is not None else (first,):
        side.weigh(counts, total)
    index = other.owners.astype(np.uint64) << _HALF | other.terms.astype(np.uint64)
    mine, theirs = _keys(first), None if second is None else _keys(other)
    told = np.zeros(0, np.uint64)
    for one, two in _meet(mine, theirs):
        pairs = np.unique(one.astype(np.uint64) << _HALF | two.astype(np.uint64))
        pairs = pairs[~np.isin(pairs, told)]
        one, two = (pairs >> _HALF).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
        same = first.firm[one] == other.firm[two]
        one, two, pairs = one[same], two[same], pairs[same]
        for start in range(0, len(one), _PART):
            part = slice(start, start + _PART)
            likeness = _cosine(first, other, index, one[part], two[part])
            close = likeness >= least
            told = np.append(told, pairs[part][close])
            if close.any():
                yield one[part][close], two[part][close], likeness[close]


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


def _cosine(first: Contents, second: Contents, index: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    counts = first.starts[one + 1] - first.starts[one]
    which = np.repeat(np.arange(len(one)), counts)
    at = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts) + first.starts[one][which]
    asked = two[which].astype(np.uint64) << _HALF | first.terms[at].astype(np.uint64)
    place = np.minimum(np.searchsorted(index, asked), len(index) - 1)
    shared = np.where(index[place] == asked, first.weights[at], 0)
    likeness: np.ndarray = np.bincount(which, shared, len(one)) / (first.lengths[one] * second.lengths[two])
    return likeness
