"""One grid of tiles over a slide at the wanted resolution, which tiles are taken, and how one is read."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from gmai.errors import ImageError
from gmai.images.slide.slide import Slide
from gmai.types import TilePolicy

SAME_MPP = 0.02
"""Resolutions that differ by so little are taken as equal: the level is read as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Tiles side by side from the upper left corner of a level; what is left at its right and lower edge is no tile."""

    level: int
    read_px: tuple[int, int]
    """(width, height) of a tile in pixels of the level."""
    size_px: int
    columns: int
    rows: int
    downsample: tuple[float, float]
    """Pixels of level 0 along one of the level, along x and y."""
    mpp: tuple[float, float]
    """Micrometres a pixel of a tile along x and y."""
    full: tuple[int, int]
    """(width, height) of level 0."""

    def region(self, tile: "Tile") -> tuple[int, int, int, int]:
        """What a tile covers of level 0, xyxy in whole pixels."""
        x0, y0, x1, y1 = self.place(tile)
        return round(x0), round(y0), min(round(x1), self.full[0]), min(round(y1), self.full[1])

    def place(self, tile: "Tile") -> tuple[float, float, float, float]:
        """What a tile covers of level 0, xyxy."""
        width, height = self.read_px[0] * self.downsample[0], self.read_px[1] * self.downsample[1]
        x, y = tile.column * width, tile.row * height
        return x, y, x + width, y + height


@dataclass(frozen=True, slots=True)
class Tile:
    """A place of the grid."""

    column: int
    row: int
    tissue: float = 1.0
    """Part of the tile that is tissue."""


def lay_grid(slide: Slide, policy: TilePolicy, mpp: tuple[float, float]) -> Grid:
    """Lay the grid: on the coarsest level that is as fine as wanted.

    Args:
        slide: open.
        policy: resolution and size of tiles.
        mpp: micrometres a pixel of level 0.

    Raises:
        ImageError: ``slide.too_coarse``: no level is as fine as wanted; ``slide.too_small``: less than one tile.
    """
    full = slide.levels[0]
    if max(mpp) > policy.mpp * (1 + SAME_MPP):
        what = f"the slide has {max(mpp):g} micrometres a pixel, tiles of {policy.mpp:g} are wanted"
        raise ImageError(what, fix="raise tiles.mpp of the card", reason="slide.too_coarse")
    level: int = max(
        place
        for place, each in enumerate(slide.levels)
        if place == 0 or max(mpp) * each.downsample <= policy.mpp * (1 + SAME_MPP)
    )
    size = slide.levels[level]
    downsample = (1.0, 1.0) if level == 0 else (full.width / size.width, full.height / size.height)
    own = mpp[0] * downsample[0], mpp[1] * downsample[1]
    read = _read_px(policy, own[0]), _read_px(policy, own[1])
    columns, rows = size.width // read[0], size.height // read[1]
    if not columns or not rows:
        what = f"{size.width} x {size.height} pixels hold no tile of {read[0]} x {read[1]}"
        raise ImageError(what, reason="slide.too_small")
    tile_mpp = own[0] * read[0] / policy.size_px, own[1] * read[1] / policy.size_px
    return Grid(
        level=level,
        read_px=read,
        size_px=policy.size_px,
        columns=columns,
        rows=rows,
        downsample=downsample,
        mpp=tile_mpp,
        full=(full.width, full.height),
    )


def _read_px(policy: TilePolicy, own: float) -> int:
    scale = policy.mpp / own
    return policy.size_px if abs(scale - 1) <= SAME_MPP else max(1, round(policy.size_px * scale))


def tissue_shares(grid: Grid, mask: np.ndarray) -> np.ndarray:
    """Part of each tile (rows, columns) that is tissue, of an overview's mask (H, W) of the whole slide."""
    total = cv2.integral(mask.astype(np.uint8)).astype(np.float64)
    height, width = mask.shape
    step_x = grid.read_px[0] * grid.downsample[0] * width / grid.full[0]
    step_y = grid.read_px[1] * grid.downsample[1] * height / grid.full[1]
    xs, ys = _edges(grid.columns, step_x, width), _edges(grid.rows, step_y, height)
    # an overview's pixel may be larger than a tile: sums between the edges are interpolated
    rows = np.stack([np.interp(xs, np.arange(width + 1), line) for line in total])
    cells = np.stack([np.interp(ys, np.arange(height + 1), line) for line in rows.T], axis=1)
    sums = cells[1:, 1:] - cells[:-1, 1:] - cells[1:, :-1] + cells[:-1, :-1]
    shares: np.ndarray = np.clip(sums / (step_x * step_y), 0.0, 1.0)
    return shares


def _edges(count: int, step: float, limit: int) -> np.ndarray:
    edges: np.ndarray = np.minimum(np.arange(count + 1) * step, limit)
    return edges


def choose_tiles(shares: np.ndarray, policy: TilePolicy, wanted: np.ndarray | None = None) -> list[Tile]:
    """The tiles to read, in grid order: ``count`` of those with enough tissue, evenly spread over it.

    Tiles are put in the order of a Hilbert curve, along which neighbours stay neighbours, and every n-th is taken.

    Args:
        shares: part of each tile (rows, columns) that is tissue.
        policy: how many, and how much tissue.
        wanted: bool (rows, columns), tiles that may be taken whatever their tissue; None for all with tissue.

    Raises:
        ImageError: ``slide.no_tissue`` or ``slide.no_mark``.
    """
    good = shares >= policy.tissue if wanted is None else wanted
    found = [(int(column), int(row)) for row, column in np.argwhere(good)]
    if not found and wanted is not None:
        raise ImageError("nothing is marked on any tile of the slide", reason="slide.no_mark")
    if not found:
        what = f"no tile is {policy.tissue:.0%} tissue; the best is {float(shares.max()):.0%}"
        raise ImageError(what, fix="lower tiles.tissue of the card, or tiles.size_px", reason="slide.no_tissue")
    if policy.count and len(found) > policy.count:
        order = max(1, (max(shares.shape) - 1).bit_length())
        along = sorted(found, key=lambda place: _hilbert(order, *place))
        found = [along[(2 * step + 1) * len(along) // (2 * policy.count)] for step in range(policy.count)]
    ordered = sorted(found, key=lambda place: (place[1], place[0]))
    return [Tile(column, row, round(float(shares[row, column]), 4)) for column, row in ordered]


def _hilbert(order: int, x: int, y: int) -> int:
    """Place of (x, y) along the Hilbert curve of a square of 2 ** order."""
    place = 0
    for bit in range(order - 1, -1, -1):
        side = 1 << bit
        right, lower = (x & side) > 0, (y & side) > 0
        place += side * side * ((3 * right) ^ lower)
        if not lower:
            if right:
                x, y = side - 1 - (x & (side - 1)), side - 1 - (y & (side - 1))
            x, y = y & (side - 1), x & (side - 1)
        else:
            x, y = x & (side - 1), y & (side - 1)
    return place


def read_tile(slide: Slide, level: int, box: Sequence[int], size_px: int) -> np.ndarray:
    """Read a tile.

    Args:
        slide: open.
        level: which level.
        box: x, y, width and height in pixels of the level.
        size_px: sides of the tile; the region is reduced to it once, by area.
    """
    x, y, width, height = box
    found = slide.read(level, x, y, width, height)
    if (width, height) != (size_px, size_px):
        found = cv2.resize(found, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(found)
