"""Sizes to pad to: few, within what they may cost, and following from width and height alone."""

import numpy as np
import pytest

from gmai.bench.padding import Sizes, plan_sizes
from gmai.images import LEAST_PADDING


def drawn(count: int, seed: int = 0) -> list[tuple[int, int]]:
    chance = np.random.default_rng(seed)
    areas = chance.choice([28 * 28, 224 * 224, 512 * 512, 1000 * 700], count)
    return [(int(area), int(area * chance.uniform(0.3, 1.4)) + 60) for area in areas]


def cost(pictures: list[tuple[int, int]], sizes: Sizes) -> float:
    return sum(sizes.of(area) for area, _ in pictures) / sum(size for _, size in pictures)


def test_one_size_where_it_is_cheap():
    pictures = [(100, 1000 + n) for n in range(50)] + [(400, 1100)]
    sizes = plan_sizes(pictures, 2)
    assert sizes.padded_bytes == (1100 + LEAST_PADDING,) and sizes.of(1) == sizes.of(400)
    assert sizes.growth == pytest.approx(cost(pictures, sizes), abs=1e-4)


@pytest.mark.parametrize("growth", [1.7, 2, 3, 10])
def test_few_sizes_within_what_they_may_cost_hold_every_picture(growth):
    pictures = drawn(300)
    sizes = plan_sizes(pictures, growth)
    assert all(sizes.of(area) >= size + LEAST_PADDING for area, size in pictures)
    assert cost(pictures, sizes) == pytest.approx(sizes.growth, abs=1e-4) and sizes.growth <= growth
    more = plan_sizes(pictures, 100)
    assert len(more.areas) == 1 <= len(sizes.areas) <= 4


def test_no_fewer_sizes_would_do_and_no_cheaper_cut_is_there():
    chance = np.random.default_rng(3)
    pictures = [(area, int(chance.integers(10, 5000))) for area in range(1, 9) for _ in range(4)]
    before = sum(size for _, size in pictures)

    def parts(first: int, left: int) -> float:
        """Cheapest way to part the areas from the first one into so many ranges, by trying all."""
        if left == 1:
            return whole(first, 8)
        return min((whole(first, last) + parts(last + 1, left - 1) for last in range(first, 8)), default=np.inf)

    def whole(first: int, last: int) -> float:
        mine = [size for area, size in pictures if first <= area <= last]
        return (max(mine) + LEAST_PADDING) * len(mine) if mine else np.inf

    for growth in (1.3, 1.5, 1.7, 1.9):
        best = {number: parts(1, number) / before for number in range(1, 9)}
        sizes = plan_sizes(pictures, growth)
        fewest = min((number for number, paid in best.items() if paid <= growth), default=8)
        assert len(sizes.areas) == fewest and sizes.growth == pytest.approx(best[fewest], abs=1e-4)


def test_many_areas_are_taken_together():
    chance = np.random.default_rng(1)
    pictures = [(int(area), int(area) + 50) for area in chance.integers(10_000, 1_000_000, 5000)]
    sizes = plan_sizes(pictures, 1.05)
    assert len(sizes.areas) < 60 and sizes.growth <= 1.05
    assert all(sizes.of(area) >= size + LEAST_PADDING for area, size in pictures)


def test_nothing_is_padded_where_it_may_cost_nothing():
    assert plan_sizes(drawn(10), 1) == Sizes() == plan_sizes([], 2)
