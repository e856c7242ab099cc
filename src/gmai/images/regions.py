"""Regions of a volume, whatever file marks them: asked for slice by slice, so that masks never pile up in memory."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from gmai.base import Registry
from gmai.images.labels import read_label_volume
from gmai.images.volume import Volume, check_same_grid, cut_slice

NumberedMask = tuple[int, str, np.ndarray]
"""Value (or segment number), raw label, and the mask (H, W) bool as its slice is shown."""


class VolumeRegions(Protocol):
    """What a file marks on a volume's grid."""

    def areas(self, axis: int) -> np.ndarray:
        """Marked voxels of each slice along a canonical axis (int64)."""

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


@dataclass(frozen=True, slots=True)
class LabelVolume:
    """A label map: whole numbers (z, y, x), of which 0 and ``ignore`` are no region."""

    voxels: np.ndarray
    oriented: bool = True
    ignore: frozenset[int] = frozenset()
    label: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def areas(self, axis: int) -> np.ndarray:
        """Marked voxels of each slice along a canonical axis."""
        return per_slice(self._marked(self.voxels), axis)

    def cut(self, axis: int, index: int) -> Iterator[NumberedMask]:
        """The regions that a slice shows, by ascending value."""
        plane = np.ascontiguousarray(cut_slice(self.voxels, axis, index, flip=self.oriented))
        if self.label is not None:
            marked = self._marked(plane)
            if marked.any():
                yield 1, self.label, marked
            return
        for value in np.unique(plane):
            if value != 0 and int(value) not in self.ignore:
                yield int(value), self.names.get(str(value), str(value)), plane == value

    def _marked(self, voxels: np.ndarray) -> np.ndarray:
        marked: np.ndarray = voxels != 0
        for value in self.ignore:
            marked &= voxels != value
        return marked


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
    },
)


def read_label_map(path: Path, volume: Volume, names: RegionNames) -> VolumeRegions:
    """Read a label map on the volume's grid.

    Raises:
        ImageError: as :func:`gmai.images.read_label_volume` and :func:`gmai.images.check_same_grid`.
    """
    labels = read_label_volume(path)
    check_same_grid(volume, labels)
    return LabelVolume(labels.voxels, volume.affine is not None, frozenset(names.ignore), names.label, names.names)


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
