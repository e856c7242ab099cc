"""What a DICOM file is about: a picture, regions of other pictures, or what is no picture at all."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pydicom
from pydicom import Dataset
from pydicom.datadict import dictionary_has_tag, dictionary_VR

from gmai.base import open_bounded
from gmai.errors import ImageError
from gmai.images.deid import keyed_hash
from gmai.images.dicom.damage import UNREADABLE

DicomObject = Literal["image", "seg", "rtstruct", "other"]

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_OBJECTS: dict[str, DicomObject] = {
    f"{_STORAGE}66.4": "seg",
    f"{_STORAGE}66.7": "seg",  # label map segmentation
    f"{_STORAGE}481.2": "other",  # dose: a grid of numbers, of which nobody makes a diagnosis
    f"{_STORAGE}481.3": "rtstruct",
    f"{_STORAGE}66.5": "other",  # surface segmentation
}


def find_object(header: Dataset) -> DicomObject:
    """What a file holds, by its SOP class; what has no rows and no class of its own is ``other``."""
    found = _OBJECTS.get(str(header.get("SOPClassUID") or "").strip())
    return found or ("image" if header.get("Rows") and header.get("Columns") else "other")


def read_references(path: Path, where: str) -> tuple[tuple[str, ...], str, dict[str, int]]:
    """Which pictures a segmentation or structure set speaks of, in which frame of reference, and what it holds.

    Returns:
        Keyed hashes of instances and of the frame of reference; number of segments or structures (``annotation``) and
        of ``contour``s.

    Raises:
        ImageError: ``dicom.header``: a sequence is damaged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with open_bounded(path) as file:
                whole = pydicom.dcmread(file, stop_before_pixels=True, force=True)
            parts = list(_walk(whole))
            instances = {uid for part in parts if (uid := _uid(part, "ReferencedSOPInstanceUID"))}
            places = [uid for part in parts if (uid := _uid(part, "FrameOfReferenceUID"))]
            holds = _count_parts(whole)
    except UNREADABLE as error:
        what = f"a damaged header: {type(error).__name__}"
        raise ImageError(what, where=where, reason="dicom.header") from None
    hashes = tuple(sorted(keyed_hash("instance", uid) for uid in instances))
    return hashes, frame_hash(places[0] if places else ""), holds


def _uid(dataset: Dataset, keyword: str) -> str:
    return str(dataset.get(keyword) or "").strip()


def _count_parts(whole: Dataset) -> dict[str, int]:
    """Segments but the background, or structures and their contours."""
    segments = [part for part in whole.get("SegmentSequence") or () if part.get("SegmentNumber")]
    contours = [len(part.get("ContourSequence") or ()) for part in whole.get("ROIContourSequence") or ()]
    found = {"annotation": len(segments or whole.get("StructureSetROISequence") or ()), "contour": sum(contours)}
    return {unit: count for unit, count in found.items() if count}


def frame_hash(uid: str) -> str:
    """Keyed hash of a frame of reference; empty for none."""
    return keyed_hash("frame", uid) if uid else ""


def _walk(dataset: Dataset) -> Iterator[Dataset]:
    """A dataset and all in the sequences below it, outermost first; no other element is converted."""
    yield dataset
    for tag in list(dataset.keys()):
        vr = dataset.get_item(tag).VR
        if vr in {None, "UN"}:  # as in implicit transfer syntaxes
            vr = dictionary_VR(tag) if dictionary_has_tag(tag) else ""
        if vr == "SQ":
            for item in dataset[tag].value or ():
                yield from _walk(item)
