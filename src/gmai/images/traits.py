"""Traits of subject and device that files tell of themselves; nothing is read that is not asked for."""

from collections.abc import Iterable
from pathlib import Path

TRAITS = ("age", "scanner", "sex", "site")
"""What DICOM headers tell."""


def read_traits(path: Path, names: Iterable[str]) -> dict[str, str]:
    """The traits asked for, as far as the file's header tells them; nothing of files that are not DICOM.

    A site is a keyed hash of the institution's name, and is not told without a key, for it could be guessed then.

    Args:
        path: the file.
        names: of :data:`TRAITS`.

    Raises:
        ImageError: the header cannot be read.
    """
    from gmai.images.peek import find_kind

    if find_kind(path) != "dicom":
        return {}
    from gmai.images.dicom.traits import read_header_traits

    return read_header_traits(path, names)
