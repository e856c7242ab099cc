"""Text burned into pixels: found, never painted over.

Machines and people write into pictures with thin strokes of one brightness, in rows of letters of one height. Such rows
are looked for: strokes stand out as the difference of a picture to its opening, bright on dark and dark on bright;
connected strokes of a letter's size are chained from left to right, along lines that may be tilted; a chain is text if
its letters are even in height, foot or head, spacing and brightness. Nothing is read, so any script of separate letters
is found, turned over or mirrored too. What is missed above all: fewer than four letters (the side markers L and R among
them), joined-up handwriting, text of less than 7 pixels' height or as bright as what it lies on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from gmai.images.channels import largest_channel, smallest_channel

LONGEST_PX, SMALL_PX = 4096, 700
"""Larger pictures are reduced before text is looked for; small ones are looked at twice, once enlarged."""
_KERNELS, _LEVELS = (9, 19), (50, 110)
"""Widths of openings, for small and large letters; contrasts of strokes, of 255."""
_LOWEST_PX, _HIGHEST_PX = 5, 64
_FEWEST, _MOST_STROKES = 4, 8000
_STEEPEST = 0.35
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Strokes:
    """Connected strokes of a letter's size, from left to right."""

    left: list[int]
    top: list[int]
    width: list[int]
    height: list[int]
    bright: list[float]
    contrast: list[float]
    """How much the strokes stand out."""

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A chain of strokes, measured in letter heights."""

    box: Box
    letters: int
    uneven: float
    """Spread of the letters' heights."""
    ragged: float
    """How far letters' feet (or heads, where those are straighter) lie off the line."""
    straight: float
    """Part of the letters that lie on the line."""
    steep: float
    gap: float
    aspect: float
    narrow: float
    """Part of the letters that are not much wider than high."""
    contrast: float
    lift: float
    """Brightness of the strokes above that of what lies between them."""
    clutter: float
    """Spread of what lies between them, in parts of ``lift``."""


def find_text(pixels: np.ndarray) -> tuple[Box, ...]:
    """Find lines of text in 8-bit grey (H, W) or RGB (H, W, 3) pixels.

    Returns:
        A box (left, top, right, bottom) in pixels for each line, from top to bottom; empty if none is found.
    """
    longest = max(pixels.shape[:2])
    found = _find_at(pixels, min(1.0, LONGEST_PX / longest), _LEVELS)
    if longest <= SMALL_PX and min(pixels.shape[:2]) > 1:
        found |= _find_at(pixels, 2.0, _LEVELS[:1])
    return tuple(sorted(_joined(sorted(found)), key=lambda box: (box[1], box[0])))


def _find_at(pixels: np.ndarray, scale: float, levels: Sequence[int]) -> set[Box]:
    if scale != 1:
        size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    bright, dark = largest_channel(pixels), smallest_channel(pixels)
    found = {
        line.box
        for plane in (bright, 255 - dark)
        for kernel in _KERNELS
        for level in levels
        for line in _find_lines(np.ascontiguousarray(plane), kernel, level)
        if _is_text(line)
    }
    return {
        (round(left / scale), round(top / scale), round(right / scale), round(bottom / scale))
        for left, top, right, bottom in found
    }


def _is_text(line: _Line) -> bool:
    """Thresholds set on text drawn into public pictures; ``docs/guides/deidentify.md`` has what they give."""
    letters = line.letters
    neat = line.gap <= 0.45 and line.narrow >= 0.8 and line.aspect <= 1.1 and abs(line.steep) < 0.2
    if letters >= 8 and neat and line.uneven <= 0.3 and line.ragged <= 0.1 and line.straight >= 0.9:
        return True
    if letters >= 5 and max(line.uneven, line.ragged) <= 0.03 and line.straight == 1 and line.gap <= 0.5:
        return True
    if line.ragged > 0.12 or line.straight < 0.8 or line.gap > 0.6 or line.narrow < 0.55 or line.aspect > 1.4:
        return False
    if letters >= 7:
        return line.uneven <= 0.32 and line.contrast >= 90
    if line.narrow < 0.6:
        return False
    if letters >= 5:
        return line.uneven <= 0.25 and line.clutter <= 0.5 and line.contrast >= 110 and abs(line.lift) >= 50
    return line.uneven <= 0.2 and line.clutter <= 0.25 and line.contrast >= 130 and line.lift >= 80


def _find_lines(plane: np.ndarray, kernel: int, level: int) -> Iterator[_Line]:
    square = cv2.getStructuringElement(cv2.MORPH_RECT, (kernel, kernel))
    hat = cv2.morphologyEx(plane, cv2.MORPH_TOPHAT, square)
    mask = (hat > level).astype(np.uint8)
    strokes = _find_strokes(plane, hat, mask)
    for chain in _chains(strokes):
        line = _measure(strokes, chain, plane, mask)
        if line is not None:
            yield line


def _find_strokes(plane: np.ndarray, hat: np.ndarray, mask: np.ndarray) -> _Strokes:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, width, height, area = stats.T
    solid = (area > 0.95 * width * height) & (width > 1.5 * height)
    fits = (height >= _LOWEST_PX) & (height <= _HIGHEST_PX) & (width <= 8 * height) & ~solid
    fits &= (area >= 6) & (area >= 0.1 * width * height)
    fits[0] = False
    numbers = np.flatnonzero(fits)
    if not _FEWEST <= len(numbers) <= _MOST_STROKES:
        numbers = numbers[:0]
    numbers = numbers[np.argsort(left[numbers], kind="stable")]
    bright, contrast = [], []
    for number in numbers:
        y, x = slice(top[number], top[number] + height[number]), slice(left[number], left[number] + width[number])
        inside = labels[y, x] == number
        bright.append(float(np.percentile(plane[y, x][inside], 80)))
        contrast.append(float(np.percentile(hat[y, x][inside], 80)))
    sides = [side[numbers].tolist() for side in (left, top, width, height)]
    return _Strokes(sides[0], sides[1], sides[2], sides[3], bright, contrast)


def _chains(strokes: _Strokes) -> list[list[int]]:
    """Strokes in rows: each joined to its next neighbour to the right that is like it."""
    follows = [_next_letter(strokes, place) for place in range(len(strokes))]
    chains: dict[int, list[int]] = {}
    start_of = list(range(len(strokes)))
    for place, after in enumerate(follows):  # neighbours lie to the right, so starts are settled from left to right
        chains.setdefault(start_of[place], []).append(place)
        if after is not None:
            start_of[after] = start_of[place]
    return [chain for chain in chains.values() if len(chain) >= _FEWEST]


def _next_letter(strokes: _Strokes, place: int) -> int | None:
    left, width, height, bright = strokes.left, strokes.width, strokes.height, strokes.bright
    right, high, foot = left[place] + width[place], height[place], strokes.top[place] + height[place]
    for other in range(place + 1, len(strokes)):
        if left[other] > right + 1.3 * high + 2:
            return None
        tall = max(high, height[other])
        head_off, foot_off = (
            abs(strokes.top[other] - strokes.top[place]),
            abs(strokes.top[other] + height[other] - foot),
        )
        if (
            left[other] - right >= -0.35 * min(width[place], width[other]) - 1
            and tall <= 2 * min(high, height[other])
            and min(head_off, foot_off) <= 0.35 * tall
            and abs(bright[place] - bright[other]) <= 0.18 * max(bright[place], bright[other]) + 4
        ):
            return other
    return None


def _measure(strokes: _Strokes, chain: list[int], plane: np.ndarray, mask: np.ndarray) -> _Line | None:
    def chosen(column: Sequence[float]) -> np.ndarray:
        return np.array([column[place] for place in chain], np.float64)

    left, top, width, height = (chosen(each) for each in (strokes.left, strokes.top, strokes.width, strokes.height))
    high = float(np.median(height))
    box = int(left.min()), int(top.min()), int((left + width).max()), int((top + height).max())
    if np.ceil(width / (0.85 * height)).sum() < 5 or box[2] - box[0] < 2.2 * high:
        return None
    middle = left + width / 2
    (steep, foot, on_foot), (_, head, on_head) = _line_fit(middle, top + height, high), _line_fit(middle, top, high)
    if abs(steep) > _STEEPEST:
        return None
    lift, clutter = _background(plane, mask, box)
    gaps = [max(b - a, 0) for (a, b) in zip((left + width)[:-1], left[1:], strict=True)]
    return _Line(
        box=box,
        letters=len(chain),
        uneven=float(height.std()) / high,
        ragged=min(foot, head),
        straight=max(on_foot, on_head),
        steep=steep,
        gap=float(np.median(gaps)) / high,
        aspect=float(np.median(width / height)),
        narrow=float((width / height < 1.3).mean()),
        contrast=float(chosen(strokes.contrast).mean()),
        lift=lift,
        clutter=clutter,
    )


def _line_fit(across: np.ndarray, down: np.ndarray, high: float) -> tuple[float, float, float]:
    """Slope of a straight line through points, their usual distance from it, and the part of them that lies on it."""
    slope, start = np.polyfit(across, down, 1)
    off = np.abs(down - slope * across - start)
    return float(slope), float(np.median(off)) / high, float((off < 0.2 * high + 0.5).mean())


def _background(plane: np.ndarray, mask: np.ndarray, box: Box) -> tuple[float, float]:
    part = np.s_[box[1] : box[3], box[0] : box[2]]
    ink = mask[part] > 0
    between = plane[part][cv2.dilate(mask[part], np.ones((3, 3), np.uint8)) == 0]
    if between.size <= 10:
        return 0.0, 9.0
    lift = float(np.median(plane[part][ink]) - np.median(between))
    return lift, float(between.std()) / max(lift, 1.0)


def _joined(boxes: Sequence[Box]) -> list[Box]:
    """Boxes that overlap become one."""
    joined: list[Box] = []
    for box in boxes:
        apart = []
        for other in joined:
            if box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]:
                low, high = zip(box[:2], other[:2], strict=True), zip(box[2:], other[2:], strict=True)
                (left, top), (right, bottom) = map(min, low), map(max, high)
                box = left, top, right, bottom
            else:
                apart.append(other)
        joined = [*apart, box]
    return joined
