"""The loss log: one JSON line a step, written as it goes, cut back to the checkpoint when a run continues."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import IO

from gmai.base import dumps, loads, write_bytes
from gmai.types import record


@record
class LogLine:
    """One step."""

    step: int
    """Counted from 1."""
    loss: float
    lr: float
    tokens: int
    """Tokens read; patches, where no text is read."""
    gradient_norm: float
    """Before clipping."""
    seconds: float
    """Wall time of the step; the only value that differs between two runs."""


class Journal:
    """Appends lines to ``log.jsonl``; a context manager."""

    def __init__(self, path: Path, done: int) -> None:
        """Open the log and drop everything after step ``done``."""
        lines = path.read_bytes().splitlines(keepends=True)[:done] if path.exists() else []
        write_bytes(path, b"".join(lines))
        self.past = [float(loads(line)["seconds"]) for line in lines]
        self.path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Journal:
        self._file = self.path.open("ab", buffering=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, line: LogLine) -> None:
        """Append one line."""
        assert self._file is not None, "the journal is not open"
        self._file.write(dumps(line) + b"\n")
        self.past.append(line.seconds)
