"""Putting a benchmark to a runner: streamed, journalled; a killed run goes on where it was."""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gmai.base import (
    RunFolder,
    from_dict,
    iter_jsonl,
    join_run,
    open_run,
    output_files,
    this_worker,
    to_dict,
    write_jsonl,
)
from gmai.bench import QuestionTable, open_table
from gmai.errors import ConfigError
from gmai.evaluate import RUNNERS
from gmai.evaluate.asking import answer_all
from gmai.evaluate.config import RunConfig
from gmai.evaluate.identity import data_name_of, find_inputs, find_settings, name_of
from gmai.evaluate.journal import SYNC_S, Journal
from gmai.evaluate.prompting import find_prompt
from gmai.evaluate.queue import Queue
from gmai.evaluate.reading import read_replies
from gmai.evaluate.result_files import write_results
from gmai.evaluate.runners import OpenRunner
from gmai.types import Prediction, record

PREDICTIONS = "predictions.jsonl"
COMMAND = "eval run"
QUEUE = ".work/queue"
"""What the processes of a run share while it is under way."""


@record
class RunStats:
    """What a run answered: ``stats.json`` of its folder."""

    name: str
    mode: str
    """Name of the runner."""
    blind: bool
    inputs: dict[str, str]
    """Content hashes of the questions, the wording of prompts, the model and the corpus."""
    questions: int
    invalid: int
    """Replies that named no option."""
    ties: int
    prompt: str = ""
    """Name of the prompt."""
    rotations: bool = False
    """True if every question was put once for each of its options."""
    errors: dict[str, int] = field(default_factory=dict)
    """Questions without a reply, by reason."""


def run_model(config: RunConfig) -> RunStats:
    """Answer every question of a benchmark file into ``predictions.jsonl``, sorted by index.

    The same file, model, wording and settings give the same bytes, however many questions are under way at a time and
    also if the run was killed on the way.

    Raises:
        ConfigError: an unknown runner, or one that lacks its model, server, replies or corpus.
        FormatError: a benchmark file that cannot be read, or that has an index twice.
        RemoteError: a server that cannot be used, or questions that it failed at; see ``unanswered``.
    """
    open_runner = RUNNERS.get(config.runner)
    if config.batch < 1:
        raise ConfigError(f"batch must be 1 or more, not {config.batch}", where="batch")
    prompt = find_prompt(config.prompt, config.runner)
    if not config.tsv.is_file():
        raise ConfigError("no benchmark file", where=str(config.tsv), fix="give public/TEST.tsv of a benchmark")
    table = open_table(config.tsv)
    run = _open(config, find_inputs(config, table, prompt))
    if not run.done:
        try:
            return _run(run, config, open_runner, table)
        except FileNotFoundError:  # another process finished the run and cleaned up while this one came to it
            if not run.done:
                raise
    return from_dict(RunStats, run.stats())


def _open(config: RunConfig, inputs: dict[str, str]) -> RunFolder:
    """Open the run; of several processes the first one does, the others join."""
    worker, same = this_worker(), find_settings(config)
    if worker.count > 1 and not config.resume:
        fix = "remove the folder, or start over with one process"
        raise ConfigError("several processes cannot start a run over", where="resume", fix=fix)
    if not worker.is_first:
        return join_run(config.out, COMMAND, config, inputs, opened=config.out / QUEUE, same=same)
    return open_run(config.out, COMMAND, config, inputs, resume=config.resume, same=same)


def _run(run: RunFolder, config: RunConfig, open_runner: OpenRunner, table: QuestionTable) -> RunStats:
    worker = this_worker()
    shared = worker.count > 1
    with (
        Queue(run.path / QUEUE, shared=shared, over=run.manifest) as queue,
        Journal(run.work / "journal", worker.number, sync_s=0 if shared else SYNC_S) as journal,
    ):
        told = {} if run.done else answer_all(journal, config, open_runner, table, queue)
        with queue.finishing():
            if not run.done:
                _finish(run, config, table, journal, told)
    shutil.rmtree(run.work, ignore_errors=True)
    return from_dict(RunStats, run.stats())


def _finish(run: RunFolder, config: RunConfig, table: QuestionTable, journal: Journal, told: dict[str, Any]) -> None:
    """Write what comes of the answers, all of which the journal holds."""
    path, tally = run.path / PREDICTIONS, _Tally()
    write_jsonl(path, tally.count(read_replies(journal.answers(), table)))
    stem = f"{name_of(config)}_{data_name_of(config)}"
    write_results(run.path, stem, table, _Answers(path), rotations=config.circular)
    stats = RunStats(
        name=name_of(config),
        mode=config.runner,
        blind=config.blind,
        inputs=run.inputs,
        questions=tally.questions,
        invalid=tally.invalid,
        ties=tally.ties,
        prompt=find_prompt(config.prompt, config.runner).name,
        rotations=config.circular,
        errors=dict(sorted(tally.errors.items())),
    )
    run.finish(to_dict(stats), output_files(run), told or None)


@dataclass(frozen=True)
class _Answers:
    """The answers of a file, as often as they are gone through; never all in memory."""

    path: Path

    def __iter__(self) -> Iterator[Prediction]:
        return iter_jsonl(self.path, Prediction)


@dataclass
class _Tally:
    """What the answers come to."""

    questions: int = 0
    invalid: int = 0
    ties: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def count(self, answers: Iterable[Prediction]) -> Iterator[Prediction]:
        """Yield the answers, which come by index, and count them."""
        last = -1
        for answer in answers:
            self.questions += answer.index != last
            last = answer.index
            self.invalid += answer.choice is None
            self.ties += answer.tie
            self.errors.update([answer.reason] if answer.error else [])
            yield answer
