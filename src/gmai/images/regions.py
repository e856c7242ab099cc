"""Regions of a volume, whatever file marks them: asked for slice by slice, so that masks never pile up in memory."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from gmai.base import Registry
from gmai.images.labels import read_label_volume
from gmai.images.peek import find_kind
from gmai.images.volume import Volume, check_same_grid, cut_slice
from gmai.types import Step

NumberedMask = tuple[int, str, np.ndarray]
"""Value (or segment number), raw label, and the mask (H, W) bool as its slice is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRegions:
    """What a file marks but no slice can show, and why."""

    reason: str
    detail: str
    unit: str = "annotation"
    count: int = 1


class VolumeRegions(Protocol):
    """What a file marks on a volume's grid."""

    @property
    def lost(self) -> tuple[LostRegions, ...]:
        """What could not be used."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was done to get here."""

    def areas(self, axis: int) -> np.ndarray:
        """Marked voxels of each slice along a canonical axis (int64); those of two regions count twice."""

    def cut(self, axis: int, index: int) -> Iterator[NumberedMask]:
        """The regions that a slice shows, by ascending value, turned as :func:`gmai.images.show_slice` turns it."""


class RegionNames(Protocol):
    """How the values of a region file are to be read; see ``RegionFile`` of the annotations room."""

    @property
    def ignore(self) -> Collection[int]:
        """Values that are no region, beside 0."""

    @property
    def label(self) -> str | None:
        """Raw label of all that is not 0; None where each value is a label."""

    @property
    def names(self) -> Mapping[str, str]:
        """Value to raw label; values missing here are their own label."""

    @property
    def naming(self) -> Literal["label", "type", "code"]:
        """What names a segment of a DICOM object: its label, the meaning of its type, or the type's code."""


@dataclass(frozen=True, slots=True)
class LabelVolume:
    """A label map: whole numbers (z, y, x), of which 0 and ``ignore`` are no region."""

    voxels: np.ndarray
    oriented: bool = True
    ignore: frozenset[int] = frozenset()
    label: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[LostRegions, ...] = ()
    steps: tuple[Step, ...] = ()

    def areas(self, axis: int) -> np.ndarray:
        """Marked voxels of each slice along a canonical axis."""
        return per_slice(self.marked(self.voxels), axis)

    def cut(self, axis: int, index: int) -> Iterator[NumberedMask]:
        """The regions that a slice shows, by ascending value."""
        plane = np.ascontiguousarray(cut_slice(self.voxels, axis, index, flip=self.oriented))
        if self.label is not None:
            marked = self.marked(plane)
            if marked.any():
                yield 1, self.label, marked
            return
        for value in _values(plane):
            if value != 0 and value not in self.ignore:
                yield value, self.names.get(str(value), str(value)), plane == value

    def marked(self, voxels: np.ndarray) -> np.ndarray:
        """Which voxels are neither 0 nor ignored."""
        marked: np.ndarray = voxels != 0
        for value in self.ignore:
            marked &= voxels != value
        return marked


def _values(plane: np.ndarray) -> list[int]:
    """The values of a plane, ascending; counted where they are few, which is ten times faster than sorting."""
    if plane.size and plane.min() >= 0 and plane.max() < 1 << 16:
        return [int(value) for value in np.flatnonzero(np.bincount(plane.ravel()))]
    return [int(value) for value in np.unique(plane)]


@dataclass(frozen=True, slots=True)
class Mark:
    """One region of a volume: its number, its raw label, and its voxels inside a box of the grid."""

    number: int
    label: str
    corner: tuple[int, int, int]
    """First voxel (z, y, x) of the box."""
    inside: np.ndarray
    """bool (z, y, x) of the box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedVolume:
    """Regions that may overlap, each kept as small as it is."""

    shape: tuple[int, int, int]
    """Voxels of the grid (z, y, x)."""
    marks: tuple[Mark, ...]
    """By ascending number."""
    oriented: bool = True
    lost: tuple[LostRegions, ...] = ()
    steps: tuple[Step, ...] = ()

    def areas(self, axis: int) -> np.ndarray:
        """Marked voxels of each slice along a canonical axis; those of two regions count twice."""
        total = np.zeros(self.shape[2 - axis], np.int64)
        for mark in self.marks:
            first = mark.corner[2 - axis]
            found = per_slice(mark.inside, axis)
            total[first : first + len(found)] += found
        return total

    def cut(self, axis: int, index: int) -> Iterator[NumberedMask]:
        """The regions that a slice shows, by ascending number."""
        for mark in self.marks:
            local = index - mark.corner[2 - axis]
            if not 0 <= local < mark.inside.shape[2 - axis]:
                continue
            part = cut_slice(mark.inside, axis, local, flip=False)
            if not part.any():
                continue
            plane = np.zeros([size for way, size in enumerate(self.shape) if way != 2 - axis], bool)
            top, left = (first for way, first in enumerate(mark.corner) if way != 2 - axis)
            plane[top : top + part.shape[0], left : left + part.shape[1]] = part
            yield mark.number, mark.label, np.ascontiguousarray(plane[::-1, ::-1] if self.oriented else plane)


def crop_mark(number: int, label: str, inside: np.ndarray) -> Mark | None:
    """A region as small as it is, of voxels (z, y, x) of a whole grid; None if there are none."""
    box = []
    for way in range(3):
        found = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != way)))
        if not found.size:
            return None
        box.append(slice(int(found[0]), int(found[-1]) + 1))
    corner = box[0].start, box[1].start, box[2].start
    return Mark(number, label, corner, inside[tuple(box)].copy())


def per_slice(inside: np.ndarray, axis: int) -> np.ndarray:
    """Number of True voxels of each slice along a canonical axis, of voxels (z, y, x)."""
    counts: np.ndarray = inside.sum(axis=tuple(other for other in range(3) if other != 2 - axis))
    return counts


class ReadRegions(Protocol):
    """Read a file that marks regions on a volume."""

    def __call__(self, path: Path, volume: Volume, names: RegionNames) -> VolumeRegions:
        """Read ``path``; raises ImageError where it cannot be read or does not lie on the volume's grid."""


REGIONS: Registry[ReadRegions] = Registry(
    "regions",
    {
        "labels": "gmai.images.regions:read_label_map",
        "rtstruct": "gmai.images.dicom.rtstruct:read_rtstruct",
        "seg": "gmai.images.dicom.seg:read_seg",
    },
)


def read_label_map(path: Path, volume: Volume, names: RegionNames) -> VolumeRegions:
    """Read a label map on the volume's grid; of segmentations of 3D Slicer, their named segments.

    Raises:
        ImageError: as :func:`gmai.images.read_label_volume` and :func:`gmai.images.check_same_grid`.
    """
    if find_kind(path) == "nrrd":
        from gmai.images.slicer_seg import is_slicer_seg, read_slicer_seg

        if is_slicer_seg(path):
            return read_slicer_seg(path, volume, names)
    labels = read_label_volume(path)
    check_same_grid(volume, labels)
    oriented, ignore = volume.affine is not None, frozenset(names.ignore)
    if names.label is None:
        return LabelVolume(_narrow(labels.voxels), oriented, ignore, None, names.names)
    mark = crop_mark(1, names.label, LabelVolume(labels.voxels, ignore=ignore).marked(labels.voxels))
    depth, height, width = labels.voxels.shape
    return MarkedVolume(shape=(depth, height, width), marks=(mark,) if mark else (), oriented=oriented)


def _narrow(voxels: np.ndarray) -> np.ndarray:
    """The same values in the fewest bytes that hold them."""
    low, high = (int(voxels.min()), int(voxels.max())) if voxels.size else (0, 0)
    return voxels.astype(np.result_type(np.min_scalar_type(low), np.min_scalar_type(high)), copy=False)


def read_regions(kind: str, path: Path, volume: Volume, names: RegionNames) -> VolumeRegions:
    """Read a file that marks regions on a volume.

    Args:
        kind: name in ``REGIONS``.
        path: the file.
        volume: on whose grid the regions are wanted.
        names: how its values are to be read.

    Raises:
        ImageError: it cannot be read, or does not lie on the volume's grid.
    """
    return REGIONS.get(kind)(path, volume, names)
