"""Measures of answers: a file for each family, named in ``SCORERS`` of the room; pure functions of graded answers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gmai.base import Interval, cluster_interval, mean_interval
from gmai.evaluate.clusters import FEW
from gmai.evaluate.grading import Graded, weigh
from gmai.types import Measure


@dataclass(frozen=True, slots=True)
class Found:
    """One number: what it is called behind its scorer's name, of how many questions, and its interval if it has one."""

    metric: str
    n: int
    value: float
    interval: Interval | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """How many answers could not be read, and how many of these decline or are not there."""

    invalid: int
    refusals: int
    errors: int


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


def share_interval(answers: Sequence[Graded], holds: Sequence[bool]) -> Interval:
    """The share of answers of which something holds; twins count once."""
    return cluster_interval(holds, clusters_of(answers), weigh(answers))


def share(metric: str, answers: Sequence[Graded], holds: Sequence[bool], note: str = "") -> Found:
    """A share of answers with its interval; twins count once."""
    interval = share_interval(answers, holds)
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


def count_unread(answers: Sequence[Graded]) -> Unread:
    """What could not be read of these."""
    return Unread(
        invalid=sum(answer.is_invalid for answer in answers),
        refusals=sum(answer.is_refusal for answer in answers),
        errors=sum(answer.is_error for answer in answers),
    )


def as_measure(found: Found, axis: str, node: str, unread: Unread) -> Measure:
    """A number as it is written down: of which node, rounded, marked where clusters are few."""
    interval = found.interval
    return Measure(
        metric=found.metric,
        axis=axis,
        node=node,
        n=found.n,
        value=round(found.value, 6),
        low=None if interval is None else round(interval.low, 6),
        high=None if interval is None else round(interval.high, 6),
        clusters=0 if interval is None else interval.clusters,
        invalid=unread.invalid,
        refusals=unread.refusals,
        errors=unread.errors,
        few=interval is not None and interval.clusters < FEW,
        note=found.note,
    )
