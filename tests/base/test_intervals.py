"""The 95 % interval: its parts against scipy, its edges, and how often it holds the truth in simulated models."""

import numpy as np
import pytest
from scipy import stats

from gmai.base.intervals import cluster_interval, student_t


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 29, 300])
def test_quantiles_of_student(freedom):
    assert student_t(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=2e-3)


def test_independent_questions_give_wilsons_interval():
    right = [True] * 150 + [False] * 50
    interval = cluster_interval(right, range(200))
    wilson = stats.binomtest(150, 200).proportion_ci(method="wilson")
    assert (interval.low, interval.high) == pytest.approx((wilson.low, wilson.high), abs=2e-3)
    assert interval.accuracy == 0.75 and interval.clusters == 200


def test_copies_of_questions_tell_nothing_more():
    right = [True, False, True, True, False, True, True, True] * 5
    once = cluster_interval(right, range(40))
    copied = cluster_interval(np.repeat(right, 10), np.repeat(range(40), 10))
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high), abs=0.01)
    assert copied.effect == pytest.approx(10, rel=0.1)


def test_edges():
    alone = cluster_interval([True, False], [0, 0])
    assert (alone.low, alone.high, alone.clusters) == (0.0, 1.0, 1)
    sure = cluster_interval([True] * 60, np.repeat(range(20), 3))
    assert sure.high == 1.0 and 0.78 < sure.low < 0.85
    none = cluster_interval([False] * 60, np.repeat(range(20), 3))
    assert (none.low, none.high) == pytest.approx((1 - sure.high, 1 - sure.low))
    gap = cluster_interval([True, False, True], [0, 5, 9])
    assert gap.clusters == 3


def coverage(clusters: int, accuracy: float, alike: float, sizes: tuple[int, int], runs: int) -> float:
    """Share of simulated models whose true accuracy is in the interval; ``alike`` is the intra-cluster correlation."""
    chance = np.random.default_rng([clusters, int(accuracy * 100), int(alike * 100), *sizes])
    held = 0
    for _ in range(runs):
        number = np.repeat(np.arange(clusters), chance.integers(sizes[0], sizes[1] + 1, clusters))
        spread = (1 - alike) / alike if alike else 0.0
        own = (
            chance.beta(accuracy * spread, (1 - accuracy) * spread, clusters) if alike else np.full(clusters, accuracy)
        )
        interval = cluster_interval(chance.random(len(number)) < own[number], number)
        held += interval.low <= accuracy <= interval.high
    return held / runs


def test_coverage_of_the_interval_in_a_few_settings():
    """Bounds are three standard errors of 300 simulations around 93 and 97 %."""
    for accuracy, alike in [(0.25, 0.0), (0.5, 0.2), (0.9, 0.1)]:
        assert 0.885 < coverage(40, accuracy, alike, (1, 8), 300) <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [30, 60, 200])
@pytest.mark.parametrize("sizes", [(1, 1), (3, 3), (1, 10), (20, 20)])
@pytest.mark.parametrize("alike", [0.0, 0.1, 0.3])
def test_coverage_from_thirty_clusters_up(clusters, sizes, alike):
    """Between 92.5 and 98 % for accuracies of 0.1 to 0.9, give or take the error of 2,000 simulations."""
    found = [coverage(clusters, accuracy, alike, sizes, 2000) for accuracy in (0.1, 0.25, 0.5, 0.75, 0.9)]
    assert min(found) > 0.925 - 0.012 and max(found) < 0.98 + 0.006, found
