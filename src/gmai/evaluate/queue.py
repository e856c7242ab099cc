"""The batches of a run, shared by its processes: each batch is with one of them at a time, and none is lost.

A claim is a lock that the operating system holds on one byte of a file in the run folder: the batch's number is the
byte's. It is gone as soon as its process is, however that ends, so a killed process leaves nothing to clean up and
nothing to wait for, and any number of processes may come and go. What was answered is told by the journal alone.
Processes need no other link between them: no process group, which ends when one of its members does. Across machines it
takes a folder that they share, on a file system that knows such locks.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from gmai.errors import ConfigError

_ALL = 1 << 62
"""More batches than there are; the byte of this number is the lock for finishing."""


class Queue:
    """Claims on the batches of a run.

    The locks are those of the process, not of a thread or of this object: a process has one queue of a run.

    Args:
        path: the file that the processes share, made if it is not there.
        shared: False where there is no other process; then every claim succeeds.
        over: what is there once somebody has finished the run; the journal may be gone then.

    Raises:
        ConfigError: on any claim, a file system without locks.
    """

    def __init__(self, path: Path, *, shared: bool = True, over: Path | None = None) -> None:
        self.path, self.shared, self._over = path, shared, over
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)

    def claim(self, number: int, *, wait: bool = False) -> bool:
        """Take a batch; False if another process has it. With ``wait``, until that has answered it or has died."""
        return self._lock(1, number, wait=wait)

    @property
    def is_over(self) -> bool:
        """True once another process has finished the run."""
        return self.shared and self._over is not None and self._over.exists()

    def release(self, number: int) -> None:
        """Give a batch back, when its answers are in the journal or nobody can be asked."""
        self._unlock(1, number)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Have all batches, once nobody else has any."""
        yield from self._held(_ALL, 0)

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """Be the one to write what comes of the run; the others wait, and find it finished."""
        yield from self._held(1, _ALL)

    def close(self) -> None:
        """Give everything back."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _held(self, length: int, start: int) -> Iterator[None]:
        self._lock(length, start, wait=True)
        try:
            yield
        finally:
            self._unlock(length, start)

    def _lock(self, length: int, start: int, *, wait: bool) -> bool:
        if not self.shared:
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), length, start)
        except (BlockingIOError, PermissionError):
            return False
        except OSError as error:
            what = f"several processes need a file system with locks: {error.strerror}"
            raise ConfigError(what, where=str(self.path), fix="choose another output folder, or one process") from None
        return True

    def _unlock(self, length: int, start: int) -> None:
        if self.shared:
            fcntl.lockf(self._file, fcntl.LOCK_UN, length, start)
