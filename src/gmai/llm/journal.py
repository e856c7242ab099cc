"""Every answer of a model on disk as it comes, under the hash of its question: a killed run asks nothing twice.

One line of JSON an answer, appended; groups of lines are synced together, every 50 ms or 256 lines, so that a kill
loses at most the answers of one group. A line that was cut by a kill is removed when the journal is opened.
"""

import os
import threading
import time
from pathlib import Path

from gmai.base import dumps, from_json
from gmai.errors import FormatError
from gmai.llm.messages import Answer

GROUP_S = 0.05
GROUP_LINES = 256


class Journal:
    """An append-only file of answers, found again by key; one process writes it at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create the journal.

        Raises:
            FormatError: a whole line that is no answer; the file is something else.
        """
        self.path = path
        self._places: dict[bytes, tuple[int, int]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._end, whole = self._index() if path.exists() else (0, True)
        self._file = path.open("ab+", buffering=0)
        if not whole:
            self._file.truncate(self._end)
        self._group: list[bytes] = []
        self._grouped: dict[bytes, Answer] = {}
        self._synced = time.monotonic()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._places) + len(self._grouped)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def find(self, key: str) -> Answer | None:
        """The answer to a question, if it is there."""
        short = bytes.fromhex(key)
        with self._lock:
            if (waiting := self._grouped.get(short)) is not None:
                return waiting
            place = self._places.get(short)
        if place is None:
            return None
        line = os.pread(self._file.fileno(), place[1], place[0])
        return from_json(Answer, line, where=str(self.path))

    def add(self, answer: Answer) -> None:
        """Append an answer; it is on disk after at most one group."""
        with self._lock:
            self._group.append(dumps(answer) + b"\n")
            self._grouped[bytes.fromhex(answer.key)] = answer
            full = len(self._group) >= GROUP_LINES or time.monotonic() - self._synced > GROUP_S
        if full:
            self.flush()

    def flush(self) -> None:
        """Write and sync what has been added."""
        with self._lock:
            if self._group:
                for line, key in zip(self._group, self._grouped, strict=True):
                    self._places[key] = (self._end, len(line))
                    self._end += len(line)
                data = memoryview(b"".join(self._group))
                while data:
                    data = data[self._file.write(data) or 0 :]
                os.fdatasync(self._file.fileno())
                self._group.clear()
                self._grouped.clear()
            self._synced = time.monotonic()

    def close(self) -> None:
        """Flush and close."""
        self.flush()
        self._file.close()

    def _index(self) -> tuple[int, bool]:
        """Where the last whole line ends, and whether that is the end of the file."""
        end = 0
        with self.path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    return end, False
                self._places[_key_of(line, str(self.path))] = (end, len(line))
                end += len(line)
        return end, True


def _key_of(line: bytes, where: str) -> bytes:
    start = line.find(b'"key":"') + 7
    try:
        if start < 7:
            raise ValueError
        return bytes.fromhex(line[start : start + 64].decode("ascii"))
    except ValueError:
        raise FormatError("a line that is no answer of a model", where=where, reason="journal.line") from None
