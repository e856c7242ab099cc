"""Rows of a tab-separated file by their place in it: one pass over large blocks, no cell copied that nobody asks for.

A quote opens a quoted cell only where the cell begins, as in ``csv`` and pandas; inside one, tabs and newlines are text
and a doubled quote is a quote. Rows end with a newline, alone or after a carriage return. Blank lines are no rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gmai.errors import FormatError

BLOCK = 1 << 20
MOST_ROW = 256 << 20
"""Bytes of the longest row; a quote that is never closed is told by it in a file of any size."""

_QUOTE = ord('"')


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it begins, and where each of its cells lies in the block that was read."""

    number: int
    """Line of the file on which it begins, from 1."""
    base: int
    """Place of the block in the file."""
    block: bytes
    cells: tuple[tuple[int, int], ...]

    def raw(self, column: int) -> bytes:
        """Bytes of one cell, without its quotes."""
        start, stop = self.cells[column]
        return unquote(self.block[start:stop])

    def place(self, column: int) -> tuple[int, int]:
        """Where one cell begins and ends in the file, its quotes included."""
        start, stop = self.cells[column]
        return self.base + start, self.base + stop


def iter_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file in its order, a block in memory at a time.

    Raises:
        FormatError: a quote that is never closed, or a row too long to be one.
    """
    with path.open("rb", buffering=0) as file:
        block, base, at, number, whole = b"", 0, 0, 1, False
        while True:
            found = _cut_row(block, at, whole) if at < len(block) else None
            if found is None:
                if whole and at < len(block):
                    raise FormatError("a quote is never closed", where=f"{path}:{number}", reason="tsv.quote")
                if whole:
                    return
                if len(block) - at > MOST_ROW:
                    what = f"a row of more than {MOST_ROW >> 20} MiB, or a quote that is never closed"
                    raise FormatError(what, where=f"{path}:{number}", reason="tsv.row")
                more = file.read(max(BLOCK, len(block) - at))
                block, base, at, whole = block[at:] + more, base + at, 0, not more
                continue
            cells, after, lines = found
            if len(cells) > 1 or cells[0][0] < cells[0][1]:
                yield Row(number, base, block, cells)
            at, number = after, number + lines


def unquote(cell: bytes) -> bytes:
    """The text of a cell: without quotes around it, doubled quotes as one; what follows the closing quote is kept."""
    if not cell.startswith(b'"'):
        return cell
    close = _find_close(cell, 1, whole=True)
    return cell[1:close].replace(b'""', b'"') + cell[close + 1 :]


def _cut_row(block: bytes, at: int, whole: bool) -> tuple[tuple[tuple[int, int], ...], int, int] | None:
    """Cells of the row at ``at``, where the next one begins, and how many lines it takes; None if it is not whole."""
    cells: list[tuple[int, int]] = []
    end, start, lines = block.find(b"\n", at), at, 1
    while True:
        behind = start
        if start < len(block) and block[start] == _QUOTE:
            close = _find_close(block, start + 1, whole)
            if close < 0:
                return None
            behind = close + 1
            if 0 <= end < behind:
                lines += block.count(b"\n", end, behind)
                end = block.find(b"\n", behind)
        if end < 0 and not whole:
            return None
        stop = end if end >= 0 else len(block)
        tab = block.find(b"\t", behind, stop)
        if tab < 0:
            last = stop - 1 if stop > behind and block[stop - 1] == 13 else stop
            return (*cells, (start, last)), stop + 1, lines
        cells.append((start, tab))
        start = tab + 1


def _find_close(block: bytes, at: int, whole: bool) -> int:
    """Place of the quote that closes a cell, or -1; at the end of a block that goes on, the next byte may double it."""
    while True:
        quote = block.find(b'"', at)
        if quote < 0 or (quote + 1 == len(block) and not whole):
            return -1
        if block[quote + 1 : quote + 2] != b'"':
            return quote
        at = quote + 2
