"""Columns of numbers on disk: written a piece at a time, read through the page cache, so that memory stays flat."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
_HELD = 1 << 15
"""Numbers of a column kept in memory until they are written."""
_CODES = {"u1": "B", "i2": "h", "i4": "i", "i8": "q", "u8": "Q"}


class ColumnWriter:
    """Appends to the columns of one folder; a context manager."""

    def __init__(self, folder: Path, kinds: Mapping[str, str]) -> None:
        """Open a file for each column; ``kinds`` gives its numbers as numpy calls them, such as ``i4``."""
        folder.mkdir(parents=True, exist_ok=True)
        self._files: dict[str, IO[bytes]] = {name: (folder / f"{name}.bin").open("wb") for name in kinds}
        self._held = {name: array(_CODES[kind]) for name, kind in kinds.items()}
        self.lengths = dict.fromkeys(kinds, 0)

    def __enter__(self) -> ColumnWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, file in self._files.items():
            self._flush(name)
            file.close()

    def add(self, name: str, numbers: Iterable[int]) -> None:
        """Append to a column."""
        held = self._held[name]
        before = len(held)
        held.extend(numbers)
        self.lengths[name] += len(held) - before
        if len(held) >= _HELD:
            self._flush(name)

    def _flush(self, name: str) -> None:
        self._files[name].write(self._held[name].tobytes())
        del self._held[name][:]


def read_column(folder: Path, name: str, kind: str) -> Column:
    """A column as an array that lies on disk."""
    path = folder / f"{name}.bin"
    if not path.stat().st_size:
        return np.zeros(0, kind)
    return np.memmap(path, kind, "r")


def write_column(folder: Path, name: str, numbers: Column) -> None:
    """Write a whole column."""
    (folder / f"{name}.bin").write_bytes(np.ascontiguousarray(numbers).tobytes())


def spread(starts: Column, counts: Column) -> npt.NDArray[np.int64]:
    """Positions ``start, start + 1, …`` of every run of ``count``, one run after the other."""
    counts = counts.astype(np.int64)
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    offsets = np.repeat(starts.astype(np.int64) - (ends - counts), counts)
    result: npt.NDArray[np.int64] = offsets + np.arange(total)
    return result
