"""95 % intervals of shares and means whose questions come in clusters.

Questions about one subject are right or wrong together, so n questions tell as much as fewer independent ones. The
design effect (Kish 1965) divides n in the interval of Wilson (1927), which keeps its coverage near 0 and 1. It is
estimated twice: by the correlation within clusters (analysis of variance) at the sizes they have, which holds still
where sizes differ widely, and by the jackknife over clusters, which assumes nothing of sizes; of what the jackknife
finds beyond the first, a quarter is added. Near 0 and 1 it may be that no cluster of the rare kind was drawn, and then
nothing can be seen of a correlation: the smaller that share, the nearer the effect is to that of clusters which count
as a single question each. Student's t takes the place of the normal quantile as far as the variance is an estimate:
its degrees of freedom are Satterthwaite's, for as many clusters as their sizes are worth and the long tails of shares
near 0 and 1. How often the interval holds the truth: ``python -m benchmarks coverage``.
"""

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np

from gmai.types import record

INTERVALS = "2"
"""Version of the method, part of a score's identity: changed whenever an interval may come out otherwise."""
LEVEL = 0.95
_TAIL = (1 - LEVEL) / 2
_Z = NormalDist().inv_cdf(1 - _TAIL)
_UNSEEN = 1.7
"""How fast the doubt whether a cluster of the rare kind was drawn falls with their number; chosen by simulation."""


@record
class Interval:
    """A share or a mean and its 95 % interval."""

    accuracy: float
    low: float
    high: float
    clusters: int
    effect: float
    """The design effect: 1 means the questions are as good as independent."""


def cluster_interval(
    right: Sequence[bool], clusters: Sequence[int], weights: Sequence[float] | None = None
) -> Interval:
    """Estimate accuracy with its interval.

    With all answers right or all wrong nothing can be seen of the clusters, and each counts as a single question. One
    cluster alone says nothing about others: its interval is 0 to 1.

    Args:
        right: for each question, whether it was answered rightly; at least one.
        clusters: for each question, the number of its cluster, from 0.
        weights: for each question, how much it counts; by default one each.
    """
    sizes, hits = _sum_clusters(np.asarray(right, dtype=float), clusters, weights)
    total = float(sizes.sum())
    if len(sizes) == 1:
        return Interval(accuracy=float(hits.sum()) / total, low=0.0, high=1.0, clusters=1, effect=total)
    share, low, high, effect = (float(value) for value in shares_of(hits, sizes))
    return Interval(accuracy=share, low=low, high=high, clusters=len(sizes), effect=effect)


def shares_of(hits: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Share, low, high and design effect from right answers and questions of clusters, which lie on the last axis."""
    number, total = sizes.shape[-1], sizes.sum(-1)
    share = hits.sum(-1) / total
    effect = np.where(_is_edge(share), total / number, _design_effect(hits, sizes, share, total))
    freedom = _freedom(share, total / effect, effect, total**2 / (sizes**2).sum(-1))
    low, high = _wilson(share, total / effect, student_t(freedom))
    return share, low, high, effect


def _is_edge(share: np.ndarray) -> np.ndarray:
    return np.asarray((share <= 0.0) | (share >= 1.0))


def _design_effect(hits: np.ndarray, sizes: np.ndarray, share: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Never below 1, so that clusters that happen to agree do not narrow an interval."""
    number = sizes.shape[-1]
    spread = np.where(_is_edge(share), 1.0, share * (1 - share))
    without = (hits - share[..., None] * sizes) / (total[..., None] - sizes)
    jackknife = (number - 1) / number * (without**2).sum(-1) * total / spread
    weighted = (sizes**2).sum(-1) / total
    model = (1 + (weighted - 1) * _correlation(hits, sizes, share, total)) * number / (number - 1)
    found = np.maximum(1.0, model + np.maximum(0.0, jackknife - model) / 4)
    each, rare = total / number, np.minimum(share, 1 - share)
    unseen = (1 - rare) ** (_UNSEEN * number * weighted / each)
    return np.asarray(np.maximum(found, found ** (1 - unseen) * each**unseen))


def _correlation(hits: np.ndarray, sizes: np.ndarray, share: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Correlation within clusters by analysis of variance, 0 to 1; 0 where no cluster has two questions."""
    number = sizes.shape[-1]
    own = hits / sizes
    usual = (total - (sizes**2).sum(-1) / total) / (number - 1)
    between = (sizes * (own - share[..., None]) ** 2).sum(-1) / (number - 1)
    within = (hits * (1 - own)).sum(-1) / np.maximum(1.0, total - number)
    whole = between + (usual - 1) * within
    found = np.clip((between - within) / np.where(whole > 0, whole, 1.0), 0.0, 1.0)
    return np.asarray(np.where((total > number) & (whole > 0), found, 0.0))


def _freedom(share: np.ndarray, n: np.ndarray, effect: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """Degrees of freedom of the variance; without limit where it is that of independent questions."""
    inner = (share * n + 2) / (n + 4)
    tails = np.maximum(0.0, 1 / (inner * (1 - inner)) - 6)
    estimated = 2 / (tails / worth + 2 / np.maximum(1.0, worth - 1))
    return np.asarray(np.maximum(1.0, estimated * (effect / np.maximum(effect - 1, 1e-6)) ** 2))


def _wilson(share: np.ndarray, n: np.ndarray, quantile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    square = quantile**2 / n
    centre = (share + square / 2) / (1 + square)
    half = quantile * np.sqrt(share * (1 - share) / n + quantile**2 / (4 * n**2)) / (1 + square)
    return np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)


def student_t(freedom: float | np.ndarray) -> np.ndarray:
    """Upper 97.5 % point of Student's t: exact for one and two degrees of freedom, else Hill's expansion (1970).

    What is below three is rounded down.
    """
    given = np.asarray(freedom, dtype=float)
    z = _Z
    terms = [
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    ]
    large = sum(term / np.maximum(given, 3.0) ** power for power, term in enumerate(terms))
    two = (1 - 2 * _TAIL) * math.sqrt(2 / (4 * _TAIL * (1 - _TAIL)))
    return np.asarray(np.where(given < 2, math.tan(math.pi * (0.5 - _TAIL)), np.where(given < 3, two, large)))


def mean_interval(
    values: Sequence[float],
    clusters: Sequence[int],
    weights: Sequence[float] | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Interval:
    """Estimate a mean of numbers within bounds, or of paired differences: cluster-robust, with Student's t.

    Where every cluster says the same, the interval is that of a share of which none was seen in so many clusters.

    Args:
        values: one for each question; at least one.
        clusters: for each question, the number of its cluster, from 0.
        weights: for each question, how much it counts; by default one each.
        bounds: least and largest value there can be.
    """
    sizes, sums = _sum_clusters(np.asarray(values, dtype=float), clusters, weights)
    return interval_of_sums(np.stack([sums, sizes], axis=1), lambda total: total[..., 0] / total[..., 1], bounds)


def interval_of_sums(
    sums: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], bounds: tuple[float, float] = (0.0, 1.0)
) -> Interval:
    """Estimate what is computed from sums over clusters, by the jackknife that leaves one cluster out.

    Args:
        sums: a row for each cluster, its last column the questions in it.
        statistic: what is computed of a row of sums, or of several, on the last axis.
        bounds: least and largest value there can be.
    """
    number, total = len(sums), sums.sum(0)
    found = float(statistic(total))
    lowest, highest = bounds
    if number == 1:
        return Interval(accuracy=found, low=lowest, high=highest, clusters=1, effect=float(total[-1]))
    parts = statistic(total - sums)
    variance = (number - 1) / number * float(((parts - parts.mean()) ** 2).sum())
    worth = float(total[-1] ** 2 / (sums[:, -1] ** 2).sum())
    quantile = float(student_t(max(1.0, worth - 1)))
    half = quantile * math.sqrt(variance)
    if variance < 1e-18:
        none = np.zeros(1)
        half = float(_wilson(none, none + number, none + quantile)[1][0]) * (highest - lowest)
    low, high = max(lowest, found - half), min(highest, found + half)
    return Interval(accuracy=found, low=low, high=high, clusters=number, effect=float(total[-1]) / number)


def _sum_clusters(
    values: np.ndarray, clusters: Sequence[int], weights: Sequence[float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Questions and sum of values of each cluster that has any."""
    numbers = np.asarray(clusters)
    counted = np.ones(len(numbers)) if weights is None else np.asarray(weights, dtype=float)
    sizes = np.bincount(numbers, weights=counted)
    sums = np.bincount(numbers, weights=values * counted)
    return sizes[sizes > 0], sums[sizes > 0]
