"""From the whole down to single labels: every place of the tree of a benchmark, scored for every row of the board."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from gmai.base import cluster_interval
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
        yield from _iter_below(rows, range(len(rows[0].answers)), (), least)


def _iter_below(rows: Sequence[Row], members: Sequence[int], path: tuple[str, ...], least: int) -> Iterator[Place]:
    if len(members) < least:
        return
    yield _reach(rows, members, path)
    if len(path) == len(LEVELS):
        return
    name_of = list(LEVELS.values())[len(path)]
    groups: dict[str, list[int]] = {}
    for member in members:
        groups.setdefault(name_of(rows[0].answers[member].question) or NOT_KNOWN, []).append(member)
    for name in sorted(groups):
        yield from _iter_below(rows, groups[name], (*path, name), least)


def _reach(rows: Sequence[Row], members: Sequence[int], path: tuple[str, ...]) -> Place:
    first = [rows[0].answers[member] for member in members]
    clusters, weights = clusters_of(first), weigh(first)
    reached = tuple(_measure([row.answers[member] for member in members], clusters, weights) for row in rows)
    level = list(LEVELS)[len(path) - 1] if path else "all"
    chance = round(chance_level(first), 6)
    return Place(path=path, level=level, n=len(members), clusters=max(clusters) + 1, chance=chance, reached=reached)


def _measure(answers: Sequence[Graded], clusters: Sequence[int], weights: Sequence[float]) -> Reached:
    found = cluster_interval([answer.right for answer in answers], clusters, weights)
    return Reached(accuracy=round(found.accuracy, 6), low=round(found.low, 6), high=round(found.high, 6))
