"""The first entries of the files of a folder: how readers of entries tell whether it holds what they read."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from gmai.annotations.entries import LINES, Entry, EntryOptions, plain_text, read_entries
from gmai.annotations.sheet import list_sheets
from gmai.annotations.table import SEPARATORS, decode_text, name_columns
from gmai.annotations.walk import walk_files
from gmai.errors import FormatError

ENDINGS = frozenset({".csv", ".tsv", ".xlsx", ".json", ".parquet", *LINES})
HEAD_BYTES = 2**18
WHOLE_BYTES = 2**23
"""A JSON file that is not larger is read whole."""
MOST_FILES = 60
MOST_SHEETS = 12
COUNT = 200
DEPTH = 3


@dataclass(frozen=True, slots=True)
class Head:
    """A file and its first entries."""

    path: str
    entries: tuple[Entry, ...]
    sheet: str = ""
    """Of a workbook, the sheet that was read; empty for the first."""

    @property
    def keys(self) -> set[str]:
        """Every key of the entries."""
        return {key for entry in self.entries for key in entry.values}

    def find(self, names: Sequence[str]) -> str:
        """The first of some names that is a key, in whatever case and with blanks for underscores; empty if none."""
        folded = {_fold(key): key for key in self.keys}
        return next((folded[_fold(name)] for name in names if _fold(name) in folded), "")

    def texts(self, key: str) -> list[str]:
        """What the entries say under a key, empty ones left out."""
        return [text for entry in self.entries if (text := entry.text(key))]


def read_heads(folder: Path, *, sheets: bool = False) -> Iterator[Head]:
    """The heads of a folder's files of entries, to a depth of three folders, by path.

    Args:
        folder: to look through.
        sheets: yield a head for each sheet of a workbook, and not of the first alone.
    """
    found = 0
    for path in list_entry_files(folder):
        for sheet in _sheets(folder / path, path) if sheets else [""]:
            try:
                entries = tuple(islice(_read_head(folder / path, path, sheet), COUNT))
            except (FormatError, OSError):
                continue
            entries = tuple(entry for entry in entries if not entry.problem)
            if entries:
                yield Head(path, entries, sheet)
                found += 1
        if found == MOST_FILES:
            return


def list_entry_files(folder: Path, endings: frozenset[str] = ENDINGS) -> list[str]:
    """Files whose ending is one of files of entries, those of the folder itself first."""
    files = walk_files(folder, depth=DEPTH)
    return [path for path in files if PurePosixPath(path.removesuffix(".gz")).suffix.lower() in endings]


def name_files(folder: Path, paths: Sequence[str]) -> str | tuple[str, ...]:
    """Files as an option: one path, a glob where they are all of their ending in one folder, else every path."""
    if len(paths) == 1:
        return paths[0]
    places = {str(PurePosixPath(path).parent) for path in paths}
    endings = {PurePosixPath(path).suffix for path in paths}
    if len(places) == len(endings) == 1:
        pattern = (PurePosixPath(places.pop()) / f"*{endings.pop()}").as_posix()
        if sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern)) == sorted(paths):
            return pattern
    return tuple(paths)


def _sheets(path: Path, shown: str) -> list[str]:
    if PurePosixPath(shown).suffix.lower() != ".xlsx":
        return [""]
    try:
        return ["", *list_sheets(path, shown)[1:MOST_SHEETS]]
    except (FormatError, OSError):
        return []


def _read_head(path: Path, shown: str, sheet: str) -> Iterator[Entry]:
    ending = PurePosixPath(shown).suffix.lower()
    if ending == ".json" and path.stat().st_size > WHOLE_BYTES:
        return _json_head(path, shown)
    if ending in {".csv", ".tsv"} and path.stat().st_size > HEAD_BYTES:
        return _table_head(path, shown)
    return read_entries(path, shown, EntryOptions(sheet=sheet))


def _table_head(path: Path, shown: str) -> Iterator[Entry]:
    text = _head_text(path, shown)
    separator = max(SEPARATORS, key=text.partition("\n")[0].count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    names = name_columns(next(rows))
    for cells in islice(rows, COUNT):
        if len(cells) == len(names):
            yield Entry(f"{shown}:{rows.line_num}", shown, dict(zip(names, cells, strict=True)))


def _json_head(path: Path, shown: str) -> Iterator[Entry]:
    """The first objects of a long JSON file that are whole in its head."""
    text = _head_text(path, shown)
    decoder = json.JSONDecoder()
    place, tried = text.find("{"), 0
    while place >= 0 and tried < 2 * COUNT:
        tried += 1
        try:
            found, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield Entry(f"{shown}#{tried}", shown, found)
        place = text.find("{", end)


def _head_text(path: Path, shown: str) -> str:
    with path.open("rb") as file:
        data = file.read(HEAD_BYTES)
    return decode_text(data[: data.rfind(b"\n") + 1] or data, shown)[0]


def _fold(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def as_names(value: Any) -> list[str]:
    """The texts of a value that is a name or a list of names."""
    values = value if isinstance(value, list) else [value]
    return [text for each in values if (text := plain_text(each))]
