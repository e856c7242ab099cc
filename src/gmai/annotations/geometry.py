"""Geometry of regions, in pixels of the picture as shown: x to the right, y down, pixel (0, 0) covers [0, 1) x [0, 1).

Polygons are filled as COCO fills them and masks are decoded from COCO run-length code, both by pycocotools.
"""

import warnings
from typing import Any

import cv2
import numpy as np
from pycocotools import mask as coco

from gmai.errors import FormatError
from gmai.types import Box, MaskRef, Polygon, Region


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools hands numpy 2 an array the old way
        pixels: np.ndarray = coco.decode(_code(region, height, width)).astype(bool)
    return pixels


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
    left, top, wide, high = (float(edge) for edge in coco.toBbox(_code(region, height, width)))
    if not (wide and high):
        raise FormatError("a mask without pixels", where=region.record, reason="mask.empty")
    return left, top, left + wide, top + high


def region_area(region: Region, height: int, width: int) -> float:
    """The area of a region in pixels: of a box, width x height; else the number of its pixels."""
    if isinstance(region, Box):
        x0, y0, x1, y1 = region.xyxy
        return (x1 - x0) * (y1 - y0)
    return float(coco.area(_code(region, height, width)))


def region_centroid(region: Region, height: int, width: int) -> tuple[float, float]:
    """The centre of mass (x, y) of a region, in pixel coordinates where pixel centres lie at .5.

    Raises:
        FormatError: as :func:`region_mask`; also a region without pixels.
    """
    if isinstance(region, Box):
        x0, y0, x1, y1 = region.xyxy
        return (x0 + x1) / 2, (y0 + y1) / 2
    ys, xs = np.nonzero(region_mask(region, height, width))
    if not len(xs):
        raise FormatError("a region without pixels", where=region.record, reason="mask.empty")
    return float(xs.mean()) + 0.5, float(ys.mean()) + 0.5


def longest_diameter(mask: np.ndarray, spacing_mm: tuple[float, float] = (1.0, 1.0)) -> float:
    """The longest straight line between two points of a mask, measured between the outer corners of its pixels.

    Args:
        mask: bool (height, width) with at least one pixel.
        spacing_mm: distance of rows and of columns; (1, 1) gives pixels.

    Returns:
        Length in mm.
    """
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    pixels = np.concatenate(contours)[:, 0, :].astype(np.float32)
    corners = np.concatenate([pixels + (dx, dy) for dx in (0, 1) for dy in (0, 1)])
    scaled = corners * np.array(spacing_mm[::-1])
    hull = cv2.convexHull(scaled.astype(np.float32))[:, 0, :].astype(np.float64)
    return float(np.sqrt(((hull[:, None] - hull[None]) ** 2).sum(axis=2)).max())


def overlap(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """Intersection over union of two boxes, xyxy."""
    wide = min(first[2], second[2]) - max(first[0], second[0])
    high = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(0.0, wide) * max(0.0, high)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared / (sum(areas) - shared) if shared else 0.0


def _code(region: Polygon | MaskRef, height: int, width: int) -> Any:
    if isinstance(region, Polygon):
        return coco.merge(coco.frPyObjects([list(ring) for ring in region.rings], height, width))
    if region.rle is None or region.size is None:
        raise FormatError("the mask is not measured: no run-length code", where=region.record, reason="mask.unmeasured")
    if region.size != (height, width):
        what = f"the mask is {region.size[0]} x {region.size[1]}, the picture {height} x {width}"
        raise FormatError(what, where=region.record, reason="mask.size")
    return {"size": [height, width], "counts": region.rle.encode()}


def _xy(point: np.ndarray) -> tuple[float, float]:
    return float(point[0]), float(point[1])
