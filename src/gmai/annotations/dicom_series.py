"""DICOM series on their own, for sources without annotations: what is known is what the headers say."""

from collections.abc import Iterator
from pathlib import Path

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match
from gmai.annotations.paths import check_bare, check_found, list_matches, sample_files
from gmai.annotations.series import Series, group_series
from gmai.base import from_dict
from gmai.errors import CardError
from gmai.types import Reject, SourceCard, record


@record
class SeriesOptions:
    """Where the files are."""

    files: str | tuple[str, ...] = "**/*.dcm"
    """Glob, or several, of the DICOM files."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per series and grid; unreadable files and copies are rejects.

    Raises:
        CardError: the card requires annotations, which this format has none of.
    """
    options = from_dict(SeriesOptions, card.options, where=f"card {card.name}: options", error=CardError)
    check_bare(card, "DICOM series")
    files = check_found(card, options.files, list_matches(folder, options.files), folder)
    for found in group_series(files, look):
        yield found.item() if isinstance(found, Series) else found


def detect(folder: Path) -> Match | None:
    """Files that begin as DICOM files do, whatever they are called."""
    found = [path for path in sample_files(folder) if _is_dicom(folder / path)]
    if not found:
        return None
    endings = {Path(path).suffix for path in found}
    glob = f"**/*{endings.pop()}" if len(endings) == 1 else "**/*"
    return Match(format="dicom_series", options={"files": glob}, evidence=found[0])


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


FORMAT = Format(read=read, options=SeriesOptions, detect=detect)
