"""A DICOM file without identifiers: PS3.15 Annex E's basic profile, by a list of what stays.

Elements are dropped, kept or replaced as ``keep.tsv`` says, at every depth of nesting; private elements, overlays,
curves, icons and everything that is not on the list go. UIDs become keyed hashes, the same in every file and reference;
dates move back by a keyed number of days of the subject; pixel values are not touched. Options of the profile that are
used: retained patient characteristics (113108, ages capped at 90), retained longitudinal information with modified
dates (113107), cleaned descriptors (113105), cleaned structured content (113104).
"""

import warnings
from collections import Counter
from collections.abc import Iterator
from io import BytesIO

import pydicom
from pydicom import Dataset, config
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import ImplicitVRLittleEndian

from gmai.errors import ImageError
from gmai.images.deid.elements import Cleaner
from gmai.images.deid.keys import keyed_hash, keyed_uid
from gmai.images.deid.pixels import clean_pixels
from gmai.images.deid.result import Cleaned
from gmai.images.deid.suspect import carries_text, says_burned_in
from gmai.images.deid.text import Identifiers, find_identifiers
from gmai.images.dicom.damage import UNREADABLE
from gmai.images.dicom.header import IDENTIFIERS

DICOMDIR = "1.2.840.10008.1.3.10"
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_DOCUMENTS = "1.2.840.10008.5.1.4.1.1.104."
_WITHOUT_PIXELS = (
    "1.2.840.10008.5.1.4.1.1.88.",  # structured reports
    "1.2.840.10008.5.1.4.1.1.481.3",  # structure sets
    "1.2.840.10008.5.1.4.1.1.66.",  # registrations, fiducials, surface segmentations
    "1.2.840.10008.5.1.4.1.1.68.",  # surface scans
    "1.2.840.10008.5.1.4.1.1.91.",  # microscopy annotations
    "1.2.840.10008.5.1.4.1.1.9.",  # waveforms
)
"""Objects that mean something without pixels and whose meaning the list keeps."""
_PERSONS = ("PatientName", "OtherPatientNames", "PatientBirthName", "PatientMotherBirthName", "ReferringPhysicianName",
            "PerformingPhysicianName", "OperatorsName", "RequestingPhysician", "PhysiciansOfRecord",
            "NameOfPhysiciansReadingStudy", "ContentCreatorName", "ReviewerName", "ResponsiblePerson")  # fmt: skip
_NO_WORDS = {"PatientBirthDate", "StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "StudyTime"}
METHOD = ("gmai: PS3.15 basic profile by a keep list", "UIDs keyed, dates moved, age capped, descriptors cleaned")
OPTIONS = (("113100", "Basic Application Confidentiality Profile"),
           ("113104", "Clean Structured Content Option"),
           ("113105", "Clean Descriptors Option"),
           ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
           ("113108", "Retain Patient Characteristics Option"))  # fmt: skip


def clean_dicom(data: bytes, more_words: frozenset[str] = frozenset()) -> Cleaned:
    """Clean a DICOM file.

    Args:
        data: the file's bytes.
        more_words: lower-case words that labels and descriptions may hold, beside the vocabulary.

    Raises:
        ImageError: ``dicom.unreadable``, ``dicom.header``; ``deid.dicomdir``, ``deid.document``, ``deid.dicom_object``
            (a kind of object of which the list would leave nothing useful), ``deid.overlay_in_pixels``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _read(data)
        try:
            header = Dataset({tag: found.get_item(tag) for tag in found.keys()})  # reading it leaves ``found`` as bytes
            header.set_original_encoding(*found.original_encoding, found.original_character_set)
            _check_object(header, found.file_meta)
            known = _identifiers(header)
            cleaner = Cleaner(subject=_subject(header), known=known, more_words=more_words)
            dicom_kinds = says_burned_in(header), carries_text(header)
            clean_pixels(found, header, str(found.file_meta.get("TransferSyntaxUID") or ""), cleaner.counts)
            cleaner.clean(found)
            _state(found, cleaner.counts)
            return Cleaned(_write(found), cleaner.counts, *dicom_kinds)
        except UNREADABLE as error:
            what = f"a damaged header: {type(error).__name__}"
            raise ImageError(what, reason="dicom.header") from None


def _read(data: bytes) -> FileDataset:
    config.settings.reading_validation_mode = config.IGNORE
    force = data[:2] in {b"\x08\x00", b"\x02\x00"}
    try:
        found = pydicom.dcmread(BytesIO(data), force=force)
        if "SOPClassUID" not in found and "Rows" not in found and "MediaStorageSOPClassUID" not in found.file_meta:
            raise InvalidDicomError
        return found
    except (InvalidDicomError, *UNREADABLE):
        raise ImageError("not a DICOM file that can be read", reason="dicom.unreadable") from None


def _check_object(found: Dataset, meta: Dataset) -> None:
    kind = str(found.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID") or "")
    if kind == DICOMDIR or "DirectoryRecordSequence" in found:
        fix = "an index of names; build it anew over the cleaned files"
        raise ImageError("a DICOMDIR", fix=fix, reason="deid.dicomdir")
    if kind.startswith(_DOCUMENTS) or "EncapsulatedDocument" in found:
        raise ImageError("a document inside DICOM, which is text", reason="deid.document")
    if not any(name in found for name in PIXELS) and not kind.startswith(_WITHOUT_PIXELS):
        raise ImageError("a DICOM object whose content is text or plans", reason="deid.dicom_object")
    for group in range(0x6000, 0x6020, 2):
        bit = found[group, 0x0102].value if (group, 0x0102) in found else 0
        if isinstance(bit, int) and bit > 0 and (group, 0x3000) not in found:
            what = "an overlay lies in unused bits of the pixels, where it may spell anything"
            raise ImageError(what, reason="deid.overlay_in_pixels")


def _identifiers(found: Dataset) -> Identifiers:
    persons = [str(value) for name in _PERSONS if name in found for value in _values(found, name)]
    others = (name for name in IDENTIFIERS if name not in _PERSONS and name not in _NO_WORDS and "UID" not in name)
    return find_identifiers(persons, [str(value) for name in others if name in found for value in _values(found, name)])


def _values(found: Dataset, name: str) -> Iterator[object]:
    value = found.get(name)
    yield from value if isinstance(value, list | pydicom.multival.MultiValue) else (value or "",)


def _subject(found: Dataset) -> str:
    for name in ("PatientID", "PatientName", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        if text := str(found.get(name) or "").strip():
            return text
    return ""


def _state(found: FileDataset, counts: Counter[str]) -> None:
    found.PatientIdentityRemoved = "YES"
    found.DeidentificationMethod = list(METHOD)
    moved = "MODIFIED" if counts["dates"] else "REMOVED"
    found.LongitudinalTemporalInformationModified = moved
    items = []
    for code, meaning in OPTIONS:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, "DCM", meaning
        items.append(item)
    found.DeidentificationMethodCodeSequence = items


def _write(found: FileDataset) -> bytes:
    meta = FileMetaDataset()
    old = found.file_meta
    meta.TransferSyntaxUID = old.get("TransferSyntaxUID") or _syntax(found)
    meta.MediaStorageSOPClassUID = found.get("SOPClassUID") or old.get("MediaStorageSOPClassUID") or ""
    instance = found.get("SOPInstanceUID") or keyed_uid(
        str(old.get("MediaStorageSOPInstanceUID") or keyed_hash("none"))
    )
    meta.MediaStorageSOPInstanceUID = instance
    found.file_meta = meta
    found.preamble = b"\0" * 128
    out = BytesIO()
    found.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _syntax(found: FileDataset) -> str:
    implicit, little = found.original_encoding
    if implicit or implicit is None:
        return str(ImplicitVRLittleEndian)
    return "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2"
