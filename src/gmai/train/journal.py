"""The loss log: one JSON line a step, written as it goes, cut back to the checkpoint when a run continues."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, TypeVar

from gmai.base import dumps, from_json, iter_jsonl, write_bytes, write_jsonl
from gmai.train.meters import LogLine


class AfterStep(Protocol):
    """A line that says after which step it was written."""

    @property
    def step(self) -> int:
        """Counted from 1."""


T = TypeVar("T", bound=AfterStep)


def keep_lines(path: Path, kind: type[T], done: int) -> list[T]:
    """What an earlier part of a run wrote up to step ``done``; later lines are dropped from the file."""
    if not path.exists():
        return []
    kept = [line for line in iter_jsonl(path, kind) if line.step <= done]
    write_jsonl(path, kept)
    return kept


def append_line(path: Path, line: Any) -> None:
    """Write one more line."""
    with path.open("ab") as file:
        file.write(dumps(line) + b"\n")


class Journal:
    """Appends lines to ``log.jsonl``; a context manager."""

    def __init__(self, path: Path, done: int, *, writes: bool = True) -> None:
        """Open the log and drop everything after step ``done``; only one of several processes ``writes``."""
        lines = path.read_bytes().splitlines(keepends=True)[:done] if writes and path.exists() else []
        if writes:
            write_bytes(path, b"".join(lines))
        self._writes = writes
        self.lines = [from_json(LogLine, line, where=str(path)) for line in lines]
        self.path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Journal:
        if self._writes:
            self._file = self.path.open("ab", buffering=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, line: LogLine) -> None:
        """Append one line."""
        if self._file is not None:
            self._file.write(dumps(line) + b"\n")
        self.lines.append(line)
