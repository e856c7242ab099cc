"""Closed outlines to pixels: a pixel is inside if its centre is, by the even-odd rule, so that holes stay holes."""

from collections.abc import Sequence

import numpy as np

_DIGITS = 6
"""Points are taken to a millionth of a pixel, so that a centre that lies on an edge is decided alike everywhere."""


def fill_outlines(outlines: Sequence[np.ndarray], height: int, width: int) -> np.ndarray:
    """Pixels whose centre lies inside an odd number of outlines.

    An outline that bounds a hole, inside another or joined to it by a keyhole, is left open. A centre on an edge
    belongs to what lies right of it and below it, so that outlines that share an edge share no pixel.

    Args:
        outlines: each (points, 2) as x, y with pixel centres at whole numbers; closed from the last to the first point.
        height: rows of the picture.
        width: columns; what lies outside is cut off.

    Returns:
        bool (height, width).
    """
    crossings = np.zeros((height, width + 1), np.int32)
    for outline in outlines:
        points = np.round(outline, _DIGITS)
        rows, columns = _cross_rows(points, np.roll(points, -1, axis=0), height)
        np.add.at(crossings, (rows, np.clip(np.ceil(np.round(columns, _DIGITS)), 0, width).astype(np.intp)), 1)
    inside: np.ndarray = np.cumsum(crossings[:, :width], axis=1) % 2 == 1
    return inside


def _cross_rows(starts: np.ndarray, ends: np.ndarray, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Where edges cross the middle of a row: the rows, and x of each crossing."""
    upper = np.where(starts[:, 1:] <= ends[:, 1:], starts, ends)
    lower = np.where(starts[:, 1:] <= ends[:, 1:], ends, starts)
    first = np.clip(np.ceil(upper[:, 1]), 0, height).astype(np.intp)
    last = np.clip(np.ceil(lower[:, 1]), 0, height).astype(np.intp)  # rows from upper y up to, not with, lower y
    counts = last - first
    edges = np.repeat(np.arange(len(counts)), counts)
    rows = np.arange(len(edges)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edges]
    slope = (rows - upper[edges, 1]) / (lower[edges, 1] - upper[edges, 1])
    return rows, upper[edges, 0] + slope * (lower[edges, 0] - upper[edges, 0])


def outline_area(outline: np.ndarray) -> float:
    """Exact area inside a closed outline (points, 2) that does not cross itself."""
    x, y = outline[:, 0], outline[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)
