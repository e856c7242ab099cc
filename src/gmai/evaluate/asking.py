"""Questions to a runner: in fixed batches, or many under way at a time; every answer is in the journal at once."""

import itertools
import logging
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gmai.base import Progress
from gmai.bench import PublicQuestion, QuestionTable
from gmai.errors import FormatError, RemoteError
from gmai.evaluate.config import RunConfig
from gmai.evaluate.journal import Journal
from gmai.evaluate.queue import Queue
from gmai.evaluate.rotations import iter_rotations, place_answer
from gmai.evaluate.runners import OpenRunner, Runner, StreamRunner, TellingRunner
from gmai.types import Prediction

logger = logging.getLogger(__name__)
REFUSED = "llm.refused_request"
"""Reason of questions that a server will never answer: too long, or against its rules."""
Item = tuple[PublicQuestion, int]
"""A question as it is shown, and how far its options were turned."""


def answer_all(
    journal: Journal, config: RunConfig, open_runner: OpenRunner, table: QuestionTable, queue: Queue
) -> dict[str, Any]:
    """Answer what the journal does not hold yet; the runner is opened only if there is something.

    Of several processes each answers the batches that it claims. A server is asked by one of them at a time.

    Args:
        journal: the answers so far; all of them once this returns.
        config: what is asked of whom.
        open_runner: opens who is asked.
        table: the questions.
        queue: claims on the batches of this run.

    Returns:
        What the runner has to say of the run.

    Raises:
        RemoteError: a server that cannot be used, or questions that it failed at; see ``RunConfig.unanswered``.
    """
    progress = Progress(f"eval {config.runner}", None if config.circular else min(len(table), config.limit or 1 << 62))
    batches = _claimed(table, config, journal, queue, progress)
    first = next(batches, None)
    if first is None:
        return {}
    runner = open_runner(config)
    if isinstance(runner, StreamRunner):
        batches.close()
        with queue.alone():
            journal.refresh()
            _Stream(journal, progress, config.verbose).answer(runner, _pending(table, config, journal), config)
    else:
        for batch in itertools.chain([first], batches):
            answers = _ask(runner, batch)
            journal.add(answers)
            progress.add(len(batch))
            if config.verbose:
                _tell(answers)
    progress.close()
    return dict(runner.told()) if isinstance(runner, TellingRunner) else {}


def _items(table: QuestionTable, config: RunConfig) -> Iterator[Item]:
    """The questions by index, without the answers that a validation file has; nobody asked sees them."""
    order = sorted(table.indices[: config.limit])
    questions = (table.find(index).sealed() for index in order)
    return iter_rotations(questions, circular=config.circular)


Batch = tuple[Item, ...]


def _cut(table: QuestionTable, config: RunConfig) -> Iterator[Batch]:
    """All questions in batches, the same ones whoever asks them and however often: so a model sees the same again."""
    items = _items(table, config)
    while batch := tuple(itertools.islice(items, config.batch)):
        yield batch


def _claimed(
    table: QuestionTable, config: RunConfig, journal: Journal, queue: Queue, progress: Progress
) -> Generator[Batch, None, None]:
    """Batches of which an answer is missing, each claimed while it is asked.

    First those that nobody has; then those that others had, which are answered by then, or left by a process that died.
    """
    elsewhere: list[int] = []
    for number, batch in enumerate(_cut(table, config)):
        if _is_answered(batch, journal):
            progress.skip(len(batch))
        elif queue.claim(number):
            yield from _if_open(number, batch, journal, queue, progress)
        else:
            elsewhere.append(number)
    if elsewhere:
        left = set(elsewhere)
        for number, batch in enumerate(_cut(table, config)):
            if number in left:
                queue.claim(number, wait=True)
                yield from _if_open(number, batch, journal, queue, progress)


def _if_open(number: int, batch: Batch, journal: Journal, queue: Queue, progress: Progress) -> Iterator[Batch]:
    """The batch that is claimed, unless whoever had it before has answered it."""
    try:
        if queue.shared:
            journal.refresh()
        if _is_answered(batch, journal) or queue.is_over:
            progress.skip(len(batch))
        else:
            yield batch
    finally:
        queue.release(number)


def _pending(table: QuestionTable, config: RunConfig, journal: Journal) -> Iterator[Batch]:
    """Batches of which an answer is missing."""
    return (batch for batch in _cut(table, config) if not _is_answered(batch, journal))


def _is_answered(batch: Batch, journal: Journal) -> bool:
    return all(_asked(item) in journal for item in batch)


def _asked(item: Item) -> tuple[int, int]:
    return item[0].index, item[1]


def _ask(runner: Runner, batch: tuple[Item, ...]) -> list[Prediction]:
    answers = runner.answer([question for question, _ in batch])
    if [answer.index for answer in answers] != [question.index for question, _ in batch]:
        raise RuntimeError(f"{type(runner).__name__} did not answer the questions it was asked")
    return [place_answer(answer, *item) for answer, item in zip(answers, batch, strict=True)]


def _tell(answers: Iterable[Prediction]) -> None:
    for answer in answers:
        shown = answer.error or answer.text or answer.choice
        logger.info("index %d%s: %s", answer.index, f" turned {answer.rotation}" if answer.rotation else "", shown)


@dataclass
class _Stream:
    """Answers as they come; questions that a server failed at are not in the journal, so that they are asked again."""

    journal: Journal
    progress: Progress
    verbose: bool
    under_way: dict[int, Item] = field(default_factory=dict)
    failed: list[Prediction] = field(default_factory=list)

    def answer(self, runner: StreamRunner, batches: Iterable[tuple[Item, ...]], config: RunConfig) -> None:
        runner.answer_each(self._feed(batches), self._keep)
        if self.under_way:
            raise RuntimeError(f"{type(runner).__name__} left {len(self.under_way)} questions unanswered")
        if self.failed and config.unanswered == "ask":
            first = min(self.failed, key=lambda answer: answer.index)
            what = f"{len(self.failed)} questions have no answer, such as index {first.index}: {first.error}"
            remote = first.reason.startswith("llm.")
            again = "give the same command again to ask them again, or " if remote else ""
            fix = f"{again}--set unanswered=wrong to count them as wrong"
            raise (RemoteError if remote else FormatError)(what, fix=fix, reason=first.reason)
        self.journal.add(self.failed)

    def _feed(self, batches: Iterable[tuple[Item, ...]]) -> Iterator[PublicQuestion]:
        items = (item for batch in batches for item in batch)
        for place, item in enumerate(item for item in items if self._is_open(item)):
            self.under_way[place] = item
            yield item[0]

    def _is_open(self, item: Item) -> bool:
        if _asked(item) in self.journal:
            self.progress.skip(1)
            return False
        return True

    def _keep(self, place: int, answer: Prediction) -> None:
        item = self.under_way.pop(place)
        placed = place_answer(answer, *item)
        if placed.error and placed.reason != REFUSED:
            self.failed.append(placed)
        else:
            self.journal.add([placed])
        self.progress.add()
        if self.verbose:
            _tell([placed])
