"""What may be told of scores whose key is secret: few numbers, rounded, of nodes that are large, and their complements.

A node of two questions tells two answers. So nodes below a stated size are not told, nor those from which so few could
be had by subtraction: on every axis the hidden nodes together are as large as a node must be, and so is what a node
leaves of another that holds all of it. Shares are rounded to whole percents. What remains is bounded: a number out of
101 tells at most 6.7 bits.
"""

import math
from collections.abc import Sequence

from gmai.types import Question, Score, record

LEVELS = 101
"""Values that a published share can have: 0 % to 100 %."""
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
    """Rounded to whole percents, as is the interval, outwards."""
    low: float
    high: float
    chance: float


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
    return round(len(nodes) * NUMBERS * math.log2(LEVELS), 1)


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
    return Node(
        axis=score.axis,
        node=score.node,
        n=score.n,
        accuracy=round(score.accuracy, 2),
        low=math.floor(score.low * 100) / 100,
        high=math.ceil(score.high * 100) / 100,
        chance=score.chance,
    )
