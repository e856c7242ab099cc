"""One answer under way, as the loop of the server sees it: pieces come from the model's thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from gmai.models import Answered, TokenChance
from gmai.serve.asked import Asked
from gmai.serve.batcher import Job
from gmai.serve.refusal import Refusal
from gmai.serve.served import Served


@dataclass(frozen=True)
class Piece:
    """What has come since the piece before."""

    text: str
    chances: Sequence[TokenChance]
    answer: Answered | None
    """The whole answer, with the last piece."""


class Pending:
    """Puts a question to the model and gives its answer, whole or in pieces."""

    def __init__(self, served: Served, asked: Asked) -> None:
        self._served = served
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Piece | BaseException] = asyncio.Queue()
        self._told = 0
        self._over = False
        self._job = Job(asked.prompt, asked.wish, self._hear, self._send)
        served.batcher.put(self._job)
        visual = asked.prompt.visual
        served.counts.add_question(len(asked.prompt.tokens) - visual, visual, len(asked.prompt.fitted))

    async def pieces(self) -> AsyncIterator[Piece]:
        """Pieces as they come; whoever stops listening ends the answer.

        Raises:
            Refusal: there will be no answer.
        """
        try:
            while True:
                piece = self._read(await self._queue.get())
                yield piece
                if piece.answer is not None:
                    return
        finally:
            self.leave()

    async def whole(self, gone: Callable[[], Awaitable[bool]], every_s: float) -> Answered:
        """The whole answer.

        Args:
            gone: tells whether nobody waits any more.
            every_s: how often that is asked.

        Raises:
            Refusal: there will be no answer.
        """
        try:
            while True:
                try:
                    async with asyncio.timeout(every_s):
                        found = await self._queue.get()
                except TimeoutError:
                    if await gone():
                        self._over = True  # its refusal is counted where it is answered
                        raise Refusal(499, "cancelled", "the client has gone") from None
                    continue
                piece = self._read(found)
                if piece.answer is not None:
                    return piece.answer
        finally:
            self.leave()

    def leave(self) -> None:
        """Nobody waits any more: an answer that is not over ends, and counts as cancelled."""
        self._job.cancelled.set()
        if not self._over:
            self._over = True
            self._served.counts.add_outcome("cancelled")

    def _read(self, found: Piece | BaseException) -> Piece:
        self._over = isinstance(found, BaseException) or found.answer is not None
        if isinstance(found, Refusal):
            raise found
        if isinstance(found, BaseException):
            raise Refusal(500, "internal_error", "the model has failed; the server's log says why") from found
        if found.answer is not None:
            self._served.counts.add_answer(len(found.answer.tokens))
            self._served.counts.add_outcome("answered")
        return found

    def _hear(self, new: str, answer: Answered) -> None:
        chances = tuple(answer.chances[self._told :])
        self._told = len(answer.chances)
        self._send(Piece(new, chances, answer if answer.finish else None))

    def _send(self, piece: Piece | BaseException) -> None:
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, piece)
        except RuntimeError:  # the loop has ended: nobody waits
            self._job.cancelled.set()
