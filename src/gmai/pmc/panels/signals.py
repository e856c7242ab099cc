"""What the cuts are found by: where a figure is white or dark, and how steep it is, all at one working size."""

from dataclasses import dataclass

import cv2
import numpy as np

WORKING_PX = 640
"""The longer side a figure is looked at; larger ones are reduced, smaller ones left."""
WHITE_FROM = 236
DARK_TO = 24
_RIDGE = 5.0


@dataclass(frozen=True, slots=True)
class Signals:
    """Maps of a figure at the working size."""

    scale: float
    """Pixels of the figure for one here."""
    white_HW: np.ndarray
    dark_HW: np.ndarray
    steep_x_HW: np.ndarray
    """At x: how much the two columns before x differ from the two from x on."""
    steep_y_HW: np.ndarray
    ridge_x_HW: np.ndarray
    """At x: 1 where a thin line is brighter than both its sides, -1 where it is darker, else 0."""
    ridge_y_HW: np.ndarray


def find_signals(picture_HWC: np.ndarray) -> Signals:
    """Reduce a figure and look at it."""
    height, width = picture_HWC.shape[:2]
    scale = max(1.0, max(height, width) / WORKING_PX)
    size = max(1, round(width / scale)), max(1, round(height / scale))
    small = cv2.resize(picture_HWC, size, interpolation=cv2.INTER_AREA) if scale > 1 else picture_HWC
    values = small.astype(np.float32)
    return Signals(
        scale=scale,
        white_HW=_whiten(picture_HWC, size),
        dark_HW=small.max(axis=2) < DARK_TO,
        steep_x_HW=_steepness(values, 1),
        steep_y_HW=_steepness(values, 0),
        ridge_x_HW=_ridge(values.mean(axis=2)),
        ridge_y_HW=_ridge(values.mean(axis=2).T).T,
    )


def _whiten(picture_HWC: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """White by the share of white pixels, so that a thin white line between dark pictures is not lost to grey."""
    full = (picture_HWC.min(axis=2) >= WHITE_FROM).astype(np.float32)
    share: np.ndarray = cv2.resize(full, size, interpolation=cv2.INTER_AREA)
    white: np.ndarray = share > 0.6
    return white


def _steepness(values_HWC: np.ndarray, axis: int) -> np.ndarray:
    padded = np.pad(values_HWC, [(2, 1) if at == axis else (0, 0) for at in range(3)], mode="edge")
    pairs = padded.take(range(padded.shape[axis] - 1), axis) + padded.take(range(1, padded.shape[axis]), axis)
    num = values_HWC.shape[axis]
    step = np.abs(pairs.take(range(2, 2 + num), axis) - pairs.take(range(num), axis))
    steep: np.ndarray = np.minimum(step.max(axis=2) / 2, 80)
    return steep


def _ridge(grey_HW: np.ndarray) -> np.ndarray:
    near = np.pad(grey_HW, ((0, 0), (4, 4)), mode="edge")
    num = grey_HW.shape[1]
    left = (near[:, 0:num] + near[:, 1 : num + 1]) / 2
    right = (near[:, 7 : num + 7] + near[:, 8 : num + 8]) / 2
    bright = grey_HW - np.maximum(left, right) > _RIDGE
    dark = np.minimum(left, right) - grey_HW > _RIDGE
    signs: np.ndarray = bright.astype(np.int8) - dark.astype(np.int8)
    return signs
