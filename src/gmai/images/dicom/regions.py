"""What DICOM segmentations and structure sets share: the whole header, names that spell nobody, places on a grid.

Where a slice lies is taken from the volume's affine and, of uneven stacks, from each slice's own position.
"""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
import pydicom
from pydicom import Dataset, config
from pydicom.errors import InvalidDicomError

from gmai.base import hash_bytes
from gmai.errors import ImageError
from gmai.images.deid import keyed_hash
from gmai.images.dicom.damage import UNREADABLE
from gmai.images.dicom.header import read_numbers
from gmai.images.regions import Mark
from gmai.images.volume import GRID_TOLERANCE, Volume

Naming = Literal["label", "type", "code"]
_PATIENT = ("PatientName", "PatientID", "OtherPatientIDs", "OtherPatientNames", "PatientBirthDate", "AccessionNumber")
_SHORTEST = 3
_BREAKS = re.compile(r"[^0-9a-z]+")


def read_whole(path: Path) -> tuple[Dataset, str]:
    """Read every element of a file.

    Returns:
        The dataset, and the SHA-256 of the file.

    Raises:
        ImageError: ``dicom.unreadable``.
    """
    data = path.read_bytes()
    config.settings.reading_validation_mode = config.IGNORE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pydicom.dcmread(BytesIO(data), force=data[:2] in {b"\x08\x00", b"\x02\x00"})
            found.get("SOPClassUID")
    except (InvalidDicomError, *UNREADABLE):
        raise ImageError("not a DICOM file that can be read", where=str(path), reason="dicom.unreadable") from None
    return found, hash_bytes(data)


def first_item(dataset: Dataset, keyword: str) -> Dataset:
    """The first item of a sequence; an empty dataset if there is none."""
    found = dataset.get(keyword)
    return found[0] if found else Dataset()


def name_part(dataset: Dataset, label: str, coded: Dataset, naming: Naming) -> str:
    """The raw label of a segment or structure; one that spells the patient is hashed.

    Args:
        dataset: the whole object, which says who the patient is.
        label: what its author called it.
        coded: the item of its coded type.
        naming: which of label, meaning and code is wanted; the label where there is no code.
    """
    meaning = str(coded.get("CodeMeaning") or "").strip()
    value = str(coded.get("CodeValue") or coded.get("LongCodeValue") or coded.get("URNCodeValue") or "").strip()
    if naming == "type" and meaning:
        return meaning
    if naming == "code" and value:
        return f"{str(coded.get('CodingSchemeDesignator') or '').strip()}:{value}"
    found = label.strip() or meaning
    return f"hidden/{keyed_hash('label', found)}" if _spells_patient(found, dataset) else found


def _spells_patient(label: str, dataset: Dataset) -> bool:
    words = set(_BREAKS.split(label.lower()))
    for keyword in _PATIENT:
        value = str(dataset.get(keyword) or "").lower()
        parts = {_BREAKS.sub("", value), *(_BREAKS.split(value) if "Name" in keyword else ())}
        if words & {part for part in parts if len(part) >= _SHORTEST}:
            return True
    return False


def to_ras(points: np.ndarray) -> np.ndarray:
    """DICOM's left, back, up (…, 3) as right, front, up."""
    turned: np.ndarray = points * np.array([-1.0, -1.0, 1.0])
    return turned


def slice_coordinates(volume: Volume, points: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Points as voxel indices, as each slice along an axis sees them.

    Args:
        volume: with an affine.
        points: (points, 3) right, front, up in mm.
        axis: canonical.

    Returns:
        Indices x, y, z (points, 3) by the affine; what to take off them on each slice (slices, 3); and the least step
        between slices, in steps of the affine.
    """
    assert volume.affine is not None
    inverse = np.linalg.inv(volume.affine)[:3, :3]
    indices = (points - volume.affine[:3, 3]) @ inverse.T
    if volume.offsets_mm is None or axis != volume.stack_axis:
        return indices, np.zeros((volume.length(axis), 3)), 1.0
    shifts = volume.offsets_mm @ inverse.T
    least = float(np.diff(np.sort(np.arange(len(shifts)) + shifts[:, axis])).min())
    return indices, shifts, least


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame of rows and columns lies on a volume's grid."""

    axis: int
    """Canonical axis along which the frame is a slice."""
    index: int
    first: tuple[int, int]
    """First row and column of the slice that it covers, in the order of the voxels."""
    turned: bool
    """Its rows run along the slice's columns."""
    flips: tuple[bool, bool]
    """Whether the slice's rows and columns, once turned, run backwards."""

    def fit(self, frame: np.ndarray) -> np.ndarray:
        """The frame (rows, columns) as a part of the slice."""
        part = frame.T if self.turned else frame
        part = part[::-1] if self.flips[0] else part
        return part[:, ::-1] if self.flips[1] else part


def find_place(volume: Volume, geometry: tuple[np.ndarray, ...], size: tuple[int, int]) -> Place | None:
    """Where a frame lies; None if its slice is not in the volume.

    Args:
        volume: with an affine.
        geometry: position (3), direction of rows and of columns (2, 3), row and column spacing (2), as DICOM gives
            them.
        size: rows and columns of the frame.

    Raises:
        ImageError: ``volume.place_mismatch``: the frame lies on another grid.
    """
    assert volume.affine is not None
    position, cosines, spacing = geometry
    inverse = np.linalg.inv(volume.affine)[:3, :3]
    steps = np.stack([inverse @ to_ras(cosines[1] * spacing[0]), inverse @ to_ras(cosines[0] * spacing[1])])
    units = np.rint(steps)
    apart = (np.abs(steps - units) * (np.array(size)[:, None] - 1)).max()
    if apart > GRID_TOLERANCE or np.abs(units).sum() != 2 or (np.abs(units).sum(axis=1) != 1).any():
        raise _elsewhere("its pixels are of another size or direction")
    ways = np.abs(units).argmax(axis=1)
    if ways[0] == ways[1]:
        raise _elsewhere("its pixels are of another size or direction")
    axis = 3 - int(ways.sum())
    indices, shifts, least = slice_coordinates(volume, to_ras(position)[None], axis)
    away = indices[0, axis] - shifts[:, axis] - np.arange(len(shifts))
    index = int(np.abs(away).argmin())
    if abs(away[index]) > GRID_TOLERANCE * least:
        if abs(away[index]) > 1 - GRID_TOLERANCE or volume.offsets_mm is not None:
            return None
        raise _elsewhere(f"a frame lies {abs(away[index]):.2f} of a step beside the nearest slice")
    return _settle(volume, indices[0] - shifts[index], units, size, (axis, index))


def _settle(
    volume: Volume, corner: np.ndarray, units: np.ndarray, size: tuple[int, int], found: tuple[int, int]
) -> Place:
    axis, index = found
    ways = np.abs(units).argmax(axis=1)
    turned = bool(ways[0] < ways[1])  # the larger of x, y, z is the slice's row
    order = (1, 0) if turned else (0, 1)
    firsts, flips = [], []
    for way in order:
        along, forward = int(ways[way]), units[way].sum() > 0
        start = corner[along] if forward else corner[along] - (size[way] - 1)
        first = int(np.rint(start))
        if abs(start - first) > GRID_TOLERANCE or not 0 <= first <= volume.voxels.shape[2 - along] - size[way]:
            raise _elsewhere("its pixels lie between or beside those of the image")
        firsts.append(first)
        flips.append(not forward)
    return Place(axis, index, (firsts[0], firsts[1]), turned, (flips[0], flips[1]))


def _elsewhere(why: str) -> ImageError:
    return ImageError(f"the regions lie on another grid than the image: {why}", reason="volume.place_mismatch")


def read_geometry(*sources: Dataset) -> tuple[np.ndarray, ...] | None:
    """Position, directions and spacing from the first of several datasets that has each; None if one is missing.

    Raises:
        ImageError: ``dicom.header``: what is no number.
    """
    found = []
    for keyword, count in (("ImagePositionPatient", 3), ("ImageOrientationPatient", 6), ("PixelSpacing", 2)):
        numbers = next((n for each in sources if (n := read_numbers(each, keyword, count)) is not None), None)
        if numbers is None:
            return None
        found.append(np.array(numbers))
    return found[0], found[1].reshape(2, 3), found[2]


@dataclass(slots=True)
class MarkBuilder:
    """Gathers the slices of one region, each as small as it is."""

    parts: list[tuple[tuple[int, int, int], np.ndarray]] = field(default_factory=list)

    def add(self, axis: int, index: int, first: Sequence[int], inside: np.ndarray) -> bool:
        """Add what a slice along an axis shows, its first row and column being ``first``; False if nothing is."""
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        if not rows.size:
            return False
        part = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        corner = [first[0] + int(rows[0]), first[1] + int(columns[0])]
        corner.insert(2 - axis, index)
        self.parts.append(((corner[0], corner[1], corner[2]), np.expand_dims(part.astype(bool), 2 - axis)))
        return True

    def build(self, number: int, label: str) -> Mark | None:
        """The region in one box; None if nothing was added."""
        if not self.parts:
            return None
        low = np.min([corner for corner, _ in self.parts], axis=0)
        high = np.max([np.add(corner, part.shape) for corner, part in self.parts], axis=0)
        inside = np.zeros(high - low, bool)
        for corner, part in self.parts:
            box = tuple(slice(c, c + n) for c, n in zip(corner - low, part.shape, strict=True))
            inside[box] |= part
        return Mark(number, label, (int(low[0]), int(low[1]), int(low[2])), inside)
