"""All pairs of 64-bit fingerprints that differ in few bits: exact, by sorting, in flat memory.

The 64 bits are cut into ``distance + 3`` bands. Two fingerprints that differ in at most ``distance`` bits agree in
three bands at least, so for each choice of three bands the fingerprints are sorted with those bands in front, and only
neighbours that agree there are compared. A pair is told by the first choice it agrees in, so each comes once.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from gmai.errors import ConfigError

BITS = 64
KEY_BANDS = 3
MOST = 12
"""Beyond this distance there would be more than 455 choices of bands, each a sort."""
_PART = 1 << 20
"""Queries compared at once."""
_FEW = 1 << 18
"""Up to so many pairs are all compared, which is quicker than to sort."""


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


def find_pairs(hashes: np.ndarray, distance: int) -> Iterator[Pairs]:
    """Yield every pair of a list that differs in at most ``distance`` bits, each pair once, smaller position first.

    Args:
        hashes: uint64, sorted, each value once (``np.unique``).
        distance: 0 to 12.

    Raises:
        ConfigError: another distance.
    """
    bands = _bands(distance)
    if len(hashes) ** 2 <= _FEW:
        both = _compare_all(hashes, hashes, distance)
        once = both.first < both.second
        yield Pairs(both.first[once], both.second[once], both.distance[once])
        return
    for choice in combinations(range(len(bands)), KEY_BANDS):
        moved = _move(hashes, bands, choice)
        moved.sort()
        shift = np.uint64(BITS - sum(bands[band].width for band in choice))
        keys = moved >> shift
        left = np.arange(len(moved) - 1)
        step = 1
        while True:
            left = left[: np.searchsorted(left, len(moved) - step)]
            left = left[keys[left] == keys[left + step]]
            if not len(left):
                break
            bits = np.bitwise_count(moved[left] ^ moved[left + step])
            close = left[bits <= distance]
            if len(close):
                one, other = (_move_back(moved[at], bands, choice) for at in (close, close + step))
                first_choice = _is_first(one ^ other, bands, choice)
                pair = np.searchsorted(hashes, one[first_choice]), np.searchsorted(hashes, other[first_choice])
                found = np.minimum(*pair), np.maximum(*pair)
                yield Pairs(*found, np.bitwise_count(hashes[found[0]] ^ hashes[found[1]]))
            step += 1


def find_matches(queries: np.ndarray, hashes: np.ndarray, distance: int) -> Iterator[Pairs]:
    """Yield every (query, fingerprint) that differ in at most ``distance`` bits, each once.

    Args:
        queries: uint64, sorted, each value once.
        hashes: uint64, sorted, each value once.
        distance: 0 to 12.

    Raises:
        ConfigError: another distance.
    """
    bands = _bands(distance)
    if len(queries) * len(hashes) <= _FEW:
        yield _compare_all(queries, hashes, distance)
        return
    for choice in combinations(range(len(bands)), KEY_BANDS):
        moved = _move(hashes, bands, choice)
        moved.sort()
        shift = np.uint64(BITS - sum(bands[band].width for band in choice))
        keys = moved >> shift
        for start in range(0, len(queries), _PART):
            asked = _move(queries[start : start + _PART], bands, choice)
            asked.sort()
            for one, other in _meet(asked, moved, keys, shift, distance):
                one, other = _move_back(one, bands, choice), _move_back(other, bands, choice)
                mine = _is_first(one ^ other, bands, choice)
                found = np.searchsorted(queries, one[mine]), np.searchsorted(hashes, other[mine])
                yield Pairs(*found, np.bitwise_count(one[mine] ^ other[mine]))


def _compare_all(queries: np.ndarray, hashes: np.ndarray, distance: int) -> Pairs:
    bits = np.bitwise_count(queries[:, None] ^ hashes[None, :])
    first, second = np.nonzero(bits <= distance)
    return Pairs(first, second, bits[first, second])


def _meet(
    asked: np.ndarray, moved: np.ndarray, keys: np.ndarray, shift: np.uint64, distance: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    wanted = asked >> shift
    at = np.searchsorted(keys, wanted, "left")
    while True:
        inside = at < len(keys)
        asked, wanted, at = asked[inside], wanted[inside], at[inside]
        same = keys[at] == wanted
        asked, wanted, at = asked[same], wanted[same], at[same]
        if not len(at):
            return
        close = np.bitwise_count(asked ^ moved[at]) <= distance
        if close.any():
            yield asked[close], moved[at[close]]
        at = at + 1


def _bands(distance: int) -> list[_Band]:
    if not 0 <= distance <= MOST:
        raise ConfigError(f"a distance of {distance} bits", where="distance", fix=f"give 0 to {MOST}")
    count = distance + KEY_BANDS
    edges = [BITS * band // count for band in range(count + 1)]
    return [_Band(start, end - start) for start, end in zip(edges, edges[1:], strict=False)]


def _order(bands: list[_Band], choice: tuple[int, ...]) -> list[int]:
    return [*choice, *(band for band in range(len(bands)) if band not in choice)]


def _move(hashes: np.ndarray, bands: list[_Band], choice: tuple[int, ...]) -> np.ndarray:
    """The same bits in another order: the chosen bands in front."""
    moved = np.zeros_like(hashes)
    end = BITS
    for band in (bands[number] for number in _order(bands, choice)):
        end -= band.width
        moved |= _shift(hashes & band.mask, end - band.start)
    return moved


def _move_back(moved: np.ndarray, bands: list[_Band], choice: tuple[int, ...]) -> np.ndarray:
    hashes = np.zeros_like(moved)
    end = BITS
    for band in (bands[number] for number in _order(bands, choice)):
        end -= band.width
        hashes |= _shift(moved & _Band(end, band.width).mask, band.start - end)
    return hashes


def _shift(values: np.ndarray, left: int) -> np.ndarray:
    return values << np.uint64(left) if left >= 0 else values >> np.uint64(-left)


def _is_first(differing: np.ndarray, bands: list[_Band], choice: tuple[int, ...]) -> np.ndarray:
    """True where no earlier choice of bands would have brought the two together."""
    first = np.ones(len(differing), bool)
    for number in range(choice[-1]):
        if number not in choice:
            first &= (differing & bands[number].mask) != 0
    return first
