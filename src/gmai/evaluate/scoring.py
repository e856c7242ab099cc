"""Scores from predictions and a key: accuracy on every axis with its interval; no model needed, nothing guessed."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gmai.base import (
    cluster_interval,
    from_dict,
    hash_file,
    input_key,
    iter_jsonl,
    open_run,
    output_files,
    read_json,
    to_dict,
    write_json,
    write_jsonl,
)
from gmai.bench import LETTERS, read_keys
from gmai.errors import ConfigError, ScoreError
from gmai.evaluate.config import ScoreConfig
from gmai.evaluate.parsing import extract_choice
from gmai.evaluate.run import PREDICTIONS, RunStats
from gmai.types import Prediction, Question, Score, record

ALL = "all"
NO_MODALITY = "without modality"
"""Node of ``overall`` that leaves the questions for the modality out: those are easy and many."""
AXES: Mapping[str, Callable[[Question], str]] = {
    "kind": lambda question: question.kind,
    "task": lambda question: question.task,
    "department": lambda question: question.department,
    "modality": lambda question: question.modality,
    "granularity": lambda question: question.granularity,
    "kind x modality": lambda question: f"{question.kind} · {question.modality}",
}


@record
class Answer:
    """One question as it was answered and as it should have been."""

    index: int
    choice: str | None
    key: str
    right: bool


@record
class ScoreStats:
    """What was scored: ``stats.json`` of its folder."""

    name: str
    mode: str
    blind: bool
    key: str
    """Content hash of the key file."""
    inputs: dict[str, str]
    """What the run says it answered with: hashes of questions, prompt, model and corpus."""
    questions: int
    correct: int
    invalid: int
    unread: dict[str, int]
    """Why no option could be read from a reply, counted."""
    ties: int


def score(config: ScoreConfig) -> ScoreStats:
    """Score a run into ``scores.json`` (all nodes of all axes) and ``answers.jsonl`` (question by question).

    Raises:
        ConfigError: no predictions or no key there, or the run has not finished.
        ScoreError: see :func:`score_answers`.
    """
    path, stats = _find_predictions(config)
    keys = list(read_keys(config.key))
    inputs = {"predictions": hash_file(path), "key": hash_file(config.key)}
    run = open_run(config.out, "eval score", config, inputs, resume=config.resume, same={"name": stats.name})
    if run.done:
        return from_dict(ScoreStats, run.stats())
    predictions = list(iter_jsonl(path, Prediction))
    scores = score_answers(predictions, keys)
    answers = list(_answers(predictions, keys))
    write_json(run.path / "scores.json", scores)
    write_jsonl(run.path / "answers.jsonl", answers)
    result = ScoreStats(
        name=stats.name,
        mode=stats.mode,
        blind=stats.blind,
        key=inputs["key"],
        inputs=stats.inputs,
        questions=len(answers),
        correct=sum(answer.right for answer in answers),
        invalid=sum(answer.choice is None for answer in answers),
        unread=_count_unread(predictions, keys),
        ties=sum(prediction.tie for prediction in predictions),
    )
    run.finish(to_dict(result), output_files(run))
    return result


def score_answers(predictions: Sequence[Prediction], keys: Sequence[Question]) -> list[Score]:
    """Accuracy of every node of every axis, clustered by subject: ``overall`` first, then as in :data:`AXES`.

    Raises:
        ScoreError: no questions, a question without a prediction, a prediction without a question, one index twice, or
            a choice that is none of the question's letters.
    """
    right = {answer.index: answer for answer in _answers(predictions, keys)}
    nodes: dict[tuple[str, str], list[Question]] = {("overall", ALL): list(keys)}
    other = [question for question in keys if question.kind != "modality"]
    if 0 < len(other) < len(keys):
        nodes["overall", NO_MODALITY] = other
    for axis, node_of in AXES.items():
        for name in sorted({node_of(question) for question in keys}):
            nodes[axis, name] = [question for question in keys if node_of(question) == name]
    return [_score(axis, name, questions, right) for (axis, name), questions in nodes.items()]


def _score(axis: str, node: str, questions: Sequence[Question], answers: Mapping[int, Answer]) -> Score:
    mine = [answers[question.index] for question in questions]
    owners: dict[tuple[str, str], int] = {}
    clusters = [owners.setdefault((q.source, q.subject), len(owners)) for q in questions]
    interval = cluster_interval([answer.right for answer in mine], clusters)
    return Score(
        axis=axis,
        node=node,
        n=len(mine),
        correct=sum(answer.right for answer in mine),
        accuracy=round(interval.accuracy, 6),
        low=round(interval.low, 6),
        high=round(interval.high, 6),
        clusters=interval.clusters,
        chance=round(sum(1 / len(question.options) for question in questions) / len(questions), 6),
        invalid=sum(answer.choice is None for answer in mine),
    )


def _answers(predictions: Sequence[Prediction], keys: Sequence[Question]) -> Iterator[Answer]:
    given = _match(predictions, keys)
    for question in sorted(keys, key=lambda question: question.index):
        choice = given[question.index].choice
        if choice is not None and choice not in LETTERS[: len(question.options)]:
            what = f"choice {choice!r} of a question with {len(question.options)} options"
            raise ScoreError(what, where=f"index {question.index}")
        yield Answer(index=question.index, choice=choice, key=question.answer, right=choice == question.answer)


def _match(predictions: Sequence[Prediction], keys: Sequence[Question]) -> dict[int, Prediction]:
    if not keys:
        raise ScoreError("the key holds no question")
    for what, items in (("prediction", predictions), ("question", keys)):
        index, number = Counter(item.index for item in items).most_common(1)[0] if items else (0, 0)
        if number > 1:
            raise ScoreError(f"{what} {index} is there {number} times", where=f"index {index}")
    given = {prediction.index: prediction for prediction in predictions}
    known = {question.index for question in keys}
    for what, lost in (("without a prediction", known - set(given)), ("without a question", set(given) - known)):
        if lost:
            fix = "give the key of the same file (TEST or VAL), and answers of a run without --limit"
            raise ScoreError(f"{len(lost)} {what}", where=f"index {min(lost)}", fix=fix)
    return given


def _count_unread(predictions: Sequence[Prediction], keys: Sequence[Question]) -> dict[str, int]:
    options = {question.index: question.options for question in keys}
    unread = (p for p in predictions if p.mode == "generate" and p.choice is None)
    return dict(sorted(Counter(extract_choice(p.text, options[p.index]).reason for p in unread).items()))


def _find_predictions(config: ScoreConfig) -> tuple[Path, RunStats]:
    """The predictions and what their run says of itself; a bare file says nothing but its name."""
    path = config.predictions
    if path.is_file():
        name = config.name or path.parent.name
        return path, RunStats(name=name, mode="", blind=False, inputs={}, questions=0, invalid=0, ties=0)
    if not path.is_dir():
        raise ConfigError("no predictions", where=str(path), fix="give the output folder of gmai eval run")
    input_key(path, "eval run")
    stats = from_dict(RunStats, read_json(path / "stats.json"), where=str(path / "stats.json"), error=ConfigError)
    return path / PREDICTIONS, replace(stats, name=config.name or stats.name)
