"""How many questions are under way: halved when the server says that it is too many, raised slowly while it copes.

Additive increase, multiplicative decrease (Chiu and Jain, 1989), as congestion control does; one decrease for each
round trip, however many of its requests were refused.
"""

import asyncio
import time
from collections import deque

SHRINK = 0.5


class Limiter:
    """A gate for at most ``limit`` requests at a time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(most)
        self.under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._shrunk_at = 0.0
        self._closed_until = 0.0
        self._again: asyncio.TimerHandle | None = None

    async def enter(self) -> None:
        """Wait for a place; who came first gets the next one."""
        if self._waiting or self._free() < 1:
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            self._wake()
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self.leave()
                raise
        else:
            self.under_way += 1

    def leave(self) -> None:
        """Give the place back."""
        self.under_way -= 1
        self._wake()

    def coped(self) -> None:
        """The server answered: one more place for each round of answers."""
        if self.limit < self.most:
            self.limit = min(float(self.most), self.limit + 1 / self.limit)
            self._wake()

    def refused(self, started: float, wait_s: float) -> None:
        """The server refused a request that was sent at ``started``; nothing is sent for ``wait_s``."""
        self._closed_until = max(self._closed_until, time.monotonic() + wait_s)
        if started > self._shrunk_at:
            self.limit = max(1.0, self.limit * SHRINK)
            self._shrunk_at = time.monotonic()
        self._wake()

    def _free(self) -> int:
        """Places that may be taken now."""
        if self._closed_until and self._closed_until > time.monotonic():
            return 0
        return int(self.limit) - self.under_way

    def _wake(self) -> None:
        """Hand free places to those who wait, and look again when the server's pause is over."""
        free = self._free() if self._waiting else 0
        while self._waiting and free > 0:
            place = self._waiting.popleft()
            if not place.done():
                self.under_way += 1
                free -= 1
                place.set_result(None)
        pause = self._closed_until - time.monotonic() if self._waiting and self._closed_until else 0.0
        if pause > 0 and self._again is None:
            self._again = asyncio.get_running_loop().call_later(pause, self._after_pause)

    def _after_pause(self) -> None:
        self._again = None
        self._wake()
