"""DICOM structure sets: closed contours filled slice by slice on the grid of the series they were drawn on.

A contour belongs to the slice whose plane it lies in; contours of one structure on one slice are combined by the
even-odd rule, which gives holes whether they are drawn as contours of their own or joined by a keyhole. What is no
closed contour, or lies on no slice, is told and counted.
"""

import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.dataelem import RawDataElement

from gmai.errors import ImageError
from gmai.images.dicom.damage import UNREADABLE
from gmai.images.dicom.regions import MarkBuilder, first_item, name_part, read_whole, slice_coordinates, to_ras
from gmai.images.outline import fill_outlines
from gmai.images.regions import LostRegions, MarkedVolume, RegionNames
from gmai.images.volume import Volume
from gmai.types import Step

CLOSED = frozenset({"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"})
ON_SLICE = 0.25
"""How far, in steps between slices, a contour may lie off a slice and still be drawn on it."""
PLANAR = 0.1
"""How far, in steps, the points of a contour may lie off their plane."""
_REASONS = {
    "rtstruct.not_closed": "points or open lines bound no area",
    "rtstruct.damaged": "fewer than three points, or what is no number",
    "rtstruct.oblique": "they are not parallel to the slices",
    "rtstruct.no_slice": "no slice of the image is there",
    "rtstruct.between_slices": "they lie between slices",
    "rtstruct.outside": "they hold the centre of no pixel of the image",
    "rtstruct.copy": "copies of another contour of the same slice",
}


@dataclass(slots=True)
class _Structure:
    """One structure, its contours by slice and distance from it, and why others are lost."""

    number: int
    label: str
    contours: dict[int, list[tuple[float, np.ndarray]]] = field(default_factory=lambda: defaultdict(list))
    lost: Counter[str] = field(default_factory=Counter)
    total: int = 0


def read_rtstruct(path: Path, volume: Volume, names: RegionNames) -> MarkedVolume:
    """Read a structure set on the grid of a series.

    Raises:
        ImageError: ``dicom.unreadable``, ``rtstruct.header``, ``volume.place_unknown`` (an image without a place),
            or, where no structure has an area on any slice, the most frequent reason of those.
    """
    header, sha256 = read_whole(path)
    where = str(path)
    if volume.affine is None:
        raise ImageError("the image does not say where it lies", where=where, reason="volume.place_unknown")
    axis = 2 if volume.stack_axis is None else volume.stack_axis
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            structures = [each for each in _structures(header, names) if each.number not in names.ignore]
            contours = _contours(header)
            for structure in structures:
                for contour in contours.get(structure.number, ()):
                    _sort_in(structure, contour, volume, axis)
    except UNREADABLE as error:
        what = f"a damaged header: {type(error).__name__}"
        raise ImageError(what, where=where, reason="rtstruct.header") from None
    marks = [_fill(structure, volume, axis) for structure in structures]
    lost = [each for structure in structures for each in _tell_lost(structure)]
    found = tuple(mark for mark in (builder.build(s.number, s.label) for builder, s in marks) if mark)
    shown = {mark.number for mark in found}
    for structure in structures:
        if structure.number not in shown:
            reason = structure.lost.most_common(1)[0][0] if structure.lost else "rtstruct.no_contour"
            lost.append(LostRegions(reason=reason, detail=f"structure {structure.number}: nothing of it can be shown"))
    if not found:
        reason = Counter(each.reason for each in lost).most_common(1)[0][0] if lost else "rtstruct.no_contour"
        raise ImageError("no structure has an area on a slice of the image", where=where, reason=reason)
    depth, height, width = volume.voxels.shape[:3]
    return MarkedVolume(
        shape=(depth, height, width),
        marks=found,
        lost=tuple(lost),
        steps=(Step(name="rtstruct", parameters=_told(sha256, structures)),),
    )


def _told(sha256: str, structures: list[_Structure]) -> dict[str, Any]:
    lost = sum(each.lost.total() for each in structures)
    kept = sum(each.total for each in structures) - lost
    told: dict[str, Any] = {"sha256": sha256, "rule": "even-odd, pixel centres", "contours": kept}
    farthest = max((away for each in structures for found in each.contours.values() for away, _ in found), default=0.0)
    if farthest > 1e-3:
        told["steps_off_slice"] = round(farthest, 3)
    if lost:
        told["contours_lost"] = lost
    return told


def _structures(header: Dataset, names: RegionNames) -> Iterator[_Structure]:
    observed = {item.get("ReferencedROINumber"): item for item in header.get("RTROIObservationsSequence") or ()}
    for item in header.get("StructureSetROISequence") or ():
        number = int(item.ROINumber)
        coded = first_item(observed.get(number, Dataset()), "RTROIIdentificationCodeSequence")
        raw = name_part(header, str(item.get("ROIName") or ""), coded, names.naming) or str(number)
        yield _Structure(number, names.label or names.names.get(str(number), raw))


def _contours(header: Dataset) -> dict[int, list[Dataset]]:
    found: dict[int, list[Dataset]] = defaultdict(list)
    for item in header.get("ROIContourSequence") or ():
        found[int(item.ReferencedROINumber)] += list(item.get("ContourSequence") or ())
    return found


def _sort_in(structure: _Structure, contour: Dataset, volume: Volume, axis: int) -> None:
    """Put a contour to the slice it lies on, as x, y of that slice's voxels, or count why it is lost."""
    structure.total += 1
    if str(contour.get("ContourGeometricType") or "").strip().upper() not in CLOSED:
        structure.lost["rtstruct.not_closed"] += 1
        return
    points = _points(contour)
    if points is None:
        structure.lost["rtstruct.damaged"] += 1
        return
    indices, shifts, least = slice_coordinates(volume, to_ras(points), axis)
    if np.ptp(indices[:, axis]) > PLANAR * least:
        structure.lost["rtstruct.oblique"] += 1
        return
    away = np.abs(indices[:, axis].mean() - shifts[:, axis] - np.arange(len(shifts)))
    index = int(away.argmin())
    if away[index] > ON_SLICE * least:
        beyond = away[index] >= 1 - ON_SLICE or volume.offsets_mm is not None
        structure.lost["rtstruct.no_slice" if beyond else "rtstruct.between_slices"] += 1
        return
    across, down = (way for way in range(3) if way != axis)
    outline = (indices - shifts[index])[:, [across, down]]
    structure.contours[index].append((float(away[index]), outline))


def _points(contour: Dataset) -> np.ndarray | None:
    """Points (n, 3) in mm as DICOM gives them, read from the text itself, which is many times faster."""
    raw = contour.get_item("ContourData") if "ContourData" in contour else None
    value = raw.value if raw is not None else None
    try:
        if isinstance(raw, RawDataElement) and isinstance(value, bytes):
            numbers = np.array(re.split(rb"\\", value.strip(b" \0")), np.float64)
        else:
            numbers = np.array(list(value or ()), np.float64)
    except ValueError:
        return None
    if len(numbers) % 3 or len(numbers) < 9 or not np.isfinite(numbers).all():
        return None
    return numbers.reshape(-1, 3)


def _fill(structure: _Structure, volume: Volume, axis: int) -> tuple[MarkBuilder, _Structure]:
    builder = MarkBuilder()
    height, width = (volume.voxels.shape[2 - way] for way in sorted((w for w in range(3) if w != axis), reverse=True))
    for index, found in sorted(structure.contours.items()):
        kept = list(_nearest_once(structure, found))
        if not builder.add(axis, index, (0, 0), fill_outlines(kept, height, width)):
            structure.lost["rtstruct.outside"] += len(kept)
    return builder, structure


def _nearest_once(structure: _Structure, found: list[tuple[float, np.ndarray]]) -> Iterator[np.ndarray]:
    """The contours of the plane nearest to a slice; one drawn twice would cut itself out."""
    nearest = min(away for away, _ in found)
    seen: set[bytes] = set()
    for away, outline in found:
        key = np.round(outline, 3).tobytes()
        if away > nearest + 1e-2:
            structure.lost["rtstruct.between_slices"] += 1
        elif key in seen:
            structure.lost["rtstruct.copy"] += 1
        else:
            seen.add(key)
            yield outline


def _tell_lost(structure: _Structure) -> Iterator[LostRegions]:
    for reason, count in sorted(structure.lost.items()):
        detail = f"structure {structure.number}: {count} contours: {_REASONS[reason]}"
        yield LostRegions(reason=reason, detail=detail, unit="contour", count=count)
