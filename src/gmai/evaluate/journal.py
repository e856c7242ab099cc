"""The journal of a run: a line for each answer, only ever appended to, so that a kill loses no answer that was there.

A line is with the operating system before the next question is taken up; about once a second the file is synced to the
disk. A line that a kill cut short is dropped when the journal is opened. Answers are found again by their places in the
file, so memory does not grow with their length. Several workers of one run have a part each and read all parts.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

import orjson

from gmai.base import dumps, from_json
from gmai.errors import ConfigError, FormatError
from gmai.types import Prediction

SYNC_S = 1.0
Asked = tuple[int, int]
"""Index of a question, and how far its options were turned."""


class Journal:
    """The answers of a run so far.

    Args:
        folder: where its parts are, made if it is not there.
        worker: number of the part to write.
        sync_s: how often the file is synced; 0 after every addition, so that other machines see it.

    Raises:
        ConfigError: another process writes this part.
        FormatError: a whole line that is no answer.
    """

    def __init__(self, folder: Path, worker: int = 0, sync_s: float = SYNC_S) -> None:
        self.folder, self.sync_s = folder, sync_s
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"journal-{worker:03d}.jsonl"
        self._file = self.path.open("ab+", buffering=0)
        self._lock_file()
        self._places: dict[Asked, tuple[Path, int, int]] = {}
        self._ends: dict[Path, tuple[int, int]] = {}
        """For each part its whole lines that are known: how many bytes, how many lines."""
        self._end = 0
        try:
            self._read_parts()
        except FormatError:
            self._file.close()
            raise
        self._synced = time.monotonic()
        self._lock = threading.Lock()

    def _lock_file(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            fix = "wait for it, or choose another output folder"
            raise ConfigError("another process is at this run", where=str(self.path), fix=fix) from None

    def _read_parts(self) -> None:
        for part in sorted(self.folder.glob("journal-*.jsonl")):
            self._index(part)
        self._end = self._ends[self.path][0]
        self._file.truncate(self._end)

    def refresh(self) -> None:
        """Take note of what other workers have answered meanwhile."""
        with self._lock:
            for part in sorted(self.folder.glob("journal-*.jsonl")):
                if part != self.path:
                    self._index(part)

    def _index(self, part: Path) -> None:
        """Note where the answers of a part are that are not known yet."""
        end, number = self._ends.get(part, (0, 0))
        try:
            lines = part.open("rb")
        except FileNotFoundError:  # another worker has finished the run
            return
        with lines:
            lines.seek(end)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                number += 1
                try:
                    found = orjson.loads(line)
                    asked = found["index"], found["rotation"]
                except (orjson.JSONDecodeError, KeyError, TypeError):
                    raise FormatError("no answer", where=f"{part}:{number}", reason="journal.line") from None
                self._places.setdefault(asked, (part, end, len(line)))
                end += len(line)
        self._ends[part] = end, number

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, asked: object) -> bool:
        return asked in self._places

    def add(self, predictions: Iterable[Prediction]) -> None:
        """Add answers that are not there yet; once this returns, the process may be killed."""
        with self._lock:
            lines = []
            for prediction in predictions:
                asked = prediction.index, prediction.rotation
                if asked not in self._places:
                    lines.append(dumps(prediction) + b"\n")
                    self._places[asked] = self.path, self._end, len(lines[-1])
                    self._end += len(lines[-1])
            data = memoryview(b"".join(lines))
            while data:
                data = data[self._file.write(data) or 0 :]
            if time.monotonic() - self._synced >= self.sync_s:
                os.fdatasync(self._file.fileno())
                self._synced = time.monotonic()

    def answers(self) -> Iterator[Prediction]:
        """Yield all answers by index and rotation."""
        opened = {part: part.open("rb") for part in {place[0] for place in self._places.values()}}
        try:
            for asked in sorted(self._places):
                part, start, length = self._places[asked]
                line = os.pread(opened[part].fileno(), length, start)
                yield from_json(Prediction, line, where=str(part))
        finally:
            for file in opened.values():
                file.close()

    def close(self) -> None:
        """Give the journal to the next process."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
