"""All pairs of 64-bit fingerprints that differ in few bits: exact, by sorting, in flat memory.

The 64 bits are cut into ``distance + 3`` bands. Two fingerprints that differ in at most ``distance`` bits agree in
three bands at least, so for each choice of three bands the fingerprints are sorted by those bands, and only those that
agree there are compared. A pair is told by the first choice it agrees in, so each comes once.
"""

from collections.abc import Iterator
from functools import reduce
from itertools import combinations
from typing import NamedTuple

import numpy as np

from gmai.errors import ConfigError

BITS = 64
KEY_BANDS = 3
MOST = 12
"""Beyond this distance there would be more than 455 choices of bands, each a sort."""
_PART = 1 << 16
"""Queries compared at once: what fits in a processor's cache."""
_FEW = 1 << 18
"""Up to so many pairs are all compared, which is quicker than to sort."""
_LOW = np.uint64(0xFFFFFFFF)


class Pairs(NamedTuple):
    """Pairs found together: positions in the two lists and the number of bits that differ."""

    first: np.ndarray
    second: np.ndarray
    distance: np.ndarray


class _Band(NamedTuple):
    start: int
    width: int

    @property
    def mask(self) -> np.uint64:
        return np.uint64(((1 << self.width) - 1) << self.start)


def find_pairs(hashes: np.ndarray, distance: int, most: int | None = None) -> Iterator[Pairs]:
    """Yield every pair of a list that differs in at most ``distance`` bits, each pair once, smaller position first.

    Args:
        hashes: uint64, in any order.
        distance: 0 to 12.
        most: of a crowd that agrees in the same bands each is compared with so many only; None compares all.

    Raises:
        ConfigError: another distance.
    """
    bands = _bands(distance)
    if len(hashes) ** 2 <= _FEW:
        both = _compare_all(hashes, hashes, distance)
        once = both.first < both.second
        yield Pairs(both.first[once], both.second[once], both.distance[once])
        return
    for choice in combinations(bands, KEY_BANDS):
        table = _Table(hashes, choice)
        for left, right in table.neighbours(distance, most):
            yield _told_here(hashes, hashes, np.minimum(left, right), np.maximum(left, right), choice, bands)


def find_matches(queries: np.ndarray, hashes: np.ndarray, distance: int, most: int | None = None) -> Iterator[Pairs]:
    """Yield every (query, fingerprint) that differ in at most ``distance`` bits, each once.

    Args:
        queries: uint64, in any order.
        hashes: uint64, in any order.
        distance: 0 to 12.
        most: of a crowd that agrees in the same bands each is compared with so many only; None compares all.

    Raises:
        ConfigError: another distance.
    """
    bands = _bands(distance)
    if len(queries) * len(hashes) <= _FEW:
        yield _compare_all(queries, hashes, distance)
        return
    for choice in combinations(bands, KEY_BANDS):
        table = _Table(hashes, choice)
        for start in range(0, len(queries), _PART):
            for asked, met in table.meet(queries[start : start + _PART], distance, most):
                yield _told_here(queries, hashes, asked + start, met, choice, bands)


class _Table:
    """Fingerprints sorted by some bits of a choice of bands: about as many keys as there are fingerprints."""

    def __init__(self, hashes: np.ndarray, choice: tuple[_Band, ...]) -> None:
        each = -(-len(hashes).bit_length() // len(choice))
        self._choice = tuple(_Band(band.start, min(band.width, each)) for band in choice)
        packed = self._find_keys(hashes) << np.uint64(32) | np.arange(len(hashes), dtype=np.uint64)
        packed.sort()
        self._order = (packed & _LOW).astype(np.uint32)
        self._sorted = hashes[self._order]
        counts = np.bincount((packed >> np.uint64(32)).astype(np.int64), minlength=1 << self._width)
        self._starts = np.append(0, np.cumsum(counts)).astype(np.uint32)

    @property
    def _width(self) -> int:
        return sum(band.width for band in self._choice)

    def neighbours(self, distance: int, most: int | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield positions of fingerprints that share their key and differ in at most ``distance`` bits."""
        last = np.repeat(self._starts[1:], np.diff(self._starts)) - np.arange(1, len(self._sorted) + 1)
        left, step = np.flatnonzero(last), 1
        while len(left) and (most is None or step <= most):
            close = left[np.bitwise_count(self._sorted[left] ^ self._sorted[left + step]) <= distance]
            if len(close):
                yield self._order[close].astype(np.int64), self._order[close + step].astype(np.int64)
            step += 1
            left = left[last[left] >= step]

    def meet(self, queries: np.ndarray, distance: int, most: int | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield positions of queries and of fingerprints that share their key and differ in few bits."""
        wanted = self._find_keys(queries).astype(np.int64)
        at, end = self._starts[wanted], self._starts[wanted + 1]
        if most is not None:
            end = np.minimum(end, at + np.uint32(most))
        asked = np.flatnonzero(at < end)
        at, end = at[asked], end[asked]
        while len(asked):
            close = np.bitwise_count(queries[asked] ^ self._sorted[at]) <= distance
            if close.any():
                yield asked[close], self._order[at[close]].astype(np.int64)
            at = at + np.uint32(1)
            more = at < end
            asked, at, end = asked[more], at[more], end[more]

    def _find_keys(self, hashes: np.ndarray) -> np.ndarray:
        keys = np.zeros_like(hashes)
        for band in self._choice:
            keys <<= np.uint64(band.width)
            keys |= (hashes >> np.uint64(band.start)) & np.uint64((1 << band.width) - 1)
        return keys


def _told_here(
    queries: np.ndarray,
    hashes: np.ndarray,
    asked: np.ndarray,
    met: np.ndarray,
    choice: tuple[_Band, ...],
    bands: list[_Band],
) -> Pairs:
    """Of pairs that met by a choice of bands those that agree in all of them, and in no earlier choice."""
    differing = queries[asked] ^ hashes[met]
    first = (differing & reduce(np.bitwise_or, (band.mask for band in choice))) == 0
    for band in bands[: bands.index(choice[-1])]:
        if band not in choice:
            first &= (differing & band.mask) != 0
    return Pairs(asked[first], met[first], np.bitwise_count(differing[first]))


def _compare_all(queries: np.ndarray, hashes: np.ndarray, distance: int) -> Pairs:
    bits = np.bitwise_count(queries[:, None] ^ hashes[None, :])
    first, second = np.nonzero(bits <= distance)
    return Pairs(first, second, bits[first, second])


def _bands(distance: int) -> list[_Band]:
    if not 0 <= distance <= MOST:
        raise ConfigError(f"a distance of {distance} bits", where="distance", fix=f"give 0 to {MOST}")
    count = distance + KEY_BANDS
    edges = [BITS * band // count for band in range(count + 1)]
    return [_Band(start, end - start) for start, end in zip(edges, edges[1:], strict=False)]
