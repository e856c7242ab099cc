"""Sizes of pictures' files that tell no more than their width and height do.

How well a picture can be compressed goes with what it shows, so its size in bytes may tell the answer. Pictures are
padded to one size, or, where that would cost too much, to a few: each size is that of all pictures within a range of
areas, so that it follows from width and height alone, which the picture shows anyhow.
"""

from bisect import bisect_left
from collections.abc import Iterable

import numpy as np

from gmai.images import LEAST_PADDING
from gmai.types import record

_MOST_AREAS = 512
"""More areas than this are taken together before ranges are sought."""


@record
class Sizes:
    """The sizes that pictures are padded to."""

    areas: tuple[int, ...] = ()
    """Largest area in pixels of each range, ascending; none: pictures are left as they are."""
    padded_bytes: tuple[int, ...] = ()
    """Size of the files in each range."""
    growth: float = 1.0
    """How many times as large all pictures together become."""

    def of(self, area: int) -> int:
        """Size that a picture of so many pixels is padded to."""
        return self.padded_bytes[bisect_left(self.areas, area)]


def plan_sizes(pictures: Iterable[tuple[int, int]], largest_growth: float) -> Sizes:
    """The fewest sizes with which the pictures together become at most so many times as large.

    Where not even a size for every area does, there is a size for every area.

    Args:
        pictures: area in pixels and size in bytes of each.
        largest_growth: 1 or less pads nothing.
    """
    found = np.array(sorted(pictures), dtype=np.int64).reshape(-1, 2)
    if not len(found) or largest_growth <= 1:
        return Sizes()
    areas, counts, needed = _by_area(found)
    before = int(found[:, 1].sum())
    ends, cost = _part(counts, needed, largest_growth * before)
    starts = [0, *(end + 1 for end in ends[:-1])]
    return Sizes(
        areas=tuple(int(areas[end]) for end in ends),
        padded_bytes=tuple(int(needed[a : b + 1].max()) for a, b in zip(starts, ends, strict=True)),
        growth=round(cost / before, 4),
    )


def _by_area(found: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Largest area, number of pictures and size needed, of each area or few neighbouring ones."""
    areas, place = np.unique(found[:, 0], return_inverse=True)
    place = place * _MOST_AREAS // max(len(areas), _MOST_AREAS)
    needed = np.zeros(place.max() + 1, dtype=np.int64)
    largest = np.zeros_like(needed)
    np.maximum.at(needed, place, found[:, 1] + LEAST_PADDING)
    np.maximum.at(largest, place, found[:, 0])
    return largest, np.bincount(place), needed


def _part(counts: np.ndarray, needed: np.ndarray, most: float) -> tuple[list[int], float]:
    """Last places of the fewest ranges whose bytes are within the most, and those bytes: cheapest cuts by recursion."""
    number = len(counts)
    before = np.concatenate([[0], np.cumsum(counts)])
    cost = np.full((number, number), np.inf)
    """Of a range from its first to its last place."""
    for first in range(number):
        cost[first, first:] = np.maximum.accumulate(needed[first:]) * (before[first + 1 :] - before[first])
    best, cuts = cost[0], list[np.ndarray]()
    while best[-1] > most and len(cuts) + 1 < number:
        through = best[:-1, None] + cost[1:]
        cuts.append(through.argmin(0))
        best = through.min(0)
    ends = [number - 1]
    for cut in reversed(cuts):
        ends.append(int(cut[ends[-1]]))
    return ends[::-1], float(best[-1])
