"""Macro accuracy: the mean of the accuracies of an axis's nodes, however many questions each has."""

from collections.abc import Iterator, Sequence

import numpy as np

from gmai.base import Interval, student_t
from gmai.evaluate.grading import Graded, weigh
from gmai.evaluate.nodes import AXES
from gmai.evaluate.scorers import Found, Scorer, clusters_of

_AXES = ("kind", "task", "department", "modality", "granularity")


def macro_interval(
    right: Sequence[bool], clusters: Sequence[int], nodes: Sequence[int], weights: Sequence[float]
) -> Interval:
    """Mean of nodes' accuracies; its variance from what each cluster moves it by (linearised), with Student's t.

    Of a node with one cluster nothing can be seen: its accuracy is given the largest variance a share can have.
    """
    counted, rows, columns = np.asarray(weights), np.asarray(clusters), np.asarray(nodes)
    shape = (int(rows.max()) + 1, int(columns.max()) + 1)
    sizes, hits = np.zeros(shape), np.zeros(shape)
    np.add.at(sizes, (rows, columns), counted)
    np.add.at(hits, (rows, columns), counted * np.asarray(right, dtype=float))
    shares = hits.sum(0) / sizes.sum(0)
    there = sizes > 0
    known = there.sum(0)
    moved = ((hits - sizes * shares) / sizes.sum(0)).sum(1) / shape[1]
    number = shape[0]
    variance = float((moved**2).sum()) * number / max(1, number - 1)
    variance += 0.25 * float((known == 1).sum()) / shape[1] ** 2
    edge = (known > 1) & ((shares == 0) | (shares == 1))
    variance += float((1 / (known[edge] + 4)).sum()) / shape[1] ** 2 / 4
    found = float(shares.mean())
    worth = float(sizes.sum() ** 2 / (sizes.sum(1) ** 2).sum())
    half = float(student_t(max(1.0, worth - 1))) * variance**0.5
    low, high = (max(0.0, found - half), min(1.0, found + half)) if number > 1 else (0.0, 1.0)
    return Interval(accuracy=found, low=low, high=high, clusters=number, effect=1.0)


def _measure(answers: Sequence[Graded]) -> Iterator[Found]:
    right = [answer.right for answer in answers]
    for axis in _AXES:
        names: dict[str, int] = {}
        nodes = [names.setdefault(AXES[axis](answer.question), len(names)) for answer in answers]
        if len(names) > 1:
            interval = macro_interval(right, clusters_of(answers), nodes, weigh(answers))
            yield Found(f"macro.{axis}", len(answers), interval.accuracy, interval, f"mean of {len(names)} nodes")


SCORER = Scorer(version="1", fits=lambda answer: True, measure=_measure, nodes="overall")
