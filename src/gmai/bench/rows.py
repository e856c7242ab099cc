"""Rows of a tab-separated file by their place in it: one pass over large blocks, no cell copied that nobody asks for.

A quote opens a quoted cell only where the cell begins, as in ``csv`` and pandas; inside one, tabs and newlines are text
and a doubled quote is a quote. Rows end with a newline, alone or after a carriage return. Blank lines are no rows.
"""

from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import NamedTuple

from gmai.errors import FormatError

BLOCK = 1 << 20
MOST_ROW = 256 << 20
"""Bytes of the longest row; a quote that is never closed is told by it in a file of any size."""

SHORT = 66
"""Bytes up to which a cell of the large column is read: an index of 64 characters in quotes."""

_QUOTE, _RETURN = ord('"'), ord("\r")
_BEFORE_LIST = b'[" '


class Row(NamedTuple):
    """One row of a file."""

    number: int
    """Line of the file on which it begins, from 1."""
    cells: list[bytes]
    """Without quotes; that of the large column only if it is short, else ``[`` of a list and nothing of any other."""
    start: int
    """Where the cell of the large column begins in the file, its quotes included; 0 without one."""
    stop: int


def iter_rows(path: Path, large: int | None = None) -> Iterator[Row]:
    """Yield the rows of a file in its order, one block in memory, which is used again for the next.

    Args:
        path: the file.
        large: column whose cells stay in the file, unless they are no longer than :data:`SHORT`.

    Raises:
        FormatError: a quote that is never closed, or a row too long to be one.
    """
    with path.open("rb", buffering=0) as file:
        block = _Block(file)
        at, number = 0, 1
        while True:
            found = _cut_row(block, at, large) if at < block.filled else None
            if found is None:
                if block.whole and at < block.filled:
                    raise FormatError("a quote is never closed", where=f"{path}:{number}", reason="tsv.quote")
                if block.whole:
                    return
                if block.filled - at > MOST_ROW:
                    what = f"a row of more than {MOST_ROW >> 20} MiB, or a quote that is never closed"
                    raise FormatError(what, where=f"{path}:{number}", reason="tsv.row")
                at = block.go_on(at)
                continue
            cells, start, stop, after, lines = found
            if len(cells) > 1 or cells[0]:
                yield Row(number, cells, block.base + start, block.base + stop)
            at, number = after, number + lines


class _Block:
    """A stretch of the file in a buffer that is filled again and again, and grows where a row is longer."""

    def __init__(self, file: RawIOBase) -> None:
        self.file = file
        self.data = bytearray(BLOCK)
        self.filled = 0
        self.base = 0
        self.whole = False

    def go_on(self, at: int) -> int:
        """Drop what lies before ``at`` and read on; returns where that place is now."""
        left = self.filled - at
        self.data[: max(0, left)] = self.data[at : self.filled]
        self.base += min(at, self.filled)
        self.filled = max(0, left)
        if self.filled == len(self.data):
            self.data.extend(bytes(len(self.data)))
        with memoryview(self.data) as view:
            got = self.file.readinto(view[self.filled :])
        self.filled += got or 0
        self.whole = not got
        return 0


def unquote(cell: bytes) -> bytes:
    """The text of a cell: without quotes around it, doubled quotes as one; what follows the closing quote is kept."""
    if not cell.startswith(b'"'):
        return cell
    close = _find_close(cell, 1, len(cell), whole=True)
    return cell[1:close].replace(b'""', b'"') + cell[close + 1 :]


_Found = tuple[list[bytes], int, int, int, int]
"""Cells, where the large one begins and ends, where the next row begins, and how many lines the row takes."""


def _cut_row(block: _Block, at: int, large: int | None) -> _Found | None:
    """The row at ``at``; None if it is not whole."""
    data, filled = block.data, block.filled
    end = data.find(b"\n", at, filled)
    if end < 0:
        if not block.whole:
            return None
        end = filled
    start, stop, head = at, at, b""
    if large is not None:
        for _ in range(large):
            start = data.find(b"\t", start, end) + 1
            if not start:
                return _cut_quoted(block, at, large)
        if start < end and data[start] == _QUOTE:
            return _cut_quoted(block, at, large)
        stop = data.find(b"\t", start, end)
        if stop < 0:
            stop = end - 1 if end > start and data[end - 1] == _RETURN else end
        head = bytes(data[at:start])
    tail = bytes(data[stop:end] if large is not None else data[at:end])
    if b'"' in head or b'"' in tail:
        return _cut_quoted(block, at, large)
    cells = tail.removesuffix(b"\r").split(b"\t")
    if large is not None:
        cells[:1] = [*head.split(b"\t")[:-1], _large(data, start, stop)]
    return cells, start, stop, end + 1, 1


def _cut_quoted(block: _Block, at: int, large: int | None) -> _Found | None:
    """The same, cell by cell, for rows with quotes or too few cells."""
    cells: list[bytes] = []
    data, filled, whole = block.data, block.filled, block.whole
    end, start, lines = data.find(b"\n", at, filled), at, 1
    place = at, at
    while True:
        behind = start
        if start < filled and data[start] == _QUOTE:
            close = _find_close(data, start + 1, filled, whole)
            if close < 0:
                return None
            behind = close + 1
            if 0 <= end < behind:
                lines += data.count(b"\n", end, behind)
                end = data.find(b"\n", behind, filled)
        if end < 0 and not whole:
            return None
        stop = end if end >= 0 else filled
        tab = data.find(b"\t", behind, stop)
        last = tab if tab >= 0 else stop - 1 if stop > behind and data[stop - 1] == _RETURN else stop
        place = (start, last) if len(cells) == large else place
        cells.append(_large(data, start, last) if len(cells) == large else unquote(bytes(data[start:last])))
        if tab < 0:
            return cells, *place, stop + 1, lines
        start = tab + 1


def _large(data: bytearray, start: int, stop: int) -> bytes:
    if stop - start <= SHORT:
        return unquote(bytes(data[start:stop]))
    if data[start] not in _BEFORE_LIST:
        return b""
    return b"[" if data[start : start + 3].lstrip(b'" ').startswith(b"[") else b""


def _find_close(data: bytes | bytearray, at: int, filled: int, whole: bool) -> int:
    """Place of the quote that closes a cell, or -1; at the end of a block that goes on, the next byte may double it."""
    while True:
        quote = data.find(b'"', at, filled)
        if quote < 0 or (quote + 1 == filled and not whole):
            return -1
        if quote + 1 == filled or data[quote + 1] != _QUOTE:
            return quote
        at = quote + 2
