"""Strokes that all phantoms share: soft fields, ellipses, pasting, and the way from floats to bytes."""

import cv2
import numpy as np

SIZE_PX = 96
SUBPIXEL_BITS = 4
"""OpenCV takes coordinates as integers; these bits of them are the fraction."""


def fix(value: float) -> int:
    """A coordinate or radius in OpenCV's fixed point."""
    return int(round(value * 2**SUBPIXEL_BITS))


def draw_field(rng: np.random.Generator, cells: int, size: int = SIZE_PX) -> np.ndarray:
    """Draw a smooth random field of unit spread: a grid of ``cells`` by ``cells`` random numbers, enlarged."""
    grid = rng.standard_normal((cells, cells), dtype=np.float32)
    result: np.ndarray = cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)
    return result


def draw_ellipse(size: int, centre: tuple[float, float], radii: tuple[float, float], angle: float = 0.0) -> np.ndarray:
    """Draw a filled ellipse as float32, 1 inside and 0 outside; centre and radii (x, y) in pixels, angle in degrees."""
    out = np.zeros((size, size), np.float32)
    where, axes = (fix(centre[0]), fix(centre[1])), (fix(radii[0]), fix(radii[1]))
    cv2.ellipse(out, where, axes, angle, 0, 360, 1.0, -1, cv2.LINE_8, SUBPIXEL_BITS)
    return out


def draw_disc(picture: np.ndarray, centre: tuple[float, float], radius: float) -> None:
    """Set a disc of a picture to 1, in place; centre (x, y) and radius in pixels."""
    where = (fix(centre[0]), fix(centre[1]))
    cv2.circle(picture, where, fix(radius), 1.0, -1, cv2.LINE_8, SUBPIXEL_BITS)


def draw_line(picture: np.ndarray, start: tuple[float, float], end: tuple[float, float], width: int) -> None:
    """Set a line of a picture to 1, in place; ends (x, y) in pixels."""
    ends = (fix(start[0]), fix(start[1])), (fix(end[0]), fix(end[1]))
    cv2.line(picture, *ends, 1.0, width, cv2.LINE_8, SUBPIXEL_BITS)


def paste(picture: np.ndarray, tile: np.ndarray, x: int, y: int) -> None:
    """Add a tile to a picture in place, its centre on (x, y), cut at the border."""
    half, size = tile.shape[0] // 2, picture.shape[0]
    x0, y0 = x - half, y - half
    left, top = max(x0, 0), max(y0, 0)
    right, bottom = min(x0 + tile.shape[1], size), min(y0 + tile.shape[0], size)
    picture[top:bottom, left:right] += tile[top - y0 : bottom - y0, left - x0 : right - x0]


def paste_mask(mask: np.ndarray, x: int, y: int) -> np.ndarray:
    """Lay a tile's mask on an empty picture as :func:`paste` does; a bool array of the picture's size."""
    place = np.zeros((SIZE_PX, SIZE_PX), np.float32)
    paste(place, mask.astype(np.float32), x, y)
    inside: np.ndarray = place > 0
    return inside


def to_bytes(rng: np.random.Generator, picture: np.ndarray, noise: float) -> np.ndarray:
    """Give a picture a random gain and level and fine noise, and round it to uint8."""
    picture = picture * rng.uniform(0.8, 1.25) + rng.uniform(-22, 22)
    picture += noise * rng.standard_normal(picture.shape, dtype=np.float32)
    return round_bytes(picture)


def round_bytes(picture: np.ndarray) -> np.ndarray:
    """Round to uint8, cut at 0 and 255."""
    rounded: np.ndarray = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return rounded
