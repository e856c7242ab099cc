"""Every answer of a model on disk as it comes, under the hash of its question: a killed run asks nothing twice.

One line of JSON an answer, appended the moment it comes: a killed process loses none. Lines are synced by a thread,
50 ms after the first that is not, so that a machine that loses power forgets no more than the last of them. A line
that was cut is removed when the journal is opened.
"""

import os
import threading
from pathlib import Path

from gmai.base import dumps, from_json
from gmai.errors import FormatError
from gmai.llm.messages import Answer

GROUP_S = 0.05
_LENGTH_BITS = 24
"""A place in the file and a line's length are one number; the last bits are the length, in so many."""
_LONGEST = (1 << _LENGTH_BITS) - 1


class Journal:
    """An append-only file of answers, found again by key; one process writes it at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create the journal.

        Raises:
            FormatError: a whole line that is no answer; the file is something else.
        """
        self.path = path
        self._places: dict[bytes, int] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._end, whole = self._index() if path.exists() else (0, True)
        self._file = path.open("ab+", buffering=0)
        if not whole:
            self._file.truncate(self._end)
        self._lock = threading.Lock()
        self._failed: OSError | None = None
        self._unsynced = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._sync_groups, name="journal", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        return len(self._places)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def find(self, key: str) -> Answer | None:
        """The answer to a question, if it is there."""
        place = self._places.get(bytes.fromhex(key))
        if place is None:
            return None
        line = os.pread(self._file.fileno(), place & _LONGEST, place >> _LENGTH_BITS)
        return from_json(Answer, line, where=str(self.path))

    def add(self, answer: Answer) -> None:
        """Append an answer; it is in the file at once, and on disk after one group.

        Raises:
            FormatError: ``journal.line``: an answer of more than 16 MiB.
            OSError: the disk is full, or failed; the file still ends with a whole line.
        """
        if self._failed is not None:
            raise self._failed
        line = dumps(answer) + b"\n"
        if len(line) > _LONGEST:
            raise FormatError("an answer of more than 16 MiB", where=str(self.path), reason="journal.line")
        with self._lock:
            self._write(line)
            self._places[bytes.fromhex(answer.key)] = self._end << _LENGTH_BITS | len(line)
            self._end += len(line)
        self._unsynced.set()

    def _write(self, line: bytes) -> None:
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError:
            self._file.truncate(self._end)
            raise

    def flush(self) -> None:
        """Sync what has been added."""
        if self._unsynced.is_set():
            self._unsynced.clear()
            os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Sync and close.

        Raises:
            OSError: not everything could be synced.
        """
        if not self._closing.is_set():
            self._closing.set()
            self._unsynced.set()
            self._thread.join()
            try:
                self._unsynced.set()
                self.flush()
            finally:
                self._file.close()
            if self._failed is not None:
                raise self._failed

    def _sync_groups(self) -> None:
        while not self._closing.is_set():
            self._unsynced.wait()
            self._closing.wait(GROUP_S)
            try:
                self.flush()
            except OSError as error:
                self._failed = error

    def _index(self) -> tuple[int, bool]:
        """Where the last whole line ends, and whether that is the end of the file."""
        end = 0
        with self.path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    return end, False
                if len(line) > _LONGEST:
                    raise _strange(str(self.path))
                self._places[_key_of(line, str(self.path))] = end << _LENGTH_BITS | len(line)
                end += len(line)
        return end, True


def _key_of(line: bytes, where: str) -> bytes:
    start = line.find(b'"key":"') + 7
    try:
        if start < 7:
            raise ValueError
        return bytes.fromhex(line[start : start + 64].decode("ascii"))
    except ValueError:
        raise _strange(where) from None


def _strange(where: str) -> FormatError:
    return FormatError("a line that is no answer of a model", where=where, reason="journal.line")
