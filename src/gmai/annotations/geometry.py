"""Geometry of regions, in pixels of the picture as shown: x to the right, y down, pixel (0, 0) covers [0, 1) x [0, 1).

Polygons are filled as COCO fills them, by pycocotools; masks are runs of COCO run-length code.
"""

import cv2
import numpy as np
from pycocotools import mask as coco

from gmai.base import decode_runs, fill_runs, mask_runs, split_columns
from gmai.errors import FormatError
from gmai.types import Box, MaskRef, Polygon, Region

Point = tuple[float, float]


def region_mask(region: Region, height: int, width: int) -> np.ndarray:
    """The pixels of a region.

    Returns:
        bool array (height, width); for a box, the pixels whose centre lies in it.

    Raises:
        FormatError: a mask that is not measured yet, or whose code is of another size.
    """
    if isinstance(region, Box):
        x0, y0, x1, y1 = (max(0, int(np.ceil(edge - 0.5))) for edge in region.xyxy)
        mask = np.zeros((height, width), bool)
        mask[y0:y1, x0:x1] = True
        return mask
    return fill_runs(region_runs(region, height, width), height, width).astype(bool)


def region_runs(region: Polygon | MaskRef, height: int, width: int) -> np.ndarray:
    """The pixels of a region as runs, column by column; see :func:`gmai.base.mask_runs`.

    Raises:
        FormatError: a mask that is not measured yet, or whose code is damaged or of another size.
    """
    if isinstance(region, Polygon):
        code = coco.merge(coco.frPyObjects([list(ring) for ring in region.rings], height, width))
        return decode_runs(code["counts"].decode("ascii"), height, width)
    if region.rle is None or region.size is None:
        raise FormatError("the mask is not measured: no run-length code", where=region.record, reason="mask.unmeasured")
    if region.size != (height, width):
        what = f"the mask is {region.size[0]} x {region.size[1]}, the picture {height} x {width}"
        raise FormatError(what, where=region.record, reason="mask.size")
    try:
        return decode_runs(region.rle, height, width)
    except ValueError as error:
        raise FormatError(f"a damaged run-length code: {error}", where=region.record, reason="mask.code") from None


def region_box(region: Region, height: int, width: int) -> tuple[float, float, float, float]:
    """The bounding box of a region, xyxy, right and lower edge exclusive.

    Raises:
        FormatError: as :func:`region_mask`; also a region without pixels.
    """
    if isinstance(region, Box):
        return region.xyxy
    if isinstance(region, Polygon):
        points = np.concatenate([np.reshape(ring, (-1, 2)) for ring in region.rings])
        return (*_xy(points.min(axis=0)), *_xy(points.max(axis=0)))
    column, top, bottom = _pieces(region, height, width).T
    return float(column.min()), float(top.min()), float(column.max() + 1), float(bottom.max())


def region_area(region: Region, height: int, width: int) -> float:
    """The area of a region in pixels: of a box, width x height; else the number of its pixels."""
    if isinstance(region, Box):
        x0, y0, x1, y1 = region.xyxy
        return (x1 - x0) * (y1 - y0)
    runs = region_runs(region, height, width)
    return float((runs[:, 1] - runs[:, 0]).sum())


def region_centroid(region: Region, height: int, width: int) -> tuple[float, float]:
    """The centre of mass (x, y) of a region, in pixel coordinates where pixel centres lie at .5.

    Raises:
        FormatError: as :func:`region_mask`; also a region without pixels.
    """
    if isinstance(region, Box):
        x0, y0, x1, y1 = region.xyxy
        return (x0 + x1) / 2, (y0 + y1) / 2
    column, top, bottom = _pieces(region, height, width).T
    lengths = bottom - top
    area = lengths.sum()
    return float((column * lengths).sum() / area) + 0.5, float(((top + bottom) * lengths).sum() / (2 * area))


def _pieces(region: Polygon | MaskRef, height: int, width: int) -> np.ndarray:
    pieces = split_columns(region_runs(region, height, width), height)
    if not len(pieces):
        raise FormatError("a region without pixels", where=region.record, reason="mask.empty")
    return pieces


def longest_diameter(mask: np.ndarray, spacing_mm: tuple[float, float] = (1.0, 1.0)) -> float:
    """The longest straight line between two points of a mask, measured between the outer corners of its pixels.

    Args:
        mask: bool (height, width) with at least one pixel.
        spacing_mm: distance of rows and of columns; (1, 1) gives pixels.

    Returns:
        Length in mm.
    """
    (x0, y0), (x1, y1) = farthest_ends(split_columns(mask_runs(mask), mask.shape[0]), spacing_mm)
    return float(np.hypot((x0 - x1) * spacing_mm[1], (y0 - y1) * spacing_mm[0]))


def farthest_ends(pieces: np.ndarray, spacing: tuple[float, float]) -> tuple[Point, Point]:
    """The two corners of a region's pixels that lie farthest apart.

    Args:
        pieces: of :func:`gmai.base.split_columns`.
        spacing: distance of rows and of columns.
    """
    column, top, bottom = pieces.T
    first = np.flatnonzero(np.concatenate([[True], column[1:] != column[:-1]]))
    columns, tops, bottoms = column[first], np.minimum.reduceat(top, first), np.maximum.reduceat(bottom, first)
    xs = np.concatenate([columns, columns + 1, columns, columns + 1])
    ys = np.concatenate([tops, tops, bottoms, bottoms])
    corners = np.stack([xs, ys], axis=1).astype(np.int32)
    hull = cv2.convexHull(corners)[:, 0, :].astype(np.float64)  # exact on whole numbers; scaling keeps a hull a hull
    x, y = hull[:, 0] * spacing[1], hull[:, 1] * spacing[0]
    apart = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    one, other = divmod(int(apart.argmax()), len(hull))
    return (float(hull[one, 0]), float(hull[one, 1])), (float(hull[other, 0]), float(hull[other, 1]))


def overlap(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """Intersection over union of two boxes, xyxy."""
    wide = min(first[2], second[2]) - max(first[0], second[0])
    high = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(0.0, wide) * max(0.0, high)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared / (sum(areas) - shared) if shared else 0.0


def _xy(point: np.ndarray) -> tuple[float, float]:
    return float(point[0]), float(point[1])
