"""Frames with a place made into a volume: ordered along the normal of their plane, every irregularity told.

Slices are ordered by their position along the normal (PS3.3 C.7.6.2.1.1), never by instance number or file name. Gaps,
uneven steps and gantry tilt are told.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom import Dataset

from gmai.errors import ImageError
from gmai.images.dicom.frames import Frame
from gmai.images.dicom.header import read_number, read_numbers
from gmai.images.dicom.time import part_volumes

UNEVEN = 0.1
"""Part of the usual step by which a step may differ before it is told."""
GAP = 1.5
"""A step this many times the usual one means that slices are missing."""
SHEARED_DEG = 0.5
SAME_GRID = 0.01
"""How far cosines, or spacings in parts of themselves, may differ within a grid."""
WHOLE = 0.5
"""Part of the largest volume's slices below which what is left over at repeated places is no volume."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The frames of one volume in the order of their places, and what else there was."""

    frames: tuple[Frame, ...]
    places: np.ndarray
    """Centre of the first pixel of each frame (n, 3), in mm left, back, up."""
    cosines: np.ndarray
    told: dict[str, Any]
    left_over: tuple[Frame, ...] = ()
    """Frames at places that others fill, too few to be a volume."""

    @property
    def normal(self) -> np.ndarray:
        """Of the plane of the frames."""
        normal: np.ndarray = np.cross(self.cosines[0], self.cosines[1])
        return normal


def choose_stack(frames: Sequence[Frame], index: int, where: str) -> Stack:
    """Choose the frames of one volume.

    Args:
        frames: all with a place.
        index: which volume, where places are repeated.
        where: what to call the series in messages.

    Raises:
        ImageError: ``volume.index``: there is no such volume; ``dicom.mixed_series``.
    """
    grids = _by_grid(frames)
    grid = max(grids, key=len)
    told: dict[str, Any] = {"stacks": len(grids), "stack": grids.index(grid)} if len(grids) > 1 else {}
    if len({frame.shape for frame in grid}) > 1:
        raise ImageError("a series of pictures of several sizes", where=where, reason="dicom.mixed_series")
    cosines = _cosines(grid[0])
    normal = np.cross(cosines[0], cosines[1])
    places = np.array([frame.position for frame in grid])
    parted = part_volumes(grid, places @ normal)
    largest = max(len(volume) for volume in parted.volumes)
    volumes = [volume for volume in parted.volumes if len(volume) >= WHOLE * largest]
    rest = [grid[each] for volume in parted.volumes if len(volume) < WHOLE * largest for each in volume]
    if not 0 <= index < len(volumes):
        what = f"volume {index} of {len(volumes)}"
        raise ImageError(what, where=where, reason="volume.index")
    if len(volumes) > 1:
        told |= {"volumes": len(volumes), "volume": index, "volumes_by": " ".join(parted.by)}
    chosen = np.array(volumes[index])
    order = chosen[np.argsort(places[chosen] @ normal, kind="stable")]
    return Stack(tuple(grid[each] for each in order), places[order], cosines, told, tuple(rest))


def _cosines(frame: Frame) -> np.ndarray:
    cosines = frame.cosines
    assert cosines is not None
    if not np.allclose(cosines @ cosines.T, np.eye(2), atol=0.02):
        raise ImageError("rows and columns at no right angle", where=frame.file.shown, reason="dicom.header")
    return cosines


def _by_grid(frames: Sequence[Frame]) -> list[list[Frame]]:
    grids: dict[int, list[Frame]] = defaultdict(list)
    firsts: list[np.ndarray] = []
    for frame in frames:
        spacing = find_spacing(frame.header) or (0.0, 0.0)
        found = np.concatenate([_cosines(frame).ravel(), np.log(np.maximum(spacing, 1e-6))])
        number = next((n for n, first in enumerate(firsts) if np.abs(first - found).max() < SAME_GRID), len(firsts))
        if number == len(firsts):
            firsts.append(found)
        grids[number].append(frame)
    return list(grids.values())


def find_irregularities(places: np.ndarray, normal: np.ndarray) -> dict[str, Any]:
    """Step, gaps and tilt of a stack, as told in the provenance."""
    if len(places) < 2:
        return {}
    steps = np.diff(places @ normal)
    usual = float(np.median(steps))
    told: dict[str, Any] = {"step_mm": round(usual, 4)}
    wide = np.flatnonzero(np.abs(steps - usual) > UNEVEN * usual)
    if wide.size:
        told["uneven_after_mm"] = {str(int(i)): round(float(steps[i]), 4) for i in wide}
        told["gaps"] = int((steps > GAP * usual).sum())
    way = places[-1] - places[0]
    tilt = float(np.degrees(np.arccos(np.clip(way @ normal / np.linalg.norm(way), -1, 1))))
    if tilt > SHEARED_DEG:
        told["tilt_deg"] = round(tilt, 2)
    return told


def stack_affine(stack: Stack) -> np.ndarray:
    """From (column, row, slice, 1) to mm right, front, up."""
    header, places = stack.frames[0].header, stack.places
    spacing = find_spacing(header) or (1.0, 1.0)
    if len(places) > 1:
        step = (places[-1] - places[0]) / (len(places) - 1)
    else:
        step = stack.normal * find_thickness(header)
    columns = [stack.cosines[0] * spacing[1], stack.cosines[1] * spacing[0], step, places[0]]
    affine = np.eye(4)
    affine[:3] = np.stack([to_ras(column) for column in columns], axis=1)
    return affine


def find_offsets(places: np.ndarray, flipped: bool) -> np.ndarray | None:
    """How far slices lie from even steps between the first and the last, in mm right, front, up; None if even."""
    even = np.linspace(places[0], places[-1], len(places))
    away = to_ras(places - even)
    if len(places) < 3 or np.abs(away).max() < 1e-3:
        return None
    return away[::-1] if flipped else away


def find_spacing(header: Dataset) -> tuple[float, float] | None:
    """(row, column) spacing in mm; of a projection, that of the detector.

    Raises:
        ImageError: ``dicom.header``.
    """
    names = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
    found = next((numbers for name in names if (numbers := read_numbers(header, name, 2)) is not None), None)
    if found is None:
        return None
    if min(found) <= 0:
        raise ImageError(f"a pixel spacing of {found}", reason="dicom.header")
    return found[0], found[1]


def find_thickness(header: Dataset) -> float:
    """Distance of slices, where there is only one to tell it from."""
    found = read_number(header, "SpacingBetweenSlices", 0) or read_number(header, "SliceThickness", 0)
    return abs(found) or 1.0


def to_ras(vector: np.ndarray) -> np.ndarray:
    """From DICOM's left, back, up to right, front, up."""
    turned: np.ndarray = vector * np.array([-1.0, -1.0, 1.0])
    return turned
