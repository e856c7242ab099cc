"""Files opened so that a length claimed inside them can never make a reader ask for more memory than they hold.

Python sets memory aside for ``read(n)`` before it knows how much there is; parsers that read as many bytes as a damaged
header says would ask for gigabytes.
"""

import io
import os
from pathlib import Path

MOST_PACKED = 1040
"""Deflate packs no more bytes than this into one."""


class BoundedFile(io.BufferedReader):
    """A file for reading whose ``read`` never asks for more than the file's whole size."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self._most = os.fstat(self.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to ``size`` bytes, or all that is left."""
        return super().read(-1 if size is None or size > self._most else size)


def open_bounded(path: Path) -> BoundedFile:
    """Open a file for reading, its reads bounded by its size."""
    return BoundedFile(path)
