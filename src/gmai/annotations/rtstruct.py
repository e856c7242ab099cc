"""DICOM structure sets with the series their contours were drawn on."""

from collections.abc import Iterator
from pathlib import Path

from gmai.annotations.dicom_pairs import PairOptions, find_object_file, read_pairs
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match
from gmai.types import Reject, SourceCard


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per series with its structure sets.

    A structure set of a series that is not there is a reject of its pair, its structures and their contours; a series
    of which none speaks is one of its images, unless the card needs no annotations.
    """
    yield from read_pairs(folder, card, look, "rtstruct")


def detect(folder: Path) -> Match | None:
    """A file of the class of structure sets, whatever it is called."""
    return find_object_file(folder, (b"1.2.840.10008.5.1.4.1.1.481.3",), "rtstruct")


FORMAT = Format(read=read, options=PairOptions, detect=detect)
