"""Which slices of a volume become pictures."""

from collections.abc import Collection

import numpy as np

from gmai.errors import ImageError
from gmai.images import Volume, Window
from gmai.types import SlicePolicy

FOREGROUND_LEVEL = 0.1
"""Part of the window above which a voxel counts as foreground."""
FOREGROUND_SHARE = 0.05
"""Part of a slice that must be foreground."""


def choose_slices(
    volume: Volume, labels: Volume | None, policy: SlicePolicy, window: Window | None, ignore: Collection[int] = ()
) -> list[int]:
    """Choose slices along the policy's axis, in ascending order.

    Args:
        volume: canonical; one without orientation is cut along its frames, whatever the policy says.
        labels: the label map on the same grid, for ``largest``.
        policy: which and how many.
        window: tells foreground from background, for ``even``; None for colour volumes, all of whose slices count.
        ignore: values of the label map that are no region, beside 0.

    Raises:
        ImageError: ``slices.no_annotation`` (``largest`` of a volume with nothing marked) or ``slices.no_foreground``.
    """
    axis = slice_axis(volume, policy)
    if policy.mode == "all":
        return list(range(volume.length(axis)))
    if policy.mode == "largest":
        if labels is None:
            raise ImageError("the largest lesion of a volume without label map", reason="slices.no_annotation")
        marked = labels.voxels != 0
        for value in ignore:
            marked &= labels.voxels != value
        areas = _per_slice(marked, axis)
        order = np.argsort(-areas, kind="stable")[: policy.count]
        chosen = sorted(int(index) for index in order if areas[index] > 0)
        if not chosen:
            raise ImageError("nothing is marked in the volume", reason="slices.no_annotation")
        return chosen
    return _even(_foreground(volume, axis, window), policy.count)


def slice_axis(volume: Volume, policy: SlicePolicy) -> int:
    """The axis that is cut: the policy's, or along the frames of a stack without orientation."""
    return policy.axis if volume.affine is not None else 2


def _foreground(volume: Volume, axis: int, window: Window | None) -> np.ndarray:
    if window is None:
        return np.arange(volume.length(axis))
    low, high = window.ends
    bright = volume.voxels > low + FOREGROUND_LEVEL * (high - low)
    area = np.prod(volume.voxels.shape[:3]) / volume.length(axis)
    found: np.ndarray = np.flatnonzero(_per_slice(bright, axis) >= FOREGROUND_SHARE * area)
    if not found.size:
        raise ImageError("no slice of the volume shows anything", reason="slices.no_foreground")
    return found


def _even(found: np.ndarray, count: int) -> list[int]:
    count = min(count, len(found))
    return [int(found[(2 * step + 1) * len(found) // (2 * count)]) for step in range(count)]


def _per_slice(inside: np.ndarray, axis: int) -> np.ndarray:
    counts: np.ndarray = inside.sum(axis=tuple(other for other in range(3) if other != 2 - axis))
    return counts
