"""From the whole down to single labels: every place of the tree of a benchmark, scored for every row of the board."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from gmai.base import shares_of
from gmai.bench import LETTERS
from gmai.evaluate.boards.entries import Row
from gmai.evaluate.grading import Graded, weigh
from gmai.evaluate.scorers import clusters_of
from gmai.evaluate.scorers.accuracy import chance_level
from gmai.types import Question, record

NOT_KNOWN = "not told"


@record
class Reached:
    """What a row of the board reached at one place."""

    accuracy: float
    low: float
    high: float


@record
class Place:
    """One place of the tree, with what every row reached there, in their order."""

    path: tuple[str, ...]
    """Names from the top; empty for the whole."""
    level: str
    n: int
    clusters: int
    chance: float
    reached: tuple[Reached, ...]


def label_of(question: Question) -> str:
    """Text of the right option or options, or the answer in words."""
    if not question.options:
        return question.answer
    return "; ".join(question.options[LETTERS.index(letter)] for letter in sorted(question.answer))


LEVELS: Mapping[str, Callable[[Question], str]] = {
    "task": lambda question: question.task,
    "department": lambda question: question.department,
    "modality": lambda question: question.modality,
    "granularity": lambda question: question.granularity,
    "label": label_of,
}


def iter_places(rows: Sequence[Row], least: int = 1) -> Iterator[Place]:
    """Yield the places with at least so many questions, each before those below it.

    Args:
        rows: rows with their answers, all to the same questions in the same order.
        least: questions that a place must have to be shown.
    """
    if rows and all(row.answers for row in rows):
        right = np.array([[answer.right for answer in row.answers] for row in rows], dtype=float)
        yield from _iter_below(rows[0].answers, right, range(len(rows[0].answers)), (), least)


def _iter_below(
    answers: Sequence[Graded], right: np.ndarray, members: Sequence[int], path: tuple[str, ...], least: int
) -> Iterator[Place]:
    if len(members) < least:
        return
    yield _reach([answers[member] for member in members], right[:, members], path)
    if len(path) == len(LEVELS):
        return
    name_of = list(LEVELS.values())[len(path)]
    groups: dict[str, list[int]] = {}
    for member in members:
        groups.setdefault(name_of(answers[member].question) or NOT_KNOWN, []).append(member)
    for name in sorted(groups):
        yield from _iter_below(answers, right, groups[name], (*path, name), least)


def _reach(answers: Sequence[Graded], right: np.ndarray, path: tuple[str, ...]) -> Place:
    clusters, weights = clusters_of(answers), np.asarray(weigh(answers))
    sizes = np.bincount(clusters, weights)
    hits = np.stack([np.bincount(clusters, row * weights) for row in right])
    level = list(LEVELS)[len(path) - 1] if path else "all"
    chance = round(chance_level(answers), 6)
    reached = tuple(_iter_reached(hits, np.broadcast_to(sizes, hits.shape)))
    return Place(path=path, level=level, n=len(answers), clusters=len(sizes), chance=chance, reached=reached)


def _iter_reached(hits: np.ndarray, sizes: np.ndarray) -> Iterator[Reached]:
    """As :func:`gmai.base.cluster_interval`, of all rows at once; one cluster alone says nothing about others."""
    if sizes.shape[-1] == 1:
        share = hits.sum(-1) / sizes.sum(-1)
        low, high = np.zeros_like(share), np.ones_like(share)
    else:
        share, low, high, _ = shares_of(hits, sizes)
    for values in zip(share, low, high, strict=True):
        accuracy, least, most = (round(float(value), 6) for value in values)
        yield Reached(accuracy=accuracy, low=least, high=most)
