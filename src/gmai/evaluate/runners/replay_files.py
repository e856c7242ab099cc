"""Replies kept in a file: of this program (``predictions.jsonl``) or of VLMEvalKit (XLSX, TSV, CSV, JSON), by index."""

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gmai.base import DAMAGED_WORKBOOK, loads
from gmai.errors import FormatError

CELL = 32_767
"""Characters of the longest text in a cell of Excel: a reply of that length has lost its end."""
Row = Mapping[str, Any]


def read_replies(path: Path) -> dict[int, str]:
    """Index to reply.

    Raises:
        FormatError: a pickle, a file that is none of these, a column that is missing, or an index that is there twice.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        if path.suffix.lower() in (".pkl", ".pickle"):
            what = "a pickle runs whatever stands in it when it is read, so it is not read"
            raise FormatError(what, where=str(path), fix="write it as TSV or JSON", reason="replay.pickle")
        known = ", ".join(_READERS)
        raise FormatError("cannot be replayed", where=str(path), fix=f"endings: {known}", reason="replay.format")
    replies: dict[int, str] = {}
    for number, row in enumerate(read(path), start=1):
        where = f"{path}, row {number}"
        index = _read_index(_cell(row, "index", where), where)
        if index in replies:
            raise FormatError(f"index {index} is there twice", where=where, reason="replay.twice")
        replies[index] = _read_text(row, where)
    return replies


def _cell(row: Row, name: str, where: str) -> Any:
    for column, value in row.items():
        if str(column).strip().lower() == name:
            return value
    found = ", ".join(str(column) for column in row)
    raise FormatError(f"no column {name!r}", where=where, fix=f"columns: {found}", reason="replay.column")


def _read_index(value: Any, where: str) -> int:
    text = str(value).strip().removesuffix(".0")
    if not (text.isascii() and text.isdecimal()):
        raise FormatError(f"{value!r} is no whole number", where=f"{where}, column index", reason="replay.index")
    return int(text)


def _read_text(row: Row, where: str) -> str:
    """The reply; of our own answers the text, or the choice of one that was made without words."""
    if "mode" in row and "choice" in row and "prediction" not in row:
        return str(row.get("text") or row["choice"] or "")
    value = _cell(row, "prediction", where)
    if isinstance(value, dict | list):
        raise FormatError("a reply that is no text", where=f"{where}, column prediction", reason="replay.text")
    return "" if value is None else str(value)


def _read_table(delimiter: str) -> Callable[[Path], Iterator[Row]]:
    def read(path: Path) -> Iterator[Row]:
        csv.field_size_limit(min(sys.maxsize, 1 << 30))
        with path.open(encoding="utf-8-sig", newline="") as lines:
            try:
                for number, row in enumerate(csv.DictReader(lines, delimiter=delimiter), start=2):
                    if None in row or None in row.values():
                        where = f"{path}, row {number - 1}"
                        raise FormatError("another number of fields than columns", where=where, reason="replay.fields")
                    yield row
            except (UnicodeDecodeError, csv.Error) as error:
                raise FormatError(f"cannot be read: {error}", where=str(path), reason="replay.table") from None

    return read


def _read_workbook(path: Path) -> Iterator[Row]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            rows = book.worksheets[0].iter_rows(values_only=True)
            header = [str(value or "") for value in next(rows, ())]
            for values in rows:
                if any(value is not None for value in values):
                    yield dict(zip(header, values, strict=False))
        finally:
            book.close()
    except DAMAGED_WORKBOOK as error:
        raise FormatError(f"no whole workbook: {error}", where=str(path), reason="replay.workbook") from None


def _read_json(path: Path) -> Iterator[Row]:
    """A list of rows; rows by index; replies by index; or columns, as pandas writes a frame."""
    found = loads(path.read_bytes(), where=str(path))
    if isinstance(found, list):
        yield from _rows(found, path)
    elif isinstance(found, dict) and {"index", "prediction"} <= {str(name).lower() for name in found}:
        columns = {name: dict(enumerate(v)) if isinstance(v, list) else v for name, v in found.items()}
        columns = {name: values for name, values in columns.items() if isinstance(values, dict)}
        for place in _places(columns):
            yield {name: values.get(place) for name, values in columns.items()}
    elif isinstance(found, dict):
        rows = ({"index": k, **v} if isinstance(v, dict) else {"index": k, "prediction": v} for k, v in found.items())
        yield from rows
    else:
        raise FormatError("neither a list nor a mapping of replies", where=str(path), reason="replay.json")


def _places(columns: Mapping[str, Mapping[Any, Any]]) -> Iterable[Any]:
    return next((values for name, values in columns.items() if name.lower() == "index"), {})


def _read_lines(path: Path) -> Iterator[Row]:
    with path.open("rb") as lines:
        found = [loads(line, where=f"{path}:{n}") for n, line in enumerate(lines, start=1) if line.strip()]
    yield from _rows(found, path)


def _rows(found: Iterable[Any], path: Path) -> Iterator[Row]:
    for number, row in enumerate(found, start=1):
        if not isinstance(row, dict):
            raise FormatError("no mapping of columns", where=f"{path}, row {number}", reason="replay.json")
        yield row


_READERS: Mapping[str, Callable[[Path], Iterator[Row]]] = {
    ".xlsx": _read_workbook,
    ".tsv": _read_table("\t"),
    ".csv": _read_table(","),
    ".json": _read_json,
    ".jsonl": _read_lines,
}
