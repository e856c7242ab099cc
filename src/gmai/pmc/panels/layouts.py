"""Where the cells of a made figure lie: grids, rows of their own widths, and splits within splits."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Box = tuple[int, int, int, int]
Plan = Literal["grid", "rows", "nested"]

_LEAST_PX = 90
"""No cell is cut below this side."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Cells in reading order, each with the pictures inside it."""

    plan: Plan
    size: tuple[int, int]
    """Width and height in pixels."""
    gutter_px: int
    cells: tuple[tuple[Box, ...], ...]
    """For each letter the boxes of its pictures: one, or a small grid of them."""


def draw_layout(rng: np.random.Generator) -> Layout:
    """Draw a layout: 40 % even grids, 30 % rows, 30 % nested; 30 % without any gutter."""
    plan: Plan = "grid" if (chance := rng.random()) < 0.4 else "rows" if chance < 0.7 else "nested"
    size = int(rng.integers(560, 1400)), int(rng.integers(360, 1200))
    gutter = 0 if (chance := rng.random()) < 0.3 else int(rng.integers(1, 5) if chance < 0.5 else rng.integers(5, 36))
    margin = int(rng.integers(0, 12))
    whole = (margin, margin, size[0] - margin, size[1] - margin)
    cells = _PLANS[plan](rng, whole, gutter)
    grouped = rng.random() < 0.3
    inner = min(gutter, int(rng.integers(0, 7)))
    return Layout(plan, size, gutter, tuple(_fill(rng, cell, inner, grouped) for cell in cells))


def cut_evenly(box: Box, axis: int, num: int, gutter: int) -> list[Box]:
    """Cut a box into equal parts along x (0) or y (1); what does not divide goes to the last one."""
    return _cut(box, axis, np.full(num, 1 / num), gutter)


def _cut(box: Box, axis: int, shares: np.ndarray, gutter: int) -> list[Box]:
    start, end = box[axis], box[axis + 2]
    room = end - start - gutter * (len(shares) - 1)
    ends = np.rint(np.cumsum(shares) * room).astype(int)
    begins = np.concatenate([[0], ends[:-1]])
    parts = []
    for index, (a, b) in enumerate(zip(begins, ends, strict=True)):
        low, high = start + int(a) + index * gutter, start + int(b) + index * gutter
        parts.append((low, box[1], high, box[3]) if axis == 0 else (box[0], low, box[2], high))
    return parts


def _grid(rng: np.random.Generator, box: Box, gutter: int) -> list[Box]:
    rows, columns = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    if rows * columns == 1:
        columns = 2
    return [cell for row in cut_evenly(box, 1, rows, gutter) for cell in cut_evenly(row, 0, columns, gutter)]


def _rows(rng: np.random.Generator, box: Box, gutter: int) -> list[Box]:
    heights = rng.uniform(0.6, 1.4, int(rng.integers(1, 4)))
    cells = []
    for row in _cut(box, 1, heights / heights.sum(), gutter):
        widths = rng.uniform(0.5, 1.5, int(rng.integers(2, 5)))
        cells += _cut(row, 0, widths / widths.sum(), gutter)
    return cells


def _nested(rng: np.random.Generator, box: Box, gutter: int, depth: int = 0) -> list[Box]:
    width, height = box[2] - box[0], box[3] - box[1]
    axis = 0 if width > height * rng.uniform(0.7, 1.4) else 1
    long = (width, height)[axis]
    if depth and (depth > 3 or long < 3 * _LEAST_PX or rng.random() < 0.3):
        return [box]
    share = rng.uniform(0.3, 0.7)
    parts = _cut(box, axis, np.array([share, 1 - share]), gutter)
    return [cell for part in parts for cell in _nested(rng, part, gutter, depth + 1)]


def _fill(rng: np.random.Generator, cell: Box, gutter: int, grouped: bool) -> tuple[Box, ...]:
    rows, columns = (int(rng.integers(1, 3)), int(rng.integers(1, 4))) if grouped and rng.random() < 0.5 else (1, 1)
    if min((cell[2] - cell[0]) // columns, (cell[3] - cell[1]) // rows) < _LEAST_PX:
        return (cell,)
    return tuple(part for row in cut_evenly(cell, 1, rows, gutter) for part in cut_evenly(row, 0, columns, gutter))


_PLANS = {"grid": _grid, "rows": _rows, "nested": _nested}
