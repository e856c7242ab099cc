"""Putting a benchmark to a runner: streamed, in fixed batches, journalled; a killed run goes on where it was."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

from gmai.base import RunFolder, digest, from_dict, input_key, open_run, output_files, to_dict, track, write_jsonl
from gmai.bench import PublicQuestion, read_tsv
from gmai.corpus import open_corpus
from gmai.errors import ConfigError, FormatError
from gmai.evaluate import RUNNERS
from gmai.evaluate.config import RunConfig
from gmai.evaluate.journal import Journal
from gmai.evaluate.runners import OpenRunner, Runner
from gmai.lexicon import format_multiple_choice
from gmai.models import find_model_folder, model_key
from gmai.types import Prediction, record

PREDICTIONS = "predictions.jsonl"
_NOT_IDENTITY = ("tsv", "out", "model", "corpus", "resume")


@record
class RunStats:
    """What a run answered: ``stats.json`` of its folder."""

    name: str
    mode: str
    blind: bool
    inputs: dict[str, str]
    """Content hashes of the questions, the wording of prompts, the model and the corpus."""
    questions: int
    invalid: int
    """Replies that named no option."""
    ties: int


def run_model(config: RunConfig) -> RunStats:
    """Answer every question of a benchmark file into ``predictions.jsonl``, sorted by index.

    The same file, model, wording and settings give the same bytes, also if the run was killed on the way.

    Raises:
        ConfigError: an unknown runner, or one that lacks its model or corpus.
        FormatError: a benchmark file that cannot be read, or that has an index twice.
    """
    open_runner = RUNNERS.get(config.mode)
    if config.batch < 1:
        raise ConfigError(f"batch must be 1 or more, not {config.batch}", where="batch")
    same = {name: value for name, value in to_dict(config).items() if name not in _NOT_IDENTITY}
    run = open_run(config.out, "eval run", config, _inputs(config), resume=config.resume, same=same)
    if run.done:
        return from_dict(RunStats, run.stats())
    answers = _answer_all(run, config, open_runner)
    write_jsonl(run.path / PREDICTIONS, answers)
    stats = RunStats(
        name=_name(config),
        mode=config.mode,
        blind=config.blind,
        inputs=run.inputs,
        questions=len(answers),
        invalid=sum(answer.choice is None for answer in answers),
        ties=sum(answer.tie for answer in answers),
    )
    run.finish(to_dict(stats), output_files(run))
    return stats


def _inputs(config: RunConfig) -> dict[str, str]:
    """Hashes of everything the answers depend on besides the settings."""
    if not config.tsv.is_file():
        raise ConfigError("no benchmark file", where=str(config.tsv), fix="give public/TEST.tsv of a benchmark")
    inputs = {"tsv": input_key(config.tsv), "prompt": digest([format_multiple_choice("question", ("one", "two"))])}
    if config.model is not None:
        inputs["model"] = model_key(config.model)
    if config.corpus is not None:
        inputs["corpus"] = open_corpus(config.corpus).key
    return inputs


def _answer_all(run: RunFolder, config: RunConfig, open_runner: OpenRunner) -> list[Prediction]:
    runner: Runner | None = None
    with Journal(run.work / "journal.jsonl") as journal:
        for batch in _batches(config):
            if not all(question.index in journal.answered for question in batch):
                runner = runner or open_runner(config)
                journal.append(_ask(runner, batch))
    return [journal.answered[index] for index in sorted(journal.answered)]


def _ask(runner: Runner, batch: tuple[PublicQuestion, ...]) -> list[Prediction]:
    answers = runner.answer(batch)
    if [answer.index for answer in answers] != [question.index for question in batch]:
        raise RuntimeError(f"{type(runner).__name__} did not answer the questions it was asked")
    return answers


def _batches(config: RunConfig) -> Iterator[tuple[PublicQuestion, ...]]:
    questions = itertools.islice(_sealed(read_tsv(config.tsv), str(config.tsv)), config.limit)
    return _cut(track(questions, f"eval {config.mode}", config.limit), config.batch)


def _cut(questions: Iterator[PublicQuestion], size: int) -> Iterator[tuple[PublicQuestion, ...]]:
    while batch := tuple(itertools.islice(questions, size)):
        yield batch


def _sealed(questions: Iterator[PublicQuestion], where: str) -> Iterator[PublicQuestion]:
    """Questions without the answer that a validation file has; nobody asked sees it."""
    seen: set[int] = set()
    for question in questions:
        if question.index in seen:
            raise FormatError(f"index {question.index} is there twice", where=where, reason="tsv.index")
        seen.add(question.index)
        yield replace(question, answer=None)


def _name(config: RunConfig) -> str:
    if config.name:
        return config.name
    if config.model is None:
        return config.mode
    folder = config.model.resolve()
    inside = folder.name == "model" and find_model_folder(folder) == folder
    return folder.parent.name if inside else folder.name
