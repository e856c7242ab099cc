"""The entries of a file of records, whatever it is: delimited text, XLSX, JSON, JSON lines or Parquet, also gzipped.

Every entry has a pointer to its place. A pickle is refused, for reading it may run code.
"""

import codecs
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from gmai.annotations.paths import check_found, list_files
from gmai.annotations.sheet import read_sheet
from gmai.annotations.table import Table, decode_text, parse_table
from gmai.base import DAMAGED_GZIP, loads
from gmai.errors import FormatError
from gmai.types import FROM_HEADER, SourceCard, record

MAX_UNPACKED_BYTES = 2**30
LINES = frozenset({".jsonl", ".ndjson"})
_SPLITS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validate": "val", "validation": "val"}
_SPLITS |= {"dev": "val", "validationset": "val", "trainingset": "train", "trainset": "train", "test": "test"}
_SPLITS |= {"testing": "test", "testset": "test"}


@record
class EntryOptions:
    """How a file of records is written; options of every reader of such files."""

    encoding: str | None = None
    """Of delimited text; by default told from its bytes."""
    separator: str | None = None
    """Of delimited text; by default told from its first line."""
    columns: tuple[str, ...] = ()
    """Names of the columns of a table without a header."""
    quoted: bool = True
    """False: quotation marks in delimited text are characters like any other."""
    sheet: str = ""
    """Sheet of an XLSX workbook; by default the first."""
    at: str = ""
    """Key under which a JSON file has its entries, such as ``data``; several with dots between."""
    key: str = "id"
    """What to call the key of an entry, where a JSON file has its entries by key."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its values by key, where it stands, and what is wrong with it."""

    pointer: str
    file: str
    values: dict[str, Any]
    problem: str = ""
    reason: str = "entries.entry"

    def get(self, key: str) -> Any:
        """The value of a key, or of keys with dots between; None where there is none.

        ``@file`` is the file's name without its ending, ``@split`` what that name or its part says of the split.
        """
        if key == "@file":
            return _stem(self.file)
        if key == "@split":
            return find_split(self.pointer)
        if not key or key in self.values:
            return self.values.get(key)
        value: Any = self.values
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def text(self, key: str) -> str:
        """The value of a key as text, stripped; of a list, its texts line by line."""
        return "\n".join(self.texts(key))

    def texts(self, key: str, several: str = "") -> tuple[str, ...]:
        """The texts of a key: of a list each one, of a text its parts between ``several``; empty ones left out."""
        value = self.get(key)
        values = value if isinstance(value, list | tuple) else (value,)
        found = (plain_text(each) for each in values)
        parts = (part.strip() for text in found for part in (text.split(several) if several else (text,)))
        return tuple(part for part in parts if part)


def read_facets(card: SourceCard, entries: Sequence[Entry]) -> dict[str, str]:
    """What the columns of the card's facets say; nothing where entries about one picture disagree."""
    found = {name: {text for entry in entries if (text := entry.text(key))} for name, key in facet_columns(card)}
    return {name: texts.pop() for name, texts in found.items() if len(texts) == 1}


def facet_columns(card: SourceCard) -> list[tuple[str, str]]:
    """The card's facets that columns tell, each with its column."""
    return [(name, column) for name, column in card.facets.items() if column != FROM_HEADER]


def list_found(card: SourceCard, patterns: str | tuple[str, ...], root: Path) -> Iterator[str]:
    """Yield the files that match a glob, or one of several, each once.

    Raises:
        FormatError: ``source.missing``: a glob matches none.
    """
    globs = (patterns,) if isinstance(patterns, str) else patterns
    found = [path for glob in globs for path in check_found(card, glob, list_files(root, glob), root)]
    yield from dict.fromkeys(found)


def plain_text(value: Any) -> str:
    """A single value as text: numbers and truth values as JSON writes them, nothing for what is no single value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict) and "bytes" in value:  # a picture of the datasets library, kept as a file beside
        return plain_text(value.get("path"))
    return str(value) if isinstance(value, int | float) and value == value else ""


def find_split(pointer: str) -> str:
    """What the names of a file, its folders and its part say of the split: ``train``, ``val``, ``test`` or nothing."""
    words = "".join(letter if letter.isalnum() else " " for letter in pointer.lower()).split()
    return next((_SPLITS[word] for word in reversed(words) if word in _SPLITS), "")


def read_entries(path: Path, shown: str, options: EntryOptions) -> Iterator[Entry]:
    """Yield the entries of a file in order.

    A broken line of JSON lines, or a row of the wrong length, is an entry with its problem.

    Raises:
        FormatError: a file that cannot be read as a whole: as :func:`read_table`, :func:`read_sheet`, ``json.invalid``,
            ``entries.root``, ``entries.pickle``, ``entries.xls``, ``entries.parquet``, ``entries.too_large``.
    """
    ending = PurePosixPath(shown.removesuffix(".gz")).suffix.lower()
    with path.open("rb") as file:
        first = file.read(8)
    if ending in {".pkl", ".pickle"} or first[:2] in {b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"}:
        fix = "convert it to JSON lines or Parquet where you trust it"
        raise FormatError("a pickle can run code when it is read", where=shown, fix=fix, reason="entries.pickle")
    if first == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        fix = "save it as XLSX or CSV"
        raise FormatError("an old Excel workbook (XLS)", where=shown, fix=fix, reason="entries.xls")
    if first[:4] == b"PK\x03\x04":
        yield from _rows(read_sheet(path, shown, sheet=options.sheet, columns=options.columns), shown)
    elif first[:4] == b"PAR1":
        yield from _parquet(path, shown)
    elif ending in LINES:
        yield from _lines(path, shown)
    elif ending == ".json":
        yield from _json(read_bytes(path, shown), shown, options)
    else:
        text, encoding = decode_text(read_bytes(path, shown), shown, options.encoding)
        table = parse_table(
            text,
            shown,
            encoding=encoding,
            separator=options.separator,
            columns=options.columns,
            quoted=options.quoted,
        )
        yield from _rows(table, shown)


def read_bytes(path: Path, shown: str) -> bytes:
    """The bytes of a file, unpacked where it is gzipped.

    Raises:
        FormatError: ``entries.too_large`` or ``entries.gzip``.
    """
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            return path.read_bytes()
    try:
        with gzip.open(path) as unpacked:
            data = unpacked.read(MAX_UNPACKED_BYTES + 1)
    except DAMAGED_GZIP as error:
        raise FormatError(f"the gzip file is damaged: {error}", where=shown, reason="entries.gzip") from None
    if len(data) > MAX_UNPACKED_BYTES:
        raise FormatError(f"more than {MAX_UNPACKED_BYTES} bytes unpacked", where=shown, reason="entries.too_large")
    return data


def _rows(table: Table, shown: str) -> Iterator[Entry]:
    for row in table.rows:
        yield Entry(f"{shown}:{row.line}", shown, dict(row.cells), row.problem, row.reason)


def _lines(path: Path, shown: str) -> Iterator[Entry]:
    unpack = shown.endswith(".gz")
    with gzip.open(path) if unpack else path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            if text.strip():
                yield _line(text, f"{shown}#line={number}", shown)


def _line(line: bytes, pointer: str, shown: str) -> Entry:
    try:
        return _entry(pointer, shown, loads(line, where=pointer))
    except FormatError as error:
        return Entry(pointer, shown, {}, error.message, error.reason)


def _json(data: bytes, shown: str, options: EntryOptions) -> Iterator[Entry]:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        found = loads(data, where=shown)
    except FormatError:
        try:
            lines = data.lstrip().splitlines()
            if len(lines) > 1 and isinstance(loads(lines[0]), dict):  # JSON lines by another name
                yield from (_line(text, f"{shown}#line={n}", shown) for n, text in enumerate(lines, 1) if text.strip())
                return
        except FormatError:
            pass
        found = loads(decode_text(data, shown, options.encoding)[0], where=shown)
    for name in filter(None, options.at.split(".")):
        found = found.get(name) if isinstance(found, dict) else None
    prefix = options.at.replace(".", "/") + "/" if options.at else ""
    if isinstance(found, list):
        yield from (_entry(f"{shown}#{prefix}{number}", shown, each) for number, each in enumerate(found))
    elif isinstance(found, dict):
        yield from _keyed(found, shown, prefix, options.key)
    else:
        what = f"no entries under {options.at!r}" if options.at else "neither a JSON list nor a JSON object"
        raise FormatError(what, where=shown, reason="entries.root")


def _keyed(found: dict[str, Any], shown: str, prefix: str, key: str) -> Iterator[Entry]:
    """Entries by key; or lists of entries by part, such as ``train``."""
    parts = {name: each for name, each in found.items() if each and isinstance(each, list) and _all_dicts(each)}
    for part, entries in parts.items():
        yield from (_entry(f"{shown}#{prefix}{part}/{number}", shown, each) for number, each in enumerate(entries))
    for name, each in found.items() if not parts else ():
        values = {key: name, **each} if isinstance(each, dict) else {key: name, "value": each}
        yield Entry(f"{shown}#{prefix}{name}", shown, values)


def _all_dicts(entries: list[Any]) -> bool:
    return all(isinstance(each, dict) for each in entries)


def _entry(pointer: str, shown: str, found: Any) -> Entry:
    if isinstance(found, dict):
        return Entry(pointer, shown, found)
    if isinstance(found, list):
        return Entry(pointer, shown, {f"#{place}": each for place, each in enumerate(found, start=1)})
    return Entry(pointer, shown, {}, "not an object")


def _parquet(path: Path, shown: str) -> Iterator[Entry]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            number = 0
            for batch in file.iter_batches(batch_size=64):
                for values in batch.to_pylist():
                    yield Entry(f"{shown}#{number}", shown, values)
                    number += 1
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"the Parquet file cannot be read: {error}", where=shown, reason="entries.parquet") from None


def _stem(path: str) -> str:
    return PurePosixPath(path.removesuffix(".gz")).stem
