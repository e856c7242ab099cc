"""How well predicted panels agree with the true ones: pairs by overlap, and ImageCLEF's score of separation."""

from collections.abc import Sequence

import numpy as np

from gmai.pmc.panels.layouts import Box

SEPARATED = 2 / 3
"""ImageCLEF counts a panel as separated from this overlap on; here of the larger of the two boxes, which is stricter
than of the predicted one."""


def find_iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    shared = _shared(a, b)
    return shared / (_area(a) + _area(b) - shared) if shared else 0.0


def pair_boxes(true: Sequence[Box], found: Sequence[Box], least: float) -> list[tuple[int, int]]:
    """Pair true with found boxes, best overlap first, each used once, none below ``least``."""
    overlaps = sorted(((-find_iou(a, b), i, j) for i, a in enumerate(true) for j, b in enumerate(found)))
    return _take(overlaps, least)


def score_separation(true: Sequence[Box], found: Sequence[Box]) -> float:
    """Score of one figure: panels separated over the larger of both counts."""
    larger = sorted(
        (-_shared(a, b) / max(_area(a), _area(b), 1), i, j) for i, a in enumerate(true) for j, b in enumerate(found)
    )
    return len(_take(larger, SEPARATED)) / max(len(true), len(found), 1)


def drop_ignored(found: Sequence[Box], ignored: Sequence[Box]) -> list[Box]:
    """Leave out boxes that lie for the most part in regions that count neither for nor against."""
    return [box for box in found if all(_shared(box, region) <= 0.5 * _area(box) for region in ignored)]


def find_interval(per_figure: Sequence[tuple[float, float]], draws: int = 2000) -> tuple[float, float, float]:
    """A ratio of sums over figures and its 95 % interval, by a bootstrap over figures."""
    counts = np.asarray(per_figure, float).reshape(-1, 2)
    picks = np.random.default_rng(0).integers(0, len(counts), (draws, len(counts)))
    sums = counts[picks].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / np.maximum(sums[:, 1], 1e-9), (0.025, 0.975))
    return float(counts[:, 0].sum() / max(counts[:, 1].sum(), 1e-9)), float(low), float(high)


def _take(overlaps: list[tuple[float, int, int]], least: float) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    used: tuple[set[int], set[int]] = (set(), set())
    for negative, i, j in overlaps:
        if -negative >= least and i not in used[0] and j not in used[1]:
            pairs.append((i, j))
            used[0].add(i)
            used[1].add(j)
    return pairs


def _shared(a: Box, b: Box) -> int:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
