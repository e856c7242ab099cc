"""How many questions are under way: halved when the server says that it is too many, raised slowly while it copes.

Additive increase, multiplicative decrease (Chiu and Jain, 1989), as congestion control does; one decrease for each
round trip, however many of its requests were refused.
"""

import asyncio
import time
from collections import deque

SHRINK = 0.5
LEAST_PAUSE_S = 0.05


class Limiter:
    """A gate for at most ``limit`` requests at a time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(most)
        self.under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._shrunk_at = 0.0
        self._closed_until = 0.0

    async def enter(self) -> None:
        """Wait for a place."""
        while self.under_way >= int(self.limit) or self._pause() > 0:
            if self.under_way < int(self.limit):
                await asyncio.sleep(self._pause())
                continue
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            await place
        self.under_way += 1

    def leave(self) -> None:
        """Give the place back."""
        self.under_way -= 1
        self._wake()

    def coped(self) -> None:
        """The server answered: one more place for each round of answers."""
        self.limit = min(float(self.most), self.limit + 1 / self.limit)
        self._wake()

    def refused(self, started: float, wait_s: float) -> None:
        """The server refused a request that was sent at ``started``; nothing is sent for ``wait_s``."""
        self._closed_until = max(self._closed_until, time.monotonic() + wait_s)
        if started > self._shrunk_at:
            self.limit = max(1.0, self.limit * SHRINK)
            self._shrunk_at = time.monotonic()

    def _pause(self) -> float:
        return self._closed_until - time.monotonic()

    def _wake(self) -> None:
        free = int(self.limit) - self.under_way
        while self._waiting and free > 0:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1
