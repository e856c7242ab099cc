"""What may be told of scores whose key is secret: few numbers, rounded, of nodes that are large, and their complements.

A node of two questions tells two answers. So nodes below a stated size are not told, nor those from which so few could
be had by subtraction: on every axis the hidden nodes together are as large as a node must be, and so is what a node
leaves of another that holds all of it. Shares are rounded to steps of a quarter of a usual 95 % interval (1 / 2√n), so
that one answer more or less is seldom seen, and what is seen is bounded: three numbers, of 100 / step + 1 values each.
"""

import math
from collections.abc import Sequence

from gmai.types import Question, Score, record

NUMBERS = 3
"""Shares told of a node: accuracy and both ends of its interval."""
AXES = ("kind", "task", "department", "modality", "granularity")
"""Axes that are told beside ``overall``; each divides the questions."""


@record
class Node:
    """One node as it is told."""

    axis: str
    node: str
    n: int
    accuracy: float
    """Rounded to steps, as is the interval, outwards."""
    low: float
    high: float
    chance: float
    step: float
    """Distance between two values that can be told."""


def publish(scores: Sequence[Score], keys: Sequence[Question], least: int) -> tuple[Node, ...]:
    """The nodes that may be told, in their order.

    Args:
        scores: every node of every axis.
        keys: the questions scored.
        least: questions that a node must have, as must whatever is left when nodes are taken from one another.
    """
    safe = [score for axis in _axes(scores) for score in _find_safe(axis, least)]
    told: list[tuple[Score, frozenset[int]]] = []
    for score in sorted(safe, key=lambda score: (-score.n, score.axis != "overall")):
        mine = _find_members(score, keys)
        if not any(mine < other and len(other) - len(mine) < least for _, other in told):
            told.append((score, mine))
    shown = {id(score) for score, _ in told}
    return tuple(_round(score) for score in scores if id(score) in shown)


def tell_bits(nodes: Sequence[Node]) -> float:
    """What the numbers of these nodes tell of a key at most, in bits."""
    return round(sum(NUMBERS * math.log2(math.ceil(1 / node.step) + 1) for node in nodes), 1)


def find_step(n: int) -> float:
    """Step of a node of so many questions: whole percents, at least one, a quarter of a usual 95 % interval."""
    return max(1, math.ceil(50 / math.sqrt(n))) / 100


def _axes(scores: Sequence[Score]) -> list[list[Score]]:
    """Nodes by axis; axes that cross two others have small nodes and are left out."""
    axes: dict[str, list[Score]] = {}
    for score in scores:
        if score.axis in ("overall", *AXES):
            axes.setdefault(score.axis, []).append(score)
    return list(axes.values())


def _find_safe(axis: Sequence[Score], least: int) -> list[Score]:
    shown = sorted((score for score in axis if score.n >= least), key=lambda score: (score.n, score.node))
    hidden = sum(score.n for score in axis) - sum(score.n for score in shown)
    while axis[0].axis != "overall" and shown and 0 < hidden < least:
        hidden += shown.pop(0).n
    return shown


def _find_members(score: Score, keys: Sequence[Question]) -> frozenset[int]:
    """Indices of a node's questions; of ``overall`` all, or those that do not ask for the modality."""
    if score.axis == "overall":
        whole = score.n == len(keys)
        return frozenset(question.index for question in keys if whole or question.kind != "modality")
    return frozenset(question.index for question in keys if getattr(question, score.axis) == score.node)


def _round(score: Score) -> Node:
    step = find_step(score.n)
    return Node(
        axis=score.axis,
        node=score.node,
        n=score.n,
        accuracy=_to_step(round(score.accuracy / step), step),
        low=_to_step(math.floor(score.low / step), step),
        high=_to_step(math.ceil(score.high / step), step),
        chance=score.chance,
        step=step,
    )


def _to_step(steps: int, step: float) -> float:
    return min(1.0, round(steps * step, 2))
