"""Pictures that an entry holds itself, as Parquet files of the ``datasets`` library do."""

import re
from collections.abc import Sequence
from typing import Any

from gmai.annotations.entries import Entry
from gmai.base import hash_bytes
from gmai.errors import FormatError

_TEXT = re.compile(r"(?:data:image/|/9j/|iVBORw0KGgo)")
_LEAST_TEXT = 100


def embedded_pictures(value: Any) -> list[bytes]:
    """The pictures of a value: bytes, an object with bytes, or a list of them; none where it names files."""
    if isinstance(value, list):
        return [data for each in value for data in embedded_pictures(each)]
    if isinstance(value, dict):
        value = value.get("bytes")
    return [value] if isinstance(value, bytes) and value else []


class Embedded:
    """The entries of a source that hold pictures; entries with the same pictures share one place."""

    def __init__(self) -> None:
        """Prepare."""
        self._places: dict[tuple[str, ...], str] = {}
        self.found: dict[str, tuple[str, int, tuple[str, ...], int]] = {}
        """By place: file, row, keys and number of pictures."""

    def place(self, entry: Entry, keys: Sequence[str]) -> str | None:
        """The place of an entry's pictures, ``file#row``; None where it holds none.

        Raises:
            FormatError: ``image.embedded``: pictures written as text, or in a file that is no Parquet.
        """
        held = {key: data for key in keys if (data := embedded_pictures(entry.get(key)))}
        if any(_is_text(entry.values.get(key)) for key in keys) or (held and not entry.file.endswith(".parquet")):
            what = "the picture is in the entry, not in a file of its own"
            fix = "write the pictures to files, or as bytes to Parquet"
            raise FormatError(what, where=entry.pointer, fix=fix, reason="image.embedded")
        if not held:
            return None
        pictures = [data for each in held.values() for data in each]
        place = self._places.setdefault(tuple(hash_bytes(data) for data in pictures), entry.pointer)
        row = int(entry.pointer.rpartition("#")[2])
        self.found.setdefault(place, (entry.file, row, tuple(held), len(pictures)))
        return place


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) > _LEAST_TEXT and _TEXT.match(value) is not None
