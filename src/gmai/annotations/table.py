"""Delimited text of any encoding and separator, read strictly: each row with its line number."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gmai.errors import FormatError

SEPARATORS = (",", ";", "\t", "|")
_ENCODINGS = ("utf-8", "gb18030")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_HAN = re.compile("[\u3400-\u9fff]")
_LONE = re.compile("(?<=[a-z])[\u3400-\u9fff](?![\u3400-\u9fff])|(?<![\u3400-\u9fff])[\u3400-\u9fff](?=[a-z])")
"""A Han character stuck to a Latin letter: what an accented letter of a Western encoding looks like in GB18030."""


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


def read_table(
    path: Path,
    shown: str,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    columns: Sequence[str] = (),
    quoted: bool = True,
) -> Table:
    """Read a table.

    Args:
        path: the file.
        shown: what to call it in errors.
        encoding: by default told from the byte-order mark, else UTF-8, else GB18030.
        separator: by default the one of comma, semicolon, tab and bar that the first line has most of.
        columns: names of the columns, where the table has no header.
        quoted: False: a quotation mark is a character like any other.

    Raises:
        FormatError: ``table.encoding``, ``table.empty``, ``table.quotes`` (an open quote, with its line),
            ``table.columns`` (two of one name).
    """
    text, encoding = decode_text(path.read_bytes(), shown, encoding)
    return parse_table(text, shown, encoding=encoding, separator=separator, columns=columns, quoted=quoted)


def parse_table(
    text: str,
    shown: str,
    *,
    encoding: str = "",
    separator: str | None = None,
    columns: Sequence[str] = (),
    quoted: bool = True,
) -> Table:
    """Read a table from its decoded text; see :func:`read_table`."""
    first = text.lstrip("\r\n").partition("\n")[0]
    if not first.strip():
        raise FormatError("the table has no header", where=shown, reason="table.empty")
    separator = separator or max(SEPARATORS, key=first.count)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, quoting=quoting)
    rows = []
    start = 1
    try:
        names = tuple(columns) or name_columns(next(cells for cells in reader if cells))
        for cells in reader:
            start = reader.line_num + 1
            if any(cell.strip() for cell in cells):
                rows.append(make_row(reader.line_num, names, cells))
    except csv.Error as error:
        raise FormatError(f"broken quotes: {error}", where=f"{shown}:{start}", reason="table.quotes") from None
    check_columns(names, shown)
    return Table(names, tuple(rows), encoding, separator)


def name_columns(cells: Sequence[str]) -> tuple[str, ...]:
    """The columns of a header; one without a name is called by its place, such as ``#7``."""
    return tuple(cell.strip() or f"#{place}" for place, cell in enumerate(cells, start=1))


def check_columns(names: Sequence[str], shown: str) -> None:
    """Check that no two columns share a name.

    Raises:
        FormatError: ``table.columns``.
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        what = f"two columns share a name: {', '.join(twice)}"
        raise FormatError(what, where=f"{shown}:1", reason="table.columns")


def make_row(line: int, columns: Sequence[str], cells: Sequence[str]) -> Row:
    """A row with its cells by column, and what is wrong with it."""
    named = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
    problem = "" if len(cells) == len(columns) else f"{len(cells)} cells for {len(columns)} columns"
    return Row(line, named, problem)


def decode_text(data: bytes, shown: str, encoding: str | None = None) -> tuple[str, str]:
    """Decode a text and say in which encoding: the one given, that of the byte-order mark, UTF-8 or GB18030.

    Raises:
        FormatError: ``table.encoding``: it is none of these, or looks like a Western encoding, which cannot be told.
    """
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None) or _wide(data)
    for name in (encoding,) if encoding else (marked,) if marked else _ENCODINGS:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise FormatError(f"unknown encoding {name!r}", where=shown, reason="table.encoding") from None
        if encoding or name != "gb18030" or _is_chinese(text):
            return text, name
    fix = "name its encoding in the card's options, such as cp1252"
    raise FormatError("the text cannot be decoded", where=shown, fix=fix, reason="table.encoding")


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of the first ones is zero."""
    if len(data) < 4 or data[:4].count(0) != 2:
        return None
    return "utf-16-le" if data[1] == data[3] == 0 else "utf-16-be" if data[0] == data[2] == 0 else None


def _is_chinese(text: str) -> bool:
    return len(_LONE.findall(text)) * 2 <= len(_HAN.findall(text))
