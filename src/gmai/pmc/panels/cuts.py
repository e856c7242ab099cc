"""Where a cell of a figure may be cut: gutters of white or black, and lines along which two pictures touch."""

from dataclasses import dataclass

import numpy as np

from gmai.pmc.panels.layouts import Box
from gmai.pmc.panels.signals import Signals

_SEGMENTS = 8


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of a cut; shares are of the longer side of the figure unless said otherwise."""

    least_side: float = 0.07
    white: float = 0.97
    """So much of a gutter is white: a letter may cross it."""
    chart_white: float = 0.9985
    chart_gutter: float = 0.012
    dense: float = 0.55
    """From this share of content on, what lies beside a cut is a picture, below it a chart or words."""
    stands_out: float = 2.4
    """So many times steeper than its surroundings is a line between two pictures."""
    least_step: float = 9.0
    dark: float = 0.985
    ridge: float = 0.7
    """In so many rows a thin line is brighter, or darker, than both its sides."""
    strays: int = 1
    """Segments of a line, of eight, that need not stand out."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut of a cell: between ``low`` and ``high`` along an axis (0: x, 1: y), the better the higher its worth."""

    axis: int
    low: int
    high: int
    worth: float
    how: str


def find_cut(signals: Signals, cell: Box, rules: Rules) -> Cut | None:
    """Find the best cut of a cell, if any."""
    if cell[0] == cell[2] or cell[1] == cell[3]:
        return None
    found = [cut for axis in (0, 1) for cut in _white_cuts(signals, cell, axis, rules)]
    if not found and _density(signals, cell) >= rules.dense:
        for axis in (0, 1):
            found += _dark_cuts(signals, cell, axis, rules)
            found += _line_cuts(signals, cell, axis, rules)
            found += _ridge_cuts(signals, cell, axis, rules)
    return max(found, key=lambda cut: cut.worth, default=None)


def trim(signals: Signals, cell: Box) -> Box:
    """Take a white margin off a cell."""
    x0, y0, x1, y1 = cell
    content = ~signals.white_HW[y0:y1, x0:x1]
    columns, rows = np.flatnonzero(content.any(axis=0)), np.flatnonzero(content.any(axis=1))
    if not len(columns):
        return (x0, y0, x0, y0)
    return x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1


def split(cell: Box, cut: Cut) -> tuple[Box, Box]:
    """The two sides of a cut."""
    x0, y0, x1, y1 = cell
    if cut.axis == 0:
        return (x0, y0, cut.low, y1), (cut.high, y0, x1, y1)
    return (x0, y0, x1, cut.low), (x0, cut.high, x1, y1)


def _view(values_HW: np.ndarray, cell: Box, axis: int) -> np.ndarray:
    """A cell's values with the axis of the cut last."""
    part = values_HW[cell[1] : cell[3], cell[0] : cell[2]]
    return part if axis == 0 else part.T


def _density(signals: Signals, cell: Box) -> float:
    x0, y0, x1, y1 = trim(signals, cell)
    return 1.0 - float(signals.white_HW[y0:y1, x0:x1].mean()) if x1 > x0 and y1 > y0 else 0.0


def _least(signals: Signals, rules: Rules) -> int:
    return max(8, int(round(rules.least_side * max(signals.white_HW.shape))))


def _white_cuts(signals: Signals, cell: Box, axis: int, rules: Rules) -> list[Cut]:
    view = _view(signals.white_HW, cell, axis)
    share = view.mean(axis=0)
    least, longest = _least(signals, rules), max(signals.white_HW.shape)
    cuts = []
    for low, high in _runs(share >= rules.white):
        if low == 0 or high == len(share):
            continue
        cut = Cut(axis, cell[axis] + low, cell[axis] + high, (high - low) / longest, "white")
        sides = [_judge(signals, side, least, rules) for side in split(cell, cut)]
        clean = share[low:high] >= rules.chart_white
        wide = clean.sum() >= max(3, rules.chart_gutter * longest)
        if "little" not in sides and (sides == ["picture", "picture"] or wide):
            cuts.append(cut)
    return cuts


def _judge(signals: Signals, side: Box, least: int, rules: Rules) -> str:
    """What lies on one side of a gutter: a picture, a chart, or little: words, letters, a key."""
    x0, y0, x1, y1 = trim(signals, side)
    width, height = x1 - x0, y1 - y0
    if min(width, height) < least:
        return "little"
    content = ~signals.white_HW[y0:y1, x0:x1]
    solid = max(_longest(content.mean(axis=0) >= rules.dense), 0), max(_longest(content.mean(axis=1) >= rules.dense), 0)
    if min(solid) >= 0.7 * least or content.mean() >= rules.dense:
        return "picture"
    return "chart" if min(width, height) >= 1.6 * least else "little"


def _dark_cuts(signals: Signals, cell: Box, axis: int, rules: Rules) -> list[Cut]:
    """Gutters of black: only where the two sides are in a ratio of small whole numbers, for scans have black too."""
    share = _view(signals.dark_HW, cell, axis).mean(axis=0)
    least, cuts = _least(signals, rules), []
    for low, high in _runs(share >= rules.dark):
        before, after = low, len(share) - high
        if min(before, after) < least or high - low > 0.2 * len(share):
            continue
        ratio = max(before, after) / min(before, after)
        if not _has_edge(signals, cell, axis, low, high):
            continue
        if abs(ratio - round(ratio)) < 0.05 * round(ratio) and round(ratio) <= 4:
            cuts.append(Cut(axis, cell[axis] + low, cell[axis] + high, 0.01 + (high - low) / len(share), "dark"))
    return cuts


def _has_edge(signals: Signals, cell: Box, axis: int, low: int, high: int) -> bool:
    """Whether a picture ends sharply at one side of a black gutter: scans fade into their black, borders do not."""
    steep = _view(signals.steep_x_HW if axis == 0 else signals.steep_y_HW, cell, axis)
    sides = steep[:, max(low - 1, 0) : low + 2].max(axis=1), steep[:, high - 1 : high + 2].max(axis=1)
    return max(float((side > 8).mean()) for side in sides) >= 0.5


def _ridge_cuts(signals: Signals, cell: Box, axis: int, rules: Rules) -> list[Cut]:
    """Thin bright or dark lines that cross the whole cell."""
    signs = _view(signals.ridge_x_HW if axis == 0 else signals.ridge_y_HW, cell, axis)
    least = _least(signals, rules)
    height, width = signs.shape
    if width < 2 * least or height < least:
        return []
    cuts = []
    for sign in (1, -1):
        is_line = signs == sign
        share = is_line.mean(axis=0)
        parts = np.stack([part.mean(axis=0) for part in np.array_split(is_line, _SEGMENTS)])
        good = (share >= rules.ridge) & ((parts >= 0.75 * rules.ridge).sum(axis=0) >= _SEGMENTS - rules.strays)
        good[:least], good[width - least :] = False, False
        for low, high in _runs(good):
            at = low + int(np.argmax(share[low:high]))
            cuts.append(Cut(axis, cell[axis] + at, cell[axis] + at + 1, 0.01 * float(share[at]), "ridge"))
    return cuts


def _line_cuts(signals: Signals, cell: Box, axis: int, rules: Rules) -> list[Cut]:
    """Lines that cross the whole cell and are steeper than what is beside them, in nearly all segments."""
    steep = _view(signals.steep_x_HW if axis == 0 else signals.steep_y_HW, cell, axis)
    least = _least(signals, rules)
    height, width = steep.shape
    if width < 2 * least or height < least:
        return []
    parts = np.stack([part.mean(axis=0) for part in np.array_split(steep, _SEGMENTS)])
    around = _surroundings(parts)
    ratio = parts / (around + 2.5)
    holds = (ratio >= 1.5) & (parts >= 0.6 * rules.least_step)
    whole = parts.mean(axis=0)
    strength = whole / (around.mean(axis=0) + 2.5)
    good = (holds.sum(axis=0) >= _SEGMENTS - rules.strays) & (strength >= rules.stands_out)
    good &= whole >= rules.least_step
    good[:least], good[width - least :] = False, False
    cuts = []
    for low, high in _runs(good):
        at = low + int(np.argmax(strength[low:high]))
        cuts.append(Cut(axis, cell[axis] + at, cell[axis] + at, 0.001 * float(strength[at]), "line"))
    return cuts


def _surroundings(parts: np.ndarray) -> np.ndarray:
    """For each place the mean of what lies 5 to 14 pixels to its left and right, the steeper side."""
    total = np.pad(np.cumsum(np.pad(parts, ((0, 0), (15, 15)), mode="reflect"), axis=1), ((0, 0), (1, 0)))
    num = parts.shape[1]
    left = (total[:, 11 : 11 + num] - total[:, 1 : 1 + num]) / 10
    right = (total[:, 30 : 30 + num] - total[:, 20 : 20 + num]) / 10
    larger: np.ndarray = np.maximum(left, right)
    return larger


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _longest(flags: np.ndarray) -> int:
    return max((high - low for low, high in _runs(flags)), default=0)
