"""Rows of a tab-separated file by their place in it: one pass over large blocks, no cell copied that nobody asks for.

A quote opens a quoted cell only where the cell begins, as in ``csv`` and pandas; inside one, tabs and newlines are text
and a doubled quote is a quote. Rows end with a newline, alone or after a carriage return. Blank lines are no rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path

from gmai.errors import FormatError

BLOCK = 1 << 20
MOST_ROW = 256 << 20
"""Bytes of the longest row; a quote that is never closed is told by it in a file of any size."""

_QUOTE, _RETURN = ord('"'), ord("\r")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it begins, and where each of its cells lies in the block that was read; good until the next."""

    number: int
    """Line of the file on which it begins, from 1."""
    base: int
    """Place of the block in the file."""
    block: bytearray
    cells: list[tuple[int, int]]

    def raw(self, column: int) -> bytes:
        """Bytes of one cell, without its quotes."""
        start, stop = self.cells[column]
        return unquote(bytes(self.block[start:stop]))

    def quoted(self, column: int) -> bytes:
        """Bytes of one cell as they stand in the file."""
        start, stop = self.cells[column]
        return bytes(self.block[start:stop])

    def place(self, column: int) -> tuple[int, int]:
        """Where one cell begins and ends in the file, its quotes included."""
        start, stop = self.cells[column]
        return self.base + start, self.base + stop


def iter_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file in its order, one block in memory, which is used again for the next.

    Raises:
        FormatError: a quote that is never closed, or a row too long to be one.
    """
    with path.open("rb", buffering=0) as file:
        block = _Block(file)
        at, number = 0, 1
        while True:
            found = _cut_row(block, at) if at < block.filled else None
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
            cells, after, lines = found
            if len(cells) > 1 or cells[0][0] < cells[0][1]:
                yield Row(number, block.base, block.data, cells)
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


def _cut_row(block: _Block, at: int) -> tuple[list[tuple[int, int]], int, int] | None:
    """Cells of the row at ``at``, where the next one begins, and how many lines it takes; None if it is not whole."""
    cells: list[tuple[int, int]] = []
    data, filled, whole = block.data, block.filled, block.whole
    end, start, lines = data.find(b"\n", at, filled), at, 1
    if end < 0 and not whole:
        return None
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
        if tab < 0:
            last = stop - 1 if stop > behind and data[stop - 1] == _RETURN else stop
            cells.append((start, last))
            return cells, stop + 1, lines
        cells.append((start, tab))
        start = tab + 1


def _find_close(data: bytes | bytearray, at: int, filled: int, whole: bool) -> int:
    """Place of the quote that closes a cell, or -1; at the end of a block that goes on, the next byte may double it."""
    while True:
        quote = data.find(b'"', at, filled)
        if quote < 0 or (quote + 1 == filled and not whole):
            return -1
        if quote + 1 == filled or data[quote + 1] != _QUOTE:
            return quote
        at = quote + 2
