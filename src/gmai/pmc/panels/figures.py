"""Made compound figures with exact truth: a detector is tuned on one part of them and measured on another.

The same part and number give the same figure. Nothing of a real article is in them.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from gmai.pmc.panels.drawings import SPARSE, WHITE, draw_kind
from gmai.pmc.panels.layouts import Box, draw_layout
from gmai.types.article import Panel

Part = Literal["tuning", "held-out"]
_PARTS: dict[Part, int] = {"tuning": 1, "held-out": 2}
_LIKELY = {
    "radiology": 0.3,
    "microscopy": 0.3,
    "photo": 0.12,
    "plot": 0.16,
    "gel": 0.05,
    "table": 0.03,
    "diagram": 0.04,
}


@dataclass(frozen=True, slots=True)
class MadeFigure:
    """A figure, its panels at both levels, and what makes it easy or hard."""

    pixels_HWC: np.ndarray
    images: tuple[Panel, ...]
    lettered: tuple[Panel, ...]
    plan: str
    """``grid``: cells of one size; ``rows``, ``nested``: uneven."""
    gutter_px: int


@dataclass(frozen=True, slots=True)
class _Style:
    ground: tuple[int, int, int]
    kinds: tuple[str, ...]
    letters: Literal["none", "inside", "large"]
    marks: bool


def make_figure(part: Part, number: int) -> MadeFigure:
    """Make one figure of a part."""
    rng = np.random.default_rng([_PARTS[part], number])
    layout = draw_layout(rng)
    style = _draw_style(rng)
    page = np.full((layout.size[1], layout.size[0], 3), style.ground, np.uint8)
    images: list[Panel] = []
    lettered: list[Panel] = []
    for index, cell in enumerate(layout.cells):
        kind = style.kinds[int(rng.integers(len(style.kinds)))]
        letter = chr(ord("A") + index % 26) if style.letters != "none" else ""
        boxes = [_draw_panel(rng, page, box, kind, style) for box in cell]
        if letter:
            _write(page, letter, boxes[0], style)
        images += [
            Panel(box=box, order=len(images) + at, label=letter, level="image", kind=kind)
            for at, box in enumerate(boxes)
        ]
        lettered.append(Panel(box=_hull(boxes), order=index, label=letter, level="lettered", kind=kind))
    return MadeFigure(_save(rng, page), tuple(images), tuple(lettered), layout.plan, layout.gutter_px)


def make_single(part: Part, number: int) -> np.ndarray:
    """Make a picture that is no compound figure: one drawing, with marks and perhaps a letter."""
    rng = np.random.default_rng([_PARTS[part], 1, number])
    width, height = int(rng.integers(300, 1000)), int(rng.integers(300, 900))
    style = _draw_style(rng)
    page = np.full((height, width, 3), style.ground, np.uint8)
    margin = int(rng.integers(0, 12))
    box = (margin, margin, width - margin, height - margin)
    kind = style.kinds[0]
    _draw_panel(rng, page, box, kind, style)
    return _save(rng, page)


def _draw_style(rng: np.random.Generator) -> _Style:
    names, weights = list(_LIKELY), np.array(list(_LIKELY.values()))
    num = 1 if rng.random() < 0.55 else 3
    kinds = tuple(names[int(i)] for i in rng.choice(len(names), num, p=weights / weights.sum()))
    chance = rng.random()
    ground = (WHITE,) * 3 if chance < 0.8 else (0, 0, 0) if chance < 0.9 else (225, 232, 240)
    if any(kind in SPARSE for kind in kinds):
        ground = (WHITE,) * 3
    letters: Literal["none", "inside", "large"] = ("inside", "large", "none")[int(rng.integers(3))]
    return _Style(ground, kinds, letters, bool(rng.random() < 0.5))


def _draw_panel(rng: np.random.Generator, page: np.ndarray, box: Box, kind: str, style: _Style) -> Box:
    """Draw a panel into its cell; its true box: the cell, or what is drawn of it on the page's white."""
    x0, y0, x1, y1 = box
    if kind in SPARSE:
        pad = min(int(rng.integers(4, 14)), (x1 - x0) // 8, (y1 - y0) // 8)
        x0, y0, x1, y1 = x0 + pad, y0 + pad, x1 - pad, y1 - pad
    picture = np.ascontiguousarray(draw_kind(kind, rng, x1 - x0, y1 - y0))
    if style.marks and kind not in SPARSE:
        _mark(rng, picture)
    page[y0:y1, x0:x1] = picture
    if kind not in SPARSE:
        return box
    rows, columns = np.nonzero((picture < WHITE).any(axis=2))
    return x0 + int(columns.min()), y0 + int(rows.min()), x0 + int(columns.max()) + 1, y0 + int(rows.max()) + 1


def _mark(rng: np.random.Generator, picture: np.ndarray) -> None:
    """Add a scale bar, an arrow or an inset with a border."""
    height, width = picture.shape[:2]
    ink = (255, 255, 255) if picture.mean() < 128 else (0, 0, 0)
    choice = int(rng.integers(3))
    if choice == 0:
        y = height - max(6, height // 14)
        cv2.line(picture, (width - width // 4, y), (width - width // 14, y), ink, max(2, height // 80))
    elif choice == 1:
        tip = int(rng.uniform(0.2, 0.8) * width), int(rng.uniform(0.2, 0.8) * height)
        cv2.arrowedLine(picture, (tip[0] - width // 10, tip[1] - height // 10), tip, ink, 2, cv2.LINE_AA)
    else:
        w, h = width // 3, height // 3
        small = cv2.resize(picture[h : 2 * h, w : 2 * w], (w, h), interpolation=cv2.INTER_CUBIC)
        picture[height - h :, width - w :] = small
        cv2.rectangle(picture, (width - w, height - h), (width - 1, height - 1), ink, 2)


def _write(page: np.ndarray, letter: str, box: Box, style: _Style) -> None:
    height = box[3] - box[1]
    size = max(0.5, min(1.6, height / (160 if style.letters == "large" else 260)))
    inside = page[box[1] : box[1] + 30, box[0] : box[0] + 30]
    ink = (255, 255, 255) if inside.mean() < 128 else (0, 0, 0)
    where = box[0] + 4, box[1] + int(26 * size) + 2
    cv2.putText(page, letter, where, cv2.FONT_HERSHEY_DUPLEX, size, ink, 2, cv2.LINE_AA)


def _hull(boxes: list[Box]) -> Box:
    low, high = np.min([box[:2] for box in boxes], axis=0), np.max([box[2:] for box in boxes], axis=0)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _save(rng: np.random.Generator, page: np.ndarray) -> np.ndarray:
    """As an article would hold it: two in three went through JPEG."""
    if rng.random() < 1 / 3:
        return page
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 96))]
    read = cv2.imdecode(cv2.imencode(".jpg", page[..., ::-1], quality)[1], cv2.IMREAD_COLOR)
    if read is None:
        raise AssertionError("a JPEG just written is read")
    whole: np.ndarray = np.ascontiguousarray(np.asarray(read)[..., ::-1])
    return whole
