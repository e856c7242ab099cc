"""Delimited text of any encoding and separator, read strictly: each row with its line number."""

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from gmai.errors import FormatError

SEPARATORS = (",", ";", "\t", "|")
_ENCODINGS = ("utf-8", "gb18030")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, stripped of blanks, and the line it ends on."""

    line: int
    cells: dict[str, str]
    problem: str = ""
    """What is wrong with it, such as not having one cell for each column."""
    reason: str = "table.row"


@dataclass(frozen=True, slots=True)
class Table:
    """A whole table; cells stay text, whatever they look like."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    separator: str


def read_table(path: Path, shown: str, *, encoding: str | None = None, separator: str | None = None) -> Table:
    """Read a table.

    Args:
        path: the file.
        shown: what to call it in errors.
        encoding: by default told from the byte-order mark, else UTF-8, else GB18030.
        separator: by default the one of comma, semicolon, tab and bar that the header has most of.

    Raises:
        FormatError: ``table.encoding``, ``table.empty``, ``table.quotes`` (an open quote, with its line),
            ``table.columns`` (two of one name).
    """
    text, encoding = _decode(path.read_bytes(), shown, encoding)
    lines = text.splitlines()
    if not lines or not lines[0].strip():
        raise FormatError("the table has no header", where=shown, reason="table.empty")
    separator = separator or max(SEPARATORS, key=lines[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = []
    start = 1
    try:
        columns = tuple(cell.strip() for cell in next(reader))
        for cells in reader:
            start = reader.line_num + 1
            if any(cell.strip() for cell in cells):
                rows.append(_row(reader.line_num, columns, cells))
    except csv.Error as error:
        raise FormatError(f"broken quotes: {error}", where=f"{shown}:{start}", reason="table.quotes") from None
    if len(set(columns)) != len(columns):
        raise FormatError("two columns share a name", where=f"{shown}:1", reason="table.columns")
    return Table(columns, tuple(rows), encoding, separator)


def _row(line: int, columns: tuple[str, ...], cells: list[str]) -> Row:
    named = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
    problem = "" if len(cells) == len(columns) else f"{len(cells)} cells for {len(columns)} columns"
    return Row(line, named, problem)


def _decode(data: bytes, shown: str, encoding: str | None) -> tuple[str, str]:
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    for name in (encoding,) if encoding else (marked,) if marked else _ENCODINGS:
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise FormatError(f"unknown encoding {name!r}", where=shown, reason="table.encoding") from None
    fix = "name its encoding in the card's options"
    raise FormatError("the text cannot be decoded", where=shown, fix=fix, reason="table.encoding")
