"""Measures of answers: a file for each family, named in ``SCORERS`` of the room; pure functions of graded answers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gmai.base import Interval, cluster_interval, mean_interval
from gmai.evaluate.grading import Graded, weigh


@dataclass(frozen=True, slots=True)
class Found:
    """One number: what it is called behind its scorer's name, of how many questions, and its interval if it has one."""

    metric: str
    n: int
    value: float
    interval: Interval | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scorer:
    """A family of measures."""

    version: str
    """Part of a score's identity: changed whenever a number may come out otherwise."""
    fits: Callable[[Graded], bool]
    """Which answers it measures; nodes without any have no such measure."""
    measure: Callable[[Sequence[Graded]], Iterable[Found]]
    """Measures the fitting answers of one node."""
    nodes: Literal["all", "overall"] = "all"
    """Whether every node is measured, or the whole alone."""


def share(metric: str, answers: Sequence[Graded], holds: Sequence[bool], note: str = "") -> Found:
    """A share of answers with its interval; twins count once."""
    interval = cluster_interval(holds, clusters_of(answers), weigh(answers))
    return Found(metric, len(answers), interval.accuracy, interval, note)


def mean(metric: str, answers: Sequence[Graded], values: Sequence[float], note: str = "") -> Found:
    """A mean of values from 0 to 1 with its interval; twins count once."""
    interval = mean_interval(values, clusters_of(answers), weigh(answers))
    return Found(metric, len(answers), interval.accuracy, interval, note)


def clusters_of(answers: Sequence[Graded]) -> list[int]:
    """The cluster of each answer, numbered from 0 among these."""
    numbers: dict[int, int] = {}
    return [numbers.setdefault(answer.cluster, len(numbers)) for answer in answers]


def cluster_sums(answers: Sequence[Graded], columns: Sequence[Sequence[float]]) -> np.ndarray:
    """A row for each cluster: the weighted sum of every column, and last the questions in it, twins once."""
    clusters, weights = clusters_of(answers), np.asarray(weigh(answers))
    sums = [np.bincount(clusters, np.asarray(column, dtype=float) * weights) for column in columns]
    return np.stack([*sums, np.bincount(clusters, weights)], axis=1)
