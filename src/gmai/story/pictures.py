"""Pictures as the page shows them: a view drawn on, at a size that suits a card."""

from dataclasses import replace

import cv2
import numpy as np

from gmai.corpus import StoredSample
from gmai.images import decode_picture, encode_png, render_view
from gmai.report import Mark, Picture
from gmai.types import Box, MaskRef, Polygon, Region, Sample, View

MAX_PX = 420
"""Longest side of a picture on the page."""


def shrink(picture: np.ndarray) -> np.ndarray:
    """A picture (H, W, 3) uint8 made smaller, if it is larger than a card shows."""
    height, width = picture.shape[:2]
    scale = MAX_PX / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def show_plain(data: bytes, alt: str, note: str = "") -> Picture:
    """A stored picture as it is."""
    return Picture(encode_png(shrink(decode_picture(data))), alt, note)


def show_view(stored: StoredSample, view: View, alt: str, note: str = "") -> Picture:
    """The first picture of a sample with a view's regions drawn on it; lines keep their width when it is shrunk."""
    pixels = decode_picture(stored.pictures[0])
    scale = max(1.0, max(pixels.shape[:2]) / MAX_PX)
    drawn = render_view(pixels, replace(view, line_px=round(view.line_px * scale)), stored.sample.annotations)
    return Picture(encode_png(shrink(drawn)), alt, note)


def regions_of(sample: Sample) -> list[tuple[int, Region]]:
    """The regions of a sample with their positions among its annotations."""
    return [(at, item) for at, item in enumerate(sample.annotations) if isinstance(item, Box | MaskRef | Polygon)]


def whole_view(sample: Sample) -> View | None:
    """A view with every region drawn, None if the sample has none."""
    regions = regions_of(sample)
    if not regions:
        return None
    boxes = all(isinstance(region, Box) for _, region in regions)
    return View(granularity="box" if boxes else "mask", regions=tuple(at for at, _ in regions))


def legend(sample: Sample, view: View) -> tuple[Mark, ...]:
    """What a view's colour marks on a sample."""
    names = sorted({region.label for at, region in regions_of(sample) if at in view.regions})
    shape = {"box": "box", "mask": "mask", "contour": "contour", "image": "region"}[view.granularity]
    red, green, blue = view.colour
    return (Mark(f"rgb({red} {green} {blue})", f"{shape}: {', '.join(names)}"),) if names else ()
