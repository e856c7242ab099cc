"""The final files of exports by lines: a JSON array, JSON lines, and what describes them."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from gmai.base import write_atomic


def gather_lines(target: Path, parts: Iterable[Path]) -> int:
    """Put the shards together as JSON lines; returns how many lines there are."""
    count = 0
    with write_atomic(target) as temporary, temporary.open("wb") as out:
        for part in parts:
            with part.open("rb") as lines:
                count += _count(lines)
                lines.seek(0)
                shutil.copyfileobj(lines, out, 1 << 20)
    return count


def gather_array(target: Path, parts: Iterable[Path]) -> None:
    """Put the shards together as one JSON array, an element a line."""
    with write_atomic(target) as temporary, temporary.open("wb") as out:
        before = b"[\n"
        for part in parts:
            with part.open("rb") as lines:
                for line in lines:
                    out.write(before + line.rstrip(b"\n"))
                    before = b",\n"
        out.write(b"\n]\n" if before == b",\n" else b"[]\n")


def _count(lines: IO[bytes]) -> int:
    return sum(piece.count(b"\n") for piece in iter(lambda: lines.read(1 << 20), b""))
