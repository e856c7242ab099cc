"""Which slices of a volume become pictures; no voxel is touched that the choice does not need."""

from collections.abc import Sequence
from functools import cache, partial

import numpy as np

from gmai.errors import ImageError
from gmai.images import Volume, VolumeRegions, Window
from gmai.types import SlicePolicy

FOREGROUND_LEVEL = 0.1
"""Part of the window above which a voxel counts as foreground."""
FOREGROUND_SHARE = 0.05
"""Part of a slice that must be foreground; where no slice has so much, half the part of the slice that has most."""


def choose_slices(
    volume: Volume, regions: Sequence[VolumeRegions], policy: SlicePolicy, axis: int, window: Window | None
) -> list[int]:
    """Choose slices along an axis, in ascending order.

    Args:
        volume: canonical.
        regions: what is marked on the same grid, for ``largest`` and ``annotated``.
        policy: which and how many.
        axis: of :func:`slice_axes`.
        window: tells foreground from background, for ``even``; None for colour volumes, all of whose slices count.

    Raises:
        ImageError: ``slices.no_annotation`` (nothing is marked where something must be) or ``slices.no_foreground``.
    """
    if policy.mode == "all":
        return list(range(volume.length(axis)))
    if policy.mode == "even":
        return _even(volume, axis, window, policy.count)
    if not regions:
        raise ImageError(f"the {policy.mode} slices of a volume without regions", reason="slices.no_annotation")
    areas = np.sum([each.areas(axis) for each in regions], axis=0)
    order = np.argsort(-areas, kind="stable")[: policy.count if policy.mode == "largest" else None]
    chosen = sorted(int(index) for index in order if areas[index] > 0)
    if not chosen:
        raise ImageError("nothing is marked in the volume", reason="slices.no_annotation")
    return chosen


def slice_axes(volume: Volume, policy: SlicePolicy) -> tuple[int, ...]:
    """The axes that are cut: the policy's, or along the frames of a stack without orientation.

    Where the policy has none, slices are those that were taken: of a DICOM series its own, of other volumes axial ones.
    """
    if volume.affine is None:
        return (2,)
    taken = 2 if volume.stack_axis is None else volume.stack_axis
    return policy.axes or (taken if policy.axis is None else policy.axis,)


def _even(volume: Volume, axis: int, window: Window | None, count: int) -> list[int]:
    """Slices evenly spread between the first and the last that show foreground; one that shows none gives way."""
    length = volume.length(axis)
    if window is None:
        return spread(range(length), count)
    bright = cache(partial(_bright_part, volume, axis, window))
    least = FOREGROUND_SHARE
    first = next((index for index in range(length) if bright(index) >= least), None)
    if first is None:  # thin things, such as vessels: slices with half as much as the one with most
        least = max(bright(index) for index in range(length)) / 2
        first = next(index for index in range(length) if bright(index) >= least)
    if least == 0:
        raise ImageError("no slice of the volume shows anything", reason="slices.no_foreground")
    last = next(index for index in reversed(range(length)) if bright(index) >= least)
    chosen: set[int] = set()
    for wanted in spread(range(first, last + 1), count):
        nearest = sorted(range(first, last + 1), key=partial(_away, wanted))
        chosen.update(next(([index] for index in nearest if index not in chosen and bright(index) >= least), []))
    return sorted(chosen)


def _away(wanted: int, index: int) -> int:
    return abs(index - wanted)


def _bright_part(volume: Volume, axis: int, window: Window, index: int) -> float:
    low, high = window.ends
    plane = volume.voxels[(slice(None),) * (2 - axis) + (index,)]
    return float(np.count_nonzero(plane > low + FOREGROUND_LEVEL * (high - low)) / plane.size)


def spread(found: Sequence[int] | np.ndarray, count: int) -> list[int]:
    """``count`` of what was found, evenly spread, each in the middle of its part."""
    count = min(count, len(found))
    return [int(found[(2 * step + 1) * len(found) // (2 * count)]) for step in range(count)]
