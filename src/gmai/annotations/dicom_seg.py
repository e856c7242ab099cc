"""DICOM segmentations with the series they segment."""

from collections.abc import Iterator
from pathlib import Path

from gmai.annotations.dicom_pairs import PairOptions, find_object_file, read_pairs
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match
from gmai.types import Reject, SourceCard

_CLASSES = (b"1.2.840.10008.5.1.4.1.1.66.4", b"1.2.840.10008.5.1.4.1.1.66.7")


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per series with its segmentations.

    A segmentation of a series that is not there is a reject of its pair and of its segments; a series of which no
    segmentation speaks is one of its images, unless the card needs no annotations.
    """
    yield from read_pairs(folder, card, look, "seg")


def detect(folder: Path) -> Match | None:
    """A file of the class of segmentations, whatever it is called."""
    return find_object_file(folder, _CLASSES, "dicom_seg")


FORMAT = Format(read=read, options=PairOptions, detect=detect)
