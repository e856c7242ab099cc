"""Questions gathered into batches: a queue, and the one thread that has the model."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gmai.models import Answered, LoadedModel, Prompt, Wish, answer_prompts, use_threads
from gmai.serve.config import ServeConfig
from gmai.serve.counts import Counts
from gmai.serve.refusal import Refusal

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Job:
    """One question on its way."""

    prompt: Prompt
    wish: Wish
    hear: Callable[[str, Answered], None]
    """Is told each new piece of text; called from the model's thread."""
    fail: Callable[[BaseException], None]
    """Is told that there will be no answer; called from the model's thread."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set it where nobody waits for the answer any more."""
    told: int = 0
    """Tokens of which ``hear`` knows: a question that is asked again goes on behind them."""

    @property
    def length(self) -> int:
        """Most tokens of question and answer."""
        return len(self.prompt.tokens) + self.wish.max_tokens


class Batcher:
    """Answers jobs, many at a time: those that are waiting when the model is free."""

    def __init__(self, loaded: LoadedModel, config: ServeConfig, counts: Counts) -> None:
        self._loaded, self._config, self._counts = loaded, config, counts
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._running: Sequence[Job] = ()
        self._thread = threading.Thread(target=self._work, name="answers", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs that wait."""
        return len(self._waiting)

    @property
    def alive(self) -> bool:
        """True while jobs are answered."""
        return self._thread.is_alive() and not self._closing

    def put(self, job: Job) -> None:
        """Let a job wait for its turn.

        Raises:
            Refusal: too many wait already, or the server is stopping.
        """
        with self._changed:
            if not self.alive:
                raise _stopping()
            if len(self._waiting) >= self._config.limits.waiting:
                what = f"{len(self._waiting)} questions are waiting"
                raise Refusal(429, "queue_full", what, headers={"Retry-After": "1"})
            self._waiting.append(job)
            self._changed.notify()

    def close(self, drain_s: float) -> None:
        """Take no more jobs; answers under way may go on for so long."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(drain_s)
        with self._changed:
            for job in (*self._waiting, *self._running):
                job.cancelled.set()
        self._thread.join(drain_s)

    def _work(self) -> None:
        while batch := self._next():
            self._running = batch
            self._answer(batch)
            self._running = ()

    def _next(self) -> list[Job]:
        """Wait for jobs; an empty list is the end."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            end = time.monotonic() + self._config.gather_ms / 1000
            while len(self._waiting) < self._config.batch_rows and not self._closing:
                left = end - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            batch: list[Job] = []
            while self._waiting and self._fits([*batch, self._waiting[0]]):
                batch.append(self._waiting.popleft())
            return batch

    def _fits(self, batch: Sequence[Job]) -> bool:
        rows, longest = len(batch), max(job.length for job in batch)
        return rows == 1 or (rows <= self._config.batch_rows and rows * longest <= self._config.batch_tokens)

    def _answer(self, batch: Sequence[Job]) -> None:
        """Answer a batch; if it fails, each of its questions alone, so that only the one at fault fails."""
        for job in batch:
            if job.cancelled.is_set():
                job.fail(_stopping())
        batch = [job for job in batch if not job.cancelled.is_set()]
        if not batch:
            return
        for job in batch:
            job.told = 0
        self._counts.add_batch(len(batch))
        start = time.monotonic()
        try:
            self._generate(batch)
        except Exception as error:
            if len(batch) > 1 and not any(job.told for job in batch):
                logger.warning("a batch of %d questions failed, each is asked alone: %s", len(batch), error)
                for job in batch:
                    self._answer([job])
                return
            logger.exception("a question failed")
            for job in batch:
                job.fail(error)
        self._counts.add_seconds(time.monotonic() - start)

    def _generate(self, batch: Sequence[Job]) -> None:
        def hear(row: int, new: str, answer: Answered) -> bool:
            job = batch[row]
            if job.cancelled.is_set():
                job.fail(_stopping())
                return False
            job.told += 1
            job.hear(new, answer)
            return True

        prompts, wishes = [job.prompt for job in batch], [job.wish for job in batch]
        with use_threads(self._config.threads):
            answer_prompts(self._loaded, prompts, wishes, hear, precision=self._config.precision)


def _stopping() -> Refusal:
    return Refusal(503, "stopping", "the server is stopping")
