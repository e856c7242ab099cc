"""What a picture of a given width and height becomes, in whole numbers: its tiles, patches and visual tokens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from gmai.errors import ImageError

LONGEST_SIDE = 200
"""A picture more than so many times as long as it is wide has no size that keeps its shape."""


@dataclass(frozen=True, slots=True)
class PictureLayout:
    """What one picture takes in a row and in the vision encoder."""

    tiles: int
    """Crops the encoder sees; 1 where it takes a picture as it is."""
    tokens: int
    """Visual tokens in the prompt."""
    patches: int
    """Patches the encoder computes."""
    grid: tuple[int, int, int] | None = None
    """Frames, rows and columns of patches, where the model's positions follow them."""


@lru_cache(maxsize=1 << 16)
def tile_grid(width: int, height: int, tile_px: int, min_tiles: int, max_tiles: int) -> tuple[int, int]:
    """Columns and rows of square tiles whose shape is nearest the picture's.

    Among grids of one shape the larger one is taken if the picture has more than half of its pixels.
    """
    shape, area = width / height, width * height
    best, nearest = (1, 1), math.inf
    for columns, rows in _grids(min_tiles, max_tiles):
        distance = abs(shape - columns / rows)
        roomy = distance == nearest and area > 0.5 * tile_px * tile_px * columns * rows
        if distance < nearest or roomy:
            best, nearest = (columns, rows), distance
    return best


@lru_cache(maxsize=64)
def _grids(min_tiles: int, max_tiles: int) -> tuple[tuple[int, int], ...]:
    sides = range(1, max_tiles + 1)
    grids = [(c, r) for c in sides for r in sides if min_tiles <= c * r <= max_tiles]
    return tuple(sorted(grids, key=lambda grid: grid[0] * grid[1]))


@lru_cache(maxsize=1 << 16)
def native_size(width: int, height: int, multiple: int, min_pixels: int, max_pixels: int) -> tuple[int, int]:
    """Width and height as multiples of ``multiple`` within a number of pixels, the shape kept as well as can be.

    Raises:
        ImageError: a picture far longer than wide, or the other way round.
    """
    if max(width, height) > LONGEST_SIDE * min(width, height):
        what = f"{width} x {height}: one side is more than {LONGEST_SIDE} times the other"
        raise ImageError(what, reason="image.shape")
    high, wide = (round(side / multiple) * multiple for side in (height, width))
    if high * wide > max_pixels:
        shrink = math.sqrt(height * width / max_pixels)
        high, wide = (max(multiple, math.floor(side / shrink / multiple) * multiple) for side in (height, width))
    elif high * wide < min_pixels:
        grow = math.sqrt(min_pixels / (height * width))
        high, wide = (math.ceil(side * grow / multiple) * multiple for side in (height, width))
    return wide, high
