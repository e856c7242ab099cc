"""Striking points of a picture and what lies around each, as 64 bits: what is left of it in a piece cut out of it.

The points are corners at several sizes (ORB). They are found again in a piece of the picture, at another size and after
recompression; several of them at the same places relative to each other tell a piece from a look-alike.
"""

from functools import cache
from typing import Any

import cv2
import numpy as np

WORK_PX = 256
"""The longer side of the picture on which points are looked for."""
MOST_POINTS = 96
_SQUARE = 1.1
"""Ratio of the sides up to which a picture counts as square."""
_LEAST_PX = 64
"""Shorter side below which a picture has no room for points."""
POINT = np.dtype([("hash", "<u8"), ("x", "<u2"), ("y", "<u2")])
"""A point: the first 64 bits of its descriptor, and its place in shares of width and height, 65535 being the whole."""


def find_points(grey: np.ndarray) -> np.ndarray:
    """The strongest points of a grey picture, uint8 (H, W), strongest first; an array of :data:`POINT`.

    Pictures are often made square for training, so points are also looked for as it would look then.
    """
    scale = WORK_PX / max(grey.shape)
    size = (max(round(grey.shape[1] * scale), 1), max(round(grey.shape[0] * scale), 1))
    square = (WORK_PX, WORK_PX)
    sizes = [size] if min(size) * _SQUARE > max(size) else [size, square]
    return np.concatenate([_find(grey, size) for size in sizes])


def _find(grey: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if min(size) < _LEAST_PX:
        return np.empty(0, POINT)
    way = cv2.INTER_AREA if size[0] < grey.shape[1] else cv2.INTER_CUBIC
    keypoints, found = _finder().detectAndCompute(cv2.resize(grey, size, interpolation=way), None)
    if not keypoints:
        return np.empty(0, POINT)
    order = sorted(range(len(keypoints)), key=lambda at: _rank(keypoints[at]))[:MOST_POINTS]
    points = np.empty(len(order), POINT)
    points["hash"] = np.ascontiguousarray(found[order, :8]).view("<u8")[:, 0]
    places = np.array([keypoints[at].pt for at in order]) / size
    points["x"], points["y"] = np.rint(np.clip(places, 0, 1) * 65535).astype(np.uint16).T
    return points


def _rank(point: Any) -> tuple[float, ...]:
    return -point.response, point.octave, point.pt[1], point.pt[0]


@cache
def _finder() -> Any:
    return cv2.ORB.create(
        nfeatures=MOST_POINTS, scaleFactor=1.2, nlevels=6, edgeThreshold=16, patchSize=31, fastThreshold=7
    )
