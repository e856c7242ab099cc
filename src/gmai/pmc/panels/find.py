"""Cuts a compound figure into its panels, by rules: gutters first, then the lines along which pictures touch."""

import cv2
import numpy as np

from gmai.errors import ImageError
from gmai.pmc.panels.cuts import Rules, find_cut, split, trim
from gmai.pmc.panels.layouts import Box
from gmai.pmc.panels.signals import Signals, find_signals
from gmai.types.article import Panel

_DEEPEST = 12
RULES = Rules()
_READINGS = (
    Rules(stands_out=3.4, strays=0, chart_gutter=0.03),
    RULES,
    Rules(stands_out=1.9, strays=2, chart_gutter=0.008, least_side=0.05),
)
"""From careful to bold: where the number of panels is known, the reading that comes nearest is taken."""


def find_panels(picture: np.ndarray, *, expected: int | None = None) -> list[Panel]:
    """Find the pictures of a figure (H, W, 3) uint8, in reading order.

    ``expected`` is their number, where the caption tells it. A figure without a cut is one panel.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
        raise ImageError(
            f"a figure is (height, width, 3) uint8, not {picture.shape} {picture.dtype}",
            reason="panels.picture",
            fix="read it with gmai.images",
        )
    signals = find_signals(picture)
    if expected is None:
        boxes = _read(signals, RULES)
    else:
        readings = [_read(signals, rules) for rules in (RULES, *_READINGS)]
        boxes = min(readings, key=lambda found: abs(len(found) - expected))
    height, width = picture.shape[:2]
    whole = [_enlarge(box, signals.scale, width, height) for box in boxes] or [(0, 0, width, height)]
    return [Panel(box=box, order=order) for order, box in enumerate(sort_reading(whole))]


def sort_reading(boxes: list[Box]) -> list[Box]:
    """Sort boxes row by row: a row is what overlaps its first box by more than half of the lower height."""
    left, rows = sorted(boxes, key=lambda box: (box[1], box[0])), []
    while left:
        first = left[0]
        row = [b for b in left if min(b[3], first[3]) - b[1] > 0.5 * min(b[3] - b[1], first[3] - first[1])]
        row = row or [first]
        rows.append(sorted(row))
        left = [box for box in left if box not in row]
    return [box for row in rows for box in row]


def _read(signals: Signals, rules: Rules) -> list[Box]:
    height, width = signals.white_HW.shape
    leaves: list[Box] = []
    _cut(signals, (0, 0, width, height), rules, leaves, 0)
    least = max(8, round(0.6 * rules.least_side * max(height, width)))
    trimmed = [_trim_words(signals, leaf) for leaf in leaves]
    return [box for box in trimmed if min(box[2] - box[0], box[3] - box[1]) >= least]


def _cut(signals: Signals, cell: Box, rules: Rules, leaves: list[Box], depth: int) -> None:
    cell = trim(signals, cell)
    cut = find_cut(signals, cell, rules) if depth < _DEEPEST else None
    if cut is None:
        leaves.append(cell)
        return
    for side in split(cell, cut):
        _cut(signals, side, rules, leaves, depth + 1)


def _trim_words(signals: Signals, cell: Box) -> Box:
    """Take off letters and headings that stand apart from a picture; charts keep all of theirs."""
    x0, y0, x1, y1 = cell
    content = (~signals.white_HW[y0:y1, x0:x1]).astype(np.uint8)
    if not content.size:
        return cell
    _, _, stats, _ = cv2.connectedComponentsWithStats(content, connectivity=8)
    if len(stats) < 2:
        return cell
    x, y, width, height, area = (int(v) for v in stats[1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))])
    rest = int(content.sum()) - area
    if area < 0.6 * width * height or rest > 0.12 * area:
        return cell
    return x0 + x, y0 + y, x0 + x + width, y0 + y + height


def _enlarge(box: Box, scale: float, width: int, height: int) -> Box:
    x0, y0, x1, y1 = (round(value * scale) for value in box)
    return min(x0, width - 1), min(y0, height - 1), max(min(x1, width), 1), max(min(y1, height), 1)
