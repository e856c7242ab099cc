"""How far each subgroup is from the rest: the gap in accuracy, its interval, a mark where it is too small to tell."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from gmai.base import interval_of_sums
from gmai.evaluate.grading import Graded
from gmai.evaluate.nodes import UNKNOWN, find_subgroups
from gmai.evaluate.scorers import Found, as_measure, cluster_sums, count_unread
from gmai.types import Measure


def iter_gaps(answers: Sequence[Graded]) -> Iterator[Measure]:
    """Yield ``accuracy.gap`` of every subgroup: its accuracy less that of all others whose trait is known.

    A subgroup with fewer than two clusters on either side gets the whole range for an interval.
    """
    groups = find_subgroups(answers)
    for (axis, node), group in groups.items():
        others = [ones for (other, name), ones in groups.items() if other == axis and name not in (node, UNKNOWN)]
        if node != UNKNOWN and others:
            yield _gap(axis, node, group, [one for ones in others for one in ones])


def _gap(axis: str, node: str, group: Sequence[Graded], rest: Sequence[Graded]) -> Measure:
    both, inside = [*group, *rest], [True] * len(group) + [False] * len(rest)
    small = len(group) <= len(rest)
    columns = [
        [mine and answer.right for answer, mine in zip(both, inside, strict=True)],
        [not mine and answer.right for answer, mine in zip(both, inside, strict=True)],
        [mine != small for mine in inside],
        [mine == small for mine in inside],
    ]
    sums = cluster_sums(both, columns)[:, :4]
    clusters = int(min(np.count_nonzero(sums[:, 2]), np.count_nonzero(sums[:, 3])))
    found = interval_of_sums(sums, partial(_difference, small=small), (-1.0, 1.0))
    low, high = (found.low, found.high) if clusters > 1 else (-1.0, 1.0)
    interval = replace(found, low=low, high=high, clusters=clusters)
    note = f"less the accuracy of the other {len(rest)}; clusters are those of the smaller side"
    return as_measure(
        Found("accuracy.gap", len(group), found.accuracy, interval, note), axis, node, count_unread(group)
    )


def _difference(sums: np.ndarray, small: bool) -> np.ndarray:
    """Accuracy of the group less that of the rest; the smaller of the two is counted in the last column."""
    mine, theirs = (sums[..., 3], sums[..., 2]) if small else (sums[..., 2], sums[..., 3])
    return np.asarray(sums[..., 0] / np.maximum(mine, 1e-12) - sums[..., 1] / np.maximum(theirs, 1e-12))
