"""One way to show how far a long job is: a bar on a terminal, a line every 30 s elsewhere."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Progress:
    """Counts finished work against a total and says how long the rest will take."""

    def __init__(self, label: str, total: int | None, *, every_s: float = 30.0) -> None:
        self.label = label
        self.total = total
        self.done = 0
        self._skipped = 0
        self._bar = sys.stderr.isatty() and logger.isEnabledFor(logging.INFO)
        self._every_s = 0.2 if self._bar else every_s
        self._start = self._shown = time.monotonic()

    def skip(self, count: int) -> None:
        """Count work that an earlier run did: it is done, but says nothing about the speed of this one."""
        self._skipped += count
        self.add(count)

    def add(self, count: int = 1, note: str = "") -> None:
        """Count work as done and show it if it is time."""
        self.done += count
        now = time.monotonic()
        if now - self._shown >= self._every_s:
            self._shown = now
            self._show(note)

    def close(self) -> None:
        """End the bar's line."""
        if self._bar:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def describe(self, note: str = "") -> str:
        """The line shown: done, total, rate and time left."""
        seconds = max(time.monotonic() - self._start, 1e-9)
        rate = (self.done - self._skipped) / seconds
        text = f"{self.label}: {self.done}" + (f"/{self.total}" if self.total is not None else "")
        if rate > 0:
            text += f" · {rate:.3g}/s"
            if self.total is not None:
                text += f" · {_clock((self.total - self.done) / rate)} left"
        return f"{text} · {note}" if note else text

    def _show(self, note: str) -> None:
        if self._bar:
            sys.stderr.write(f"\r\033[K{self.describe(note)}")
            sys.stderr.flush()
        else:
            logger.info("%s", self.describe(note))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def track(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Yield the items and show progress."""
    progress = Progress(label, total)
    try:
        for item in items:
            yield item
            progress.add()
    finally:
        progress.close()
