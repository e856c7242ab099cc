"""What gmai keeps of a DICOM header at a look: kind, place and modality. Identifiers leave only as keyed hashes.

Patient, study, series and instance become BLAKE2b hashes under the key of the environment variable ``GMAI_DEID_KEY``;
whoever has the key can make the same hashes, nobody else can guess a patient's number back. A path that spells one of
the header's identifiers is hashed likewise.
"""

import math
import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import BinaryIO

import pydicom
from pydicom import Dataset, config
from pydicom.datadict import tag_for_keyword
from pydicom.errors import InvalidDicomError
from pydicom.tag import BaseTag, Tag

from gmai.errors import ImageError
from gmai.images.deid import keyed_days, keyed_hash
from gmai.images.dicom.damage import UNREADABLE
from gmai.images.dicom.file import open_dicom, starts_like_dicom
from gmai.images.dicom.object import find_object, frame_hash, read_references
from gmai.images.dicom.scan import scan
from gmai.images.peek import Peek

IDENTIFIERS = (
    "PatientName", "PatientID", "OtherPatientIDs", "OtherPatientNames", "PatientBirthName", "PatientMotherBirthName",
    "PatientBirthDate", "PatientAddress", "PatientTelephoneNumbers", "AccessionNumber", "StudyID", "StudyDate",
    "SeriesDate", "AcquisitionDate", "ContentDate", "StudyTime", "StudyInstanceUID", "SeriesInstanceUID",
    "SOPInstanceUID", "FrameOfReferenceUID", "InstitutionName", "InstitutionAddress", "ReferringPhysicianName",
    "PerformingPhysicianName", "OperatorsName", "RequestingPhysician", "StationName", "DeviceSerialNumber",
)  # fmt: skip
PLACE = (
    "Modality", "SOPClassUID", "Rows", "Columns", "SamplesPerPixel", "NumberOfFrames", "PixelSpacing",
    "ImageOrientationPatient", "ImagePositionPatient", "BurnedInAnnotation",
)  # fmt: skip
"""What a look at a file needs, beside the identifiers that are hashed."""
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
DIRECTORY = "1.2.840.10008.1.3.10"
_SHORTEST_INSIDE = 4
_SEPARATORS = re.compile(r"[^0-9a-z]+")


def read_dicom(source: Path | BinaryIO, tags: Sequence[str | int], *, where: str, pixels: bool = False) -> Dataset:
    """Parse the elements asked for, no others.

    Args:
        source: the file.
        tags: keywords or tags of the elements.
        where: what to call the file in messages.
        pixels: False stops before the pixels.

    Raises:
        ImageError: ``dicom.unreadable``: not DICOM, or cut before the pixels; ``dicom.header``: an element is damaged.
    """
    config.settings.reading_validation_mode = config.IGNORE
    try:
        with warnings.catch_warnings(), open_dicom(source, where) if isinstance(source, Path) else source as file:
            warnings.simplefilter("ignore")
            wanted = _as_tags(tuple(tags))
            found = scan(file, wanted, pixels=pixels) or _read_slowly(file, wanted, pixels)
        if not found and str(found.file_meta.get("MediaStorageSOPClassUID")) == DIRECTORY:
            raise ImageError("a directory of other files, no picture", where=where, reason="dicom.directory")
        if "SOPClassUID" not in found and "Rows" not in found:
            raise InvalidDicomError
    except (InvalidDicomError, *UNREADABLE):
        raise ImageError("not a DICOM file that can be read", where=where, reason="dicom.unreadable") from None
    return found


def _read_slowly(file: BinaryIO, wanted: list[BaseTag], pixels: bool) -> Dataset:
    file.seek(0)
    force = starts_like_dicom(file.read(132))
    file.seek(0)
    return pydicom.dcmread(file, force=force, stop_before_pixels=not pixels, specific_tags=wanted)


@cache
def _as_tags(names: tuple[str | int, ...]) -> list[BaseTag]:
    return [Tag(name) for name in names]


def convert_elements(found: Dataset, where: str) -> None:
    """Convert every element now, so that a damaged one is met here.

    Raises:
        ImageError: ``dicom.header``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for tag in list(found.keys()):
                found[tag]
    except UNREADABLE as error:
        what = f"a damaged header: {type(error).__name__}"
        raise ImageError(what, where=where, reason="dicom.header") from None


def read_dicom_header(path: Path, relative: str) -> Peek:
    """Read one file's header.

    Args:
        path: the file.
        relative: its path below the source's root, with forward slashes.

    Raises:
        ImageError: ``dicom.unreadable``, ``dicom.no_pixels`` (a document, plan or other object without rows),
            ``dicom.header``.
    """
    found = read_dicom(path, (*PLACE, *IDENTIFIERS), where=relative)
    convert_elements(found, f"hidden/{keyed_hash('path', relative)}")  # the path may be an identifier
    shown = safe_path(relative, found)
    try:
        place = _read_place(found, relative, shown)
        if place.object in {"seg", "rtstruct"}:
            references, frame, holds = read_references(path, shown)
            frame = frame or place.frame_of_reference
            return replace(place, references=references, frame_of_reference=frame, holds=holds)
        return place
    except ImageError as error:
        raise ImageError(error.message, where=shown, reason=error.reason) from None


def _read_place(found: Dataset, relative: str, shown: str) -> Peek:
    width, height = int(read_number(found, "Columns", 0)), int(read_number(found, "Rows", 0))
    kind = find_object(found)
    if kind in {"image", "other"} and not (width and height):
        raise ImageError("a DICOM object without a picture", reason="dicom.no_pixels")
    instance, study = _text(found, "SOPInstanceUID"), _text(found, "StudyInstanceUID")
    series = _text(found, "SeriesInstanceUID") or instance or relative
    alone, grid = instance or relative, _grid(found)
    patient = _text(found, "PatientID") or _text(found, "PatientName") or study or series
    return Peek(
        kind="dicom",
        width=width,
        height=height,
        series=keyed_hash("series", series, *(f"{each:+.2f}" for each in grid), *(() if grid else (alone,))),
        whole_series=keyed_hash("series", series),
        grid=grid,
        instance=keyed_hash("instance", instance or relative),
        subject=keyed_hash("patient", patient),
        study=keyed_hash("study", study or series),
        visit=_moved_day(_text(found, "StudyDate"), patient),
        modality=_text(found, "Modality"),
        object=kind,
        frame_of_reference=frame_hash(_text(found, "FrameOfReferenceUID")),
        shown=shown,
        private=_private(relative, found) if shown != relative else (),
    )


def read_numbers(found: Dataset, name: str, count: int = 1) -> tuple[float, ...] | None:
    """The first ``count`` numbers of an element; None if it is absent or empty.

    Raises:
        ImageError: ``dicom.header``: fewer numbers, or what is no finite number.
    """
    try:
        value = found.get(name)
        values = [value] if isinstance(value, str | int | float) or value is None else list(value)
        numbers = tuple(float(each) for each in values if each is not None and each != "")[:count]
    except (ValueError, TypeError, OverflowError):
        numbers = (math.nan,)
    if not numbers:
        return None
    if len(numbers) < count or not all(math.isfinite(number) for number in numbers):
        raise ImageError(f"{name} holds no {count} numbers", reason="dicom.header")
    return numbers


def read_number(found: Dataset, name: str, default: float) -> float:
    """The first number of an element, or ``default`` if it is absent or empty; raises as :func:`read_numbers`."""
    numbers = read_numbers(found, name)
    return float(default) if numbers is None else numbers[0]


def has_place(found: Dataset) -> bool:
    """True if the file says where its one frame lies in the patient."""
    if read_numbers(found, "ImagePositionPatient", 3) is None or read_number(found, "NumberOfFrames", 1) > 1:
        return False
    return read_numbers(found, "ImageOrientationPatient", 6) is not None


def _grid(found: Dataset) -> tuple[float, ...]:
    cosines = read_numbers(found, "ImageOrientationPatient", 6)
    if not has_place(found) or cosines is None:
        return ()
    shape = [read_number(found, name, 1) for name in ("Rows", "Columns", "SamplesPerPixel")]
    return (*shape, *cosines, *(read_numbers(found, "PixelSpacing", 2) or ()))


def _moved_day(day: str, patient: str) -> str:
    try:
        return f"{datetime.strptime(day, '%Y%m%d') - timedelta(keyed_days(patient)):%Y-%m-%d}"
    except (ValueError, OverflowError):
        return ""


def _text(found: Dataset, name: str) -> str:
    return str(found.get(name) or "").strip()


def safe_path(relative: str, found: Dataset) -> str:
    """The path, or a keyed hash of it if it spells an identifier of the header (whole, or one word of a name)."""
    words = set(_SEPARATORS.split(relative.lower()))
    squeezed = _SEPARATORS.sub("", relative.lower())
    for tag, is_name in _identifier_tags():
        for word in _identifier_words(found[tag].value, is_name) if tag in found else ():
            if word in words or (len(word) >= _SHORTEST_INSIDE and word in squeezed):
                return f"hidden/{keyed_hash('path', relative)}"
    return relative


def _private(relative: str, found: Dataset) -> tuple[str, ...]:
    return tuple(part for part in relative.split("/") if safe_path(part, found) != part)


@cache
def _identifier_tags() -> tuple[tuple[BaseTag, bool], ...]:
    """Tags of the identifiers, and whether each is a person's or institution's name."""
    return tuple((Tag(tag_for_keyword(name) or name), "Name" in name) for name in IDENTIFIERS)


def _identifier_words(value: object, is_name: bool) -> set[str]:
    text = str(value or "").lower()
    parts = _SEPARATORS.split(text) if is_name else []
    return {word for word in (_SEPARATORS.sub("", text), *parts) if len(word) >= 2}
