"""DICOM segmentations: binary, fractional and label map segments, laid on the grid of the image they segment.

A frame is placed by its position in the patient; where image and frame have none, by the instance and frame it refers
to. Nothing is resampled: a frame on another grid is refused. Fractional values are in from half the maximum on.
"""

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.pixels import pixel_array

from gmai.errors import ImageError
from gmai.images.deid import keyed_hash
from gmai.images.dicom.damage import UNDECODABLE, UNREADABLE
from gmai.images.dicom.header import read_number
from gmai.images.dicom.regions import MarkBuilder, Place, find_place, first_item, name_part, read_geometry, read_whole
from gmai.images.regions import LostRegions, MarkedVolume, RegionNames
from gmai.images.volume import Volume
from gmai.types import Step

THRESHOLD = 0.5
"""Part of the maximum fractional value from which on a pixel is in its segment."""
MAX_FRAMES = 1 << 20
MAX_FRAME_PIXELS = 1 << 27


_BACKGROUND = "125040"
"""Code of DICOM for what is no segment."""


@dataclass(slots=True)
class _Reading:
    """A segmentation on the way through its frames."""

    header: Dataset
    volume: Volume
    labels: dict[int, str]
    skipped: set[int]
    """Background, and segments that the card ignores."""
    builders: dict[int, MarkBuilder] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    off: Counter[int] = field(default_factory=Counter)
    """Frames by segment (0 in a label map) on slices that the volume lacks."""

    def add(self, position: int, frame: "_Frame") -> None:
        """Lay one frame on the volume's grid."""
        if frame.segment in self.skipped:
            self.told["frames_ignored"] += 1
            return
        place = _find_place(self.header, frame, self.volume)
        if place is None:
            self.told["frames_off"] += 1
            self.off[frame.segment or 0] += 1
            return
        for number, inside in _parts(self.header, frame, _decode(self.header, position), self.told):
            if number in self.skipped:
                continue
            if number not in self.labels:  # no segment describes it, but it is marked
                self.labels[number] = str(number)
                self.told["undescribed"] += 1
            builder = self.builders.setdefault(number, MarkBuilder())
            builder.add(place.axis, place.index, place.first, place.fit(inside))


def read_seg(path: Path, volume: Volume, names: RegionNames) -> MarkedVolume:
    """Read a segmentation on the volume's grid.

    Raises:
        ImageError: ``dicom.unreadable``, ``seg.kind`` (no segmentation, or of a slide), ``seg.header``, ``seg.pixels``,
            ``dicom.too_large``, ``volume.place_mismatch`` (another grid), ``seg.no_slice`` (no frame lies on a slice of
            the volume), ``seg.empty``.
    """
    header, sha256 = read_whole(path)
    where = str(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind = _check(header, where)
            reading = _Reading(header, volume, *_name_segments(header, names))
            frames = list(_frames(header))
            for position, frame in enumerate(frames):
                reading.add(position, frame)
    except ImageError as error:
        raise ImageError(error.message, where=where, reason=error.reason) from None
    except UNREADABLE as error:
        what = f"a damaged header: {type(error).__name__}"
        raise ImageError(what, where=where, reason="seg.header") from None
    built = [builder.build(number, reading.labels[number]) for number, builder in sorted(reading.builders.items())]
    marks = tuple(mark for mark in built if mark)
    if not marks:
        reason = "seg.no_slice" if reading.off else "seg.empty"
        raise ImageError("no frame marks anything on a slice of the image", where=where, reason=reason)
    told: dict[str, Any] = {"type": kind, "frames": len(frames), "sha256": sha256, **reading.told}
    if kind == "FRACTIONAL":
        told["threshold"] = THRESHOLD
    depth, height, width = volume.voxels.shape[:3]
    return MarkedVolume(
        shape=(depth, height, width),
        marks=marks,
        oriented=volume.affine is not None,
        lost=tuple(_find_lost(reading, {mark.number for mark in marks})),
        steps=(Step(name="dicom_seg", parameters=told),),
    )


def _check(header: Dataset, where: str) -> str:
    kind = str(header.get("SegmentationType") or "").strip().upper()
    if kind not in {"BINARY", "FRACTIONAL", "LABELMAP"}:
        raise ImageError(f"no segmentation: type {kind!r}", where=where, reason="seg.kind")
    sizes = [int(read_number(header, name, 1)) for name in ("NumberOfFrames", "Rows", "Columns", "BitsAllocated")]
    frames = len(header.get("PerFrameFunctionalGroupsSequence") or ())
    if not 0 < sizes[0] <= MAX_FRAMES or sizes[0] != frames or min(sizes) < 1:
        what = f"{sizes[0]} frames are claimed and {frames} described"
        raise ImageError(what, where=where, reason="seg.header")
    plain = not header.file_meta.TransferSyntaxUID.is_encapsulated
    due = (sizes[0] * sizes[1] * sizes[2] * sizes[3] + 7) // 8
    if plain and len(header.get("PixelData") or b"") < due:
        raise ImageError("fewer pixels than the header claims", where=where, reason="seg.pixels")
    if sizes[1] * sizes[2] > MAX_FRAME_PIXELS:
        what = f"frames of {sizes[1]} x {sizes[2]} pixels are claimed"
        raise ImageError(what, where=where, reason="dicom.too_large")
    return kind


def _name_segments(header: Dataset, names: RegionNames) -> tuple[dict[int, str], set[int]]:
    """Number to raw label of every segment, and the numbers that are background or that the card ignores."""
    padding = int(header.get("PixelPaddingValue") or 0) if header.SegmentationType == "LABELMAP" else 0
    labels: dict[int, str] = {}
    skipped = {padding, *names.ignore}
    for segment in header.SegmentSequence:
        number, coded = int(segment.SegmentNumber), first_item(segment, "SegmentedPropertyTypeCodeSequence")
        if coded.get("CodeValue") == _BACKGROUND:
            skipped.add(number)
        raw = name_part(header, str(segment.get("SegmentLabel") or ""), coded, names.naming) or str(number)
        labels[number] = names.label or names.names.get(str(number), raw)
    return {number: raw for number, raw in labels.items() if number not in skipped}, skipped


@dataclass(frozen=True, slots=True)
class _Frame:
    geometry: tuple[np.ndarray, ...] | None
    segment: int | None
    """None in a label map, whose pixels say the segment."""
    instances: tuple[str, ...]
    numbers: tuple[int, ...]
    """Frames of the instances it refers to, from 1."""


def _frames(header: Dataset) -> Iterator[_Frame]:
    shared = first_item(header, "SharedFunctionalGroupsSequence")
    for group in header.PerFrameFunctionalGroupsSequence:
        if "PlanePositionSlideSequence" in group:
            raise ImageError("segments of a whole-slide image", reason="seg.kind")
        macros = [
            first_item(each, name)
            for each in (group, shared)
            for name in ("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence")
        ]
        named = first_item(group, "SegmentIdentificationSequence") or first_item(
            shared, "SegmentIdentificationSequence"
        )
        number = None if header.SegmentationType == "LABELMAP" else int(named.ReferencedSegmentNumber)
        instances, frames = _references(group)
        yield _Frame(read_geometry(*macros), number, instances, frames)


def _references(group: Dataset) -> tuple[tuple[str, ...], tuple[int, ...]]:
    instances, frames = [], []
    for derived in group.get("DerivationImageSequence") or ():
        for source in derived.get("SourceImageSequence") or ():
            instances.append(keyed_hash("instance", str(source.get("ReferencedSOPInstanceUID") or "").strip()))
            number = source.get("ReferencedFrameNumber")
            frames += [] if number is None else [int(each) for each in (number if _is_many(number) else [number])]
    return tuple(instances), tuple(frames)


def _is_many(value: object) -> bool:
    return not isinstance(value, int | str) and hasattr(value, "__iter__")


def _find_place(header: Dataset, frame: _Frame, volume: Volume) -> Place | None:
    size = int(header.Rows), int(header.Columns)
    if volume.affine is not None and frame.geometry is not None:
        return find_place(volume, frame.geometry, size)
    if volume.affine is not None:
        raise ImageError("the frames do not say where they lie", reason="seg.no_place")
    if size != volume.voxels.shape[1:3]:
        what = f"frames of {size[0]} x {size[1]} on pictures of {volume.voxels.shape[1]} x {volume.voxels.shape[2]}"
        raise ImageError(what, reason="volume.shape_mismatch")
    if frame.instances and not set(frame.instances) & set(volume.instances):
        return None
    if not frame.numbers and max(volume.length(2), *volume.frame_numbers, 1) > 1:
        raise ImageError("the frames do not say which frame of the image they are of", reason="seg.no_place")
    there = volume.frame_numbers or tuple(range(1, volume.length(2) + 1))
    number = frame.numbers[0] if frame.numbers else 1
    return Place(2, there.index(number), (0, 0), False, (False, False)) if number in there else None


def _decode(header: Dataset, position: int) -> np.ndarray:
    try:
        if int(header.BitsAllocated) == 1 and not header.file_meta.TransferSyntaxUID.is_encapsulated:
            return _unpack(header, position)
        pixels: np.ndarray = pixel_array(header, index=position)
    except UNDECODABLE as error:
        why = str(error).partition("\n")[0]
        raise ImageError(f"a frame cannot be decoded: {why}", reason="seg.pixels") from None
    if pixels.shape != (int(header.Rows), int(header.Columns)):
        raise ImageError(f"a frame of shape {pixels.shape}", reason="seg.pixels")
    return pixels


def _unpack(header: Dataset, position: int) -> np.ndarray:
    """A frame of bits, least significant first, which need not begin at a byte (PS3.5 8.1.1)."""
    rows, columns = int(header.Rows), int(header.Columns)
    start = position * rows * columns
    data = np.frombuffer(header.PixelData, np.uint8, (start + rows * columns + 7) // 8 - start // 8, start // 8)
    bits = np.unpackbits(data, bitorder="little")[start % 8 : start % 8 + rows * columns]
    return bits.reshape(rows, columns)


def _parts(header: Dataset, frame: _Frame, pixels: np.ndarray, told: Counter[str]) -> Iterator[tuple[int, np.ndarray]]:
    """Segment number and mask of what a frame marks."""
    if frame.segment is None:
        for value in np.unique(pixels):
            yield int(value), pixels == value
    elif header.SegmentationType == "FRACTIONAL":
        most = int(read_number(header, "MaximumFractionalValue", 255))
        told["pixels_between"] += int(((pixels > 0) & (pixels < most)).sum())
        yield frame.segment, pixels >= THRESHOLD * most
    else:
        yield frame.segment, pixels != 0


def _find_lost(reading: _Reading, shown: set[int]) -> Iterator[LostRegions]:
    for number in sorted(reading.labels.keys() - shown):
        off = reading.off[number] or reading.off[0]
        reason, why = ("seg.no_slice", "no slice of it is there") if off else ("seg.empty", "it marks no pixel")
        yield LostRegions(reason=reason, detail=f"segment {number}: {why}")
