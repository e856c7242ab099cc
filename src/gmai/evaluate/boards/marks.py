"""Which rows can be told from the best one: by a paired test on the same questions, else by intervals."""

from collections.abc import Sequence

import numpy as np

from gmai.evaluate.boards.entries import Apart, Group, Row, mark
from gmai.evaluate.comparing import LEVEL, correct, swap_clusters
from gmai.evaluate.grading import Graded, weigh
from gmai.evaluate.scorers import clusters_of

SWAPS = 9_999
PAIRED = (
    "A row is not separable from the best one if a paired permutation test by cluster on the same questions gives "
    f"p ≥ {LEVEL}, corrected for the number of rows (Holm)."
)
OVERLAP = (
    "A row is not separable from the best one if their 95 % intervals overlap. The answers to single questions are not "
    "here for a paired test, which could tell more."
)
MIXED = "Rows were read or scored by different versions of the rules; small differences may come from that."


def mark_group(group: Group) -> Group:
    """The group with each row held against the best, and the rule by which that was done."""
    if len(group.rows) < 2:
        return group
    paired = all(row.answers for row in group.rows)
    rows = _mark_paired(group.rows) if paired else _mark_overlap(group.rows)
    mixed = len({str(sorted((row.entry.versions or {}).items())) for row in group.rows}) > 1
    return Group(group.data, tuple(rows), " ".join([PAIRED if paired else OVERLAP, *([MIXED] if mixed else [])]))


def _mark_paired(rows: Sequence[Row]) -> list[Row]:
    best, others = rows[0], rows[1:]
    values = correct([_test(best.answers, row.answers) for row in others])
    marked: list[tuple[Apart, float]] = [("no" if p >= LEVEL else "yes", p) for p in values]
    return [mark(best, "best"), *(mark(row, *told) for row, told in zip(others, marked, strict=True))]


def _test(best: Sequence[Graded], other: Sequence[Graded]) -> float:
    differences = [float(a.right) - float(b.right) for a, b in zip(best, other, strict=True)]
    weighted = np.asarray(differences) * np.asarray(weigh(best))
    return swap_clusters(np.bincount(clusters_of(best), weighted), SWAPS)


def _mark_overlap(rows: Sequence[Row]) -> list[Row]:
    wholes = [row.entry.whole for row in rows]
    best = wholes[0]
    marked = [mark(rows[0], "best")]
    for row, whole in zip(rows[1:], wholes[1:], strict=True):
        if best is None or whole is None:
            marked.append(row)
        else:
            marked.append(mark(row, "yes" if whole.high < best.low else "no"))
    return marked
