"""The 95 % interval: its parts against scipy, its edges, and how often it holds the truth in simulated models."""

import numpy as np
import pytest
from benchmarks.coverage import ACCURACIES, AGAIN, cells, cover, is_outside
from scipy import stats

from gmai.base.intervals import cluster_interval, interval_of_sums, mean_interval, shares_of, student_t


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


def test_twins_count_once():
    right = [True, False, True, True, False, True, True, True] * 5
    once = cluster_interval(right, range(40))
    twins = cluster_interval(np.repeat(right, 2), np.repeat(range(40), 2), [0.5] * 80)
    assert (twins.accuracy, twins.low, twins.high) == pytest.approx((once.accuracy, once.low, once.high))


def test_shares_of_many_models_at_once_are_those_of_each():
    sizes = np.array([[3.0, 2.0, 4.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    hits = np.array([[3.0, 0.0, 2.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    found = np.stack(shares_of(hits, sizes), axis=1)
    assert found[0] == pytest.approx(np.stack(shares_of(hits[0], sizes[0])))
    assert found[1] == pytest.approx(np.stack(shares_of(hits[1], sizes[1])))


def test_a_mean_of_independent_values_has_students_interval():
    values = np.random.default_rng(0).uniform(0.2, 0.9, 50)
    found = mean_interval(values, range(50))
    low, high = stats.t.interval(0.95, 49, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    same = mean_interval([0.0] * 40, range(40), bounds=(-1, 1))
    assert same.low == pytest.approx(-same.high) and 0.15 < same.high < 0.25
    assert mean_interval([0.5, 0.7], [0, 0]).low == 0.0


def test_an_interval_of_sums_is_that_of_a_mean_where_it_is_one():
    chance = np.random.default_rng(1)
    clusters = np.arange(90) % 30
    values = chance.random(90)
    rows = np.stack([np.bincount(clusters, values), np.bincount(clusters)], axis=1)
    mean = mean_interval(values, clusters)
    assert interval_of_sums(rows, lambda sums: sums[..., 0] / sums[..., 1]) == mean


def test_coverage_of_the_interval_in_a_few_settings():
    """Bounds are three standard errors of 400 simulations around 93 and 97 %."""
    for model, kind, alike, accuracy in [
        ("beta", "1 to 10", 0.0, 0.25),
        ("beta", "20", 0.3, 0.5),
        ("copied", "skewed", 0.6, 0.9),
        ("copied", "5", 0.1, 0.1),
    ]:
        assert 0.89 < cover(model, 60, kind, alike, accuracy, 400) < 0.996


def test_few_right_answers_do_not_tell_that_subjects_do_not_matter():
    """Thirty subjects of twenty questions: one in ten may be right throughout, and none of them be drawn."""
    scattered = np.zeros((30, 20), dtype=bool)
    scattered[:12, 0] = True
    few = cluster_interval(scattered.ravel(), np.repeat(range(30), 20))
    assert few.accuracy == 0.02 and few.effect > 2.5 and few.high > 0.04
    scattered[:, 1:4] = True
    many = cluster_interval(scattered.ravel(), np.repeat(range(30), 20))
    assert many.accuracy == 0.17 and many.effect < 1.1


def test_the_effect_reaches_that_of_whole_subjects_where_no_answer_is_right():
    sizes = np.full((3, 30), 20.0)
    hits = np.zeros((3, 30))
    hits[0, :6], hits[1, 0] = 1.0, 1.0
    effect = shares_of(hits, sizes)[3]
    assert 1.5 < effect[0] < effect[1] < effect[2] == 20.0


@pytest.mark.parametrize("accuracy", ACCURACIES)
def test_coverage_of_thirty_single_questions_is_exact(accuracy):
    """Right answers are whole numbers: what lies above 97 % here would lie below 93 % without its outer two."""
    sizes = np.ones((31, 30))
    hits = (np.arange(30) < np.arange(31)[:, None]).astype(float)
    _, low, high, _ = shares_of(hits, sizes)
    chances = stats.binom.pmf(np.arange(31), 30, accuracy)
    held = np.flatnonzero((low <= accuracy) & (accuracy <= high))
    whole = chances[held].sum()
    assert 0.95 < whole < 0.975
    assert whole <= 0.97 or whole - chances[held[[0, -1]]].sum() < 0.93


@pytest.mark.slow
@pytest.mark.parametrize("setting", cells((30, 60, 200)), ids=str)
def test_coverage_from_thirty_clusters_up(setting):
    """93 to 97 % of 2,000; a cell outside is simulated 20,000 times, and may then only hold the truth too often."""
    for accuracy in ACCURACIES:
        if is_outside(cover(*setting, accuracy, 2000)):
            assert 0.93 <= cover(*setting, accuracy, AGAIN, 1) < (0.976 if setting[1] == 30 else 0.97), accuracy


@pytest.mark.slow
@pytest.mark.parametrize("setting", cells((10, 20)), ids=str)
def test_coverage_of_few_clusters(setting):
    found = [cover(*setting, accuracy, 5000) for accuracy in ACCURACIES]
    assert min(found) > 0.88 and max(found) < 0.995, found
