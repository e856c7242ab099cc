"""Tables of Excel workbooks (XLSX): cells as text, formulas as they are written."""

import datetime
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gmai.annotations.table import Table, check_columns, make_row, name_columns
from gmai.base import DAMAGED_WORKBOOK, open_bounded
from gmai.errors import FormatError

MAX_UNPACKED_BYTES = 2**30
"""A workbook whose parts say that they are larger together is refused before it is unpacked."""


def read_sheet(path: Path, shown: str, *, sheet: str = "", columns: Sequence[str] = ()) -> Table:
    """Read one sheet of a workbook.

    Args:
        path: the file.
        shown: what to call it in errors.
        sheet: name of the sheet; by default the first one.
        columns: names of the columns, where the sheet has no header.

    Raises:
        FormatError: ``table.xlsx`` (no workbook, or damaged), ``table.too_large``, ``table.sheet`` (no such sheet),
            ``table.empty``, ``table.columns``.
    """
    _check_size(path, shown)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and rules that say nothing about cells
            found = list(_read_rows(path, shown, sheet))
    except DAMAGED_WORKBOOK as error:
        raise FormatError(f"the workbook cannot be read: {error}", where=shown, reason="table.xlsx") from None
    if not found:
        raise FormatError("the sheet is empty", where=shown, reason="table.empty")
    if columns:
        names, rows = tuple(columns), found
    else:
        names, rows = name_columns(found[0][1]), found[1:]
    check_columns(names, shown)
    width = len(names)
    padded = ((line, [*cells, *[""] * (width - len(cells))]) for line, cells in rows)
    return Table(names, tuple(make_row(line, names, cells) for line, cells in padded), "xlsx", "")


def _check_size(path: Path, shown: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except DAMAGED_WORKBOOK as error:
        raise FormatError(f"no workbook: {error}", where=shown, reason="table.xlsx") from None
    if size > MAX_UNPACKED_BYTES:
        raise FormatError(f"a workbook of {size} bytes unpacked", where=shown, reason="table.too_large")


def list_sheets(path: Path, shown: str) -> list[str]:
    """Names of a workbook's sheets.

    Raises:
        FormatError: ``table.xlsx``, ``table.too_large``.
    """
    from openpyxl import load_workbook

    _check_size(path, shown)
    try:
        with warnings.catch_warnings(), open_bounded(path) as file:
            warnings.simplefilter("ignore")
            return [each.title for each in load_workbook(file, read_only=True).worksheets]
    except DAMAGED_WORKBOOK as error:
        raise FormatError(f"no workbook: {error}", where=shown, reason="table.xlsx") from None


def _read_rows(path: Path, shown: str, sheet: str) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    with open_bounded(path) as file:  # opened here, for openpyxl leaves a damaged one open
        book = load_workbook(file, read_only=True, data_only=False)
        names = [each.title for each in book.worksheets]
        if not names or (sheet and sheet not in names):
            fix = f"sheets: {', '.join(names)}"
            raise FormatError(f"no sheet {sheet!r}", where=shown, fix=fix, reason="table.sheet")
        chosen = book.worksheets[names.index(sheet) if sheet else 0]
        for line, cells in enumerate(chosen.iter_rows(values_only=True), start=1):
            texts = [_text(cell) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                yield line, texts


def _text(cell: Any) -> str:
    """A cell as one would write it: whole numbers without a point, dates in ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell).strip()
