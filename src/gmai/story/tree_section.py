"""The section of the lexical tree: the last model's accuracy at every node of every axis, with its interval."""

from markupsafe import Markup

from gmai.report import (
    Cell,
    Column,
    Node,
    Section,
    count_cell,
    figure,
    forest,
    interval_cell,
    share_cell,
    table,
)
from gmai.story.evaluations import Evaluation
from gmai.types import Score

AXES = {"task": "Clinical task", "department": "Department", "modality": "Modality", "granularity": "Granularity"}


def build_tree_section(final: Evaluation) -> Section | None:
    """Section of the tree; None if the scores name no node."""
    scores = [score for axis in AXES for score in sorted(final.of(axis), key=lambda s: (-s.n, s.node))]
    if not scores:
        return None
    nodes = [Node(AXES[s.axis], s.node, s.accuracy, s.low, s.high, s.n, s.chance) for s in scores]
    caption = (
        "Accuracy at each node with its 95 % interval, clustered by subject; the short grey stroke is chance at that "
        "node. Where an interval touches the stroke, nothing can be claimed."
    )
    body = figure(lambda width: forest(nodes, f"Accuracy by node, {final.name}", width), caption) + _table(scores)
    lead = f"Where the last model ({final.name}) is good and where it is not, cut four ways."
    data = [
        {"axis": s.axis, "node": s.node, "n": s.n, "accuracy": s.accuracy, "low": s.low, "high": s.high} for s in scores
    ]
    return Section("tree", "Along the tree", body, lead, {"nodes": data})


def _table(scores: list[Score]) -> Markup:
    columns = [Column("Node"), Column("Axis"), Column("n", numeric=True), Column("Subjects", numeric=True)]
    columns += [
        Column("Accuracy", numeric=True),
        Column("95\u202f% interval", numeric=True),
        Column("Chance", numeric=True),
    ]
    rows: list[list[Cell | str]] = [
        [
            score.node,
            AXES[score.axis],
            count_cell(score.n),
            count_cell(score.clusters),
            share_cell(score.accuracy),
            interval_cell(score.low, score.high),
            share_cell(score.chance),
        ]
        for score in scores
    ]
    return table(columns, rows, "The numbers of the figure; click a heading to sort")
