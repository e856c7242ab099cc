"""Where a slide shows tissue, told from an overview of a few micrometres a pixel.

Stained tissue is more saturated than glass: the threshold is Otsu's (1979), but near the saturation of the glass, for
strong stains alone would draw it above pale ones, and noise below them. Marks of a pen, black edges and what was never
scanned are left out. Of grey slides the darker part is tissue, of dark slides (fluorescence) the brighter one.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

from gmai.images.channels import largest_channel, smallest_channel
from gmai.images.slide.slide import Slide

OVERVIEW_PX = 2048
"""Longer side of the overview, at most."""
LEAST_SATURATION = 13
"""Of 255 above glass, which the noise of a scanner reaches."""
MOST_SATURATION = 20
"""Of 255 above glass; paler tissue beside strong stains is tissue all the same."""
GLASS_BRIGHT = 200
"""Of 255 in every colour; the less saturated half of such pixels is taken for glass."""
GLASS_SHARE = 0.01
"""Part of the pixels that must be so bright."""
LEAST_CONTRAST = 25
"""Of 255, between tissue and background of grey or dark slides."""
DARK_SLIDE = 60
"""A slide whose median is darker has a dark background."""
_BLACK = 45
_BAND_BYTES = 48 * 2**20
_PENS = {
    "green": ((35, 60, 0), (90, 255, 255)),
    "blue": ((95, 150, 0), (125, 255, 255)),
    "red": ((0, 200, 120), (5, 255, 255)),
    "crimson": ((175, 200, 120), (180, 255, 255)),
}
"""Hue (of 180), saturation and value of ink, all stronger than stains are in an overview."""


@dataclass(frozen=True, slots=True)
class Tissue:
    """Which pixels of an overview are tissue, and how that was told."""

    mask: np.ndarray
    """bool (H, W); the overview shows the whole of level 0."""
    told: dict[str, str | int | float] = field(default_factory=dict)


def find_tissue(slide: Slide) -> Tissue:
    """Find the tissue of a slide."""
    overview = read_overview(slide)
    grey = overview if overview.ndim == 2 else cv2.cvtColor(overview, cv2.COLOR_RGB2GRAY)
    told: dict[str, str | int | float]
    if np.median(grey) < DARK_SLIDE:
        mask, told = _split(grey, (LEAST_CONTRAST, 255), "brightness")
    elif overview.ndim == 2 or (largest_channel(overview) - smallest_channel(overview)).max() < LEAST_SATURATION:
        mask, told = _split(255 - grey, (LEAST_CONTRAST, 255), "darkness")
    else:
        mask, told = _stained(overview)
    smooth = cv2.medianBlur(mask.astype(np.uint8), 5)
    closed = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    told |= {"overview": f"{overview.shape[1]}x{overview.shape[0]}", "tissue": round(float(closed.mean()), 4)}
    return Tissue(closed.astype(bool), told)


def _stained(overview: np.ndarray) -> tuple[np.ndarray, dict[str, str | int | float]]:
    colours = cv2.cvtColor(overview, cv2.COLOR_RGB2HSV)
    ink = np.zeros(overview.shape[:2], bool)
    for low, high in _PENS.values():
        ink |= cv2.inRange(colours, np.array(low), np.array(high)) > 0
    if ink.any():
        ink = cv2.dilate(ink.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    black = largest_channel(overview) < _BLACK
    there = ~(ink | black | (smallest_channel(overview) == 255))
    smooth = cv2.GaussianBlur(overview, (0, 0), 2)  # what lies between stained cells is tissue too
    saturation = np.ascontiguousarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2HSV)[..., 1])
    mask, told = _split(saturation, _near_glass(saturation, overview, there), "saturation", there)
    return mask, {**told, "pen": round(float(ink.mean()), 4), "black": round(float(black.mean()), 4)}


def _near_glass(saturation: np.ndarray, overview: np.ndarray, there: np.ndarray) -> tuple[int, int]:
    """Between which thresholds the saturation of tissue begins."""
    bright = there & (smallest_channel(overview) >= GLASS_BRIGHT)
    glass = 0
    if bright.mean() >= GLASS_SHARE:  # else it was cut out, and white stands for it
        values = saturation[bright]
        glass = int(np.median(np.sort(values)[: max(1, len(values) // 2)]))
    return glass + LEAST_SATURATION, glass + MOST_SATURATION


def _split(
    values: np.ndarray, ends: tuple[int, int], by: str, there: np.ndarray | None = None
) -> tuple[np.ndarray, dict[str, str | int | float]]:
    used = np.ascontiguousarray(values if there is None else values[there]).reshape(-1, 1)
    otsu = float(cv2.threshold(used, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0]) if used.size else 255.0
    threshold = min(max(otsu, float(ends[0])), float(ends[1]))
    mask = values > threshold
    return mask if there is None else mask & there, {"by": by, "threshold": int(threshold)}


def read_overview(slide: Slide) -> np.ndarray:
    """The whole slide, reduced by area to at most ``OVERVIEW_PX``, read in bands so that memory stays flat."""
    level = max(
        (place for place, each in enumerate(slide.levels) if max(each.width, each.height) >= OVERVIEW_PX // 2),
        default=0,
    )
    size = slide.levels[level]
    factor = max(1, -(-max(size.width, size.height) // OVERVIEW_PX))
    rows = max(factor, _BAND_BYTES // (3 * size.width) // factor * factor)
    bands = []
    for y in range(0, size.height, rows):
        height = min(rows, size.height - y)
        band = slide.read(level, 0, y, size.width, height)
        out = max(1, size.width // factor), max(1, height // factor)
        bands.append(band if factor == 1 else cv2.resize(band, out, interpolation=cv2.INTER_AREA))
    return np.concatenate(bands)
