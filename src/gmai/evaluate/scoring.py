"""Scores from predictions and a key: accuracy on every axis, and every measure, with intervals; nothing is guessed.

Pure: the same predictions, key and versions give the same bytes. Replies in words are read here, whatever the run read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from gmai.base import (
    INTERVALS,
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
    write_text,
)
from gmai.bench import open_table, read_keys
from gmai.errors import ConfigError, ScoreError
from gmai.evaluate import RULES, SCORERS
from gmai.evaluate.clusters import count_ways, number_clusters
from gmai.evaluate.config import ScoreConfig
from gmai.evaluate.data_names import find_unkeyed
from gmai.evaluate.differences import count_differences, explain_differences
from gmai.evaluate.grading import GRADER, Graded, grade, weigh
from gmai.evaluate.nodes import find_nodes, find_subgroups
from gmai.evaluate.run import PREDICTIONS, RunStats
from gmai.evaluate.score_page import score_page
from gmai.evaluate.scorers import Scorer, as_measure, count_unread, share_interval
from gmai.evaluate.scorers.accuracy import adjust, chance_level
from gmai.evaluate.scorers.bert import open_bertscore
from gmai.evaluate.subgroups import iter_gaps
from gmai.types import Measure, Prediction, Question, Score, record


@record
class Answer:
    """One question as it was answered and as it should have been."""

    index: int
    choice: str | None
    """Letters read, or the answer in words; None if there is none."""
    key: str
    right: bool
    reason: str = ""
    """By which rule the reply was read, or why it could not be."""


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
    """Why no answer could be read from a reply, counted."""
    ties: int
    refusals: int = 0
    errors: int = 0
    """Questions without a reply."""
    clusters: dict[str, int] = field(default_factory=dict)
    """How many questions are clustered by subject, by picture, or stand alone."""
    versions: dict[str, str] = field(default_factory=dict)
    """Versions of the extractor, of grading and of every scorer: with predictions and key, the score's identity."""
    unkeyed: int = 0
    """Questions of the benchmark that are not scored, for no answer of theirs is known."""


def score(config: ScoreConfig) -> ScoreStats:
    """Score a run into ``scores.json``, ``measures.json``, ``answers.jsonl`` (by question) and ``scores.html``.

    By VLMEvalKit's rules also into ``differences.jsonl`` and ``differences.json``: what ours read otherwise, and why.

    Raises:
        ConfigError: no predictions or no key there, or the run has not finished.
        ScoreError: see :func:`gmai.evaluate.grading.grade`.
    """
    path, stats = _find_predictions(config)
    _check_questions(stats, config.key)
    keys, unkeyed = list(read_keys(config.key)), find_unkeyed(config.key)
    inputs = {"predictions": hash_file(path), "key": hash_file(config.key)}
    rules = RULES.get(config.rules)
    scorers = {name: SCORERS.get(name) for name in SCORERS}
    if config.bertscore_model is not None:
        scorers["bertscore"] = open_bertscore(config.bertscore_model, config.bertscore_layer)
    versions = find_versions(config.rules, scorers)
    same = {"name": stats.name, "versions": versions, **({"unkeyed": sorted(unkeyed)} if unkeyed else {})}
    run = open_run(config.out, "eval score", config, inputs, resume=config.resume, same=same)
    if run.done:
        return from_dict(ScoreStats, run.stats())
    predictions = [one for one in iter_jsonl(path, Prediction) if one.index not in unkeyed]
    answers = grade(predictions, keys, rules.extract)
    scores, measures = score_nodes(answers), list(iter_measures(answers, scorers))
    unread = dict(sorted(Counter(a.reason or "none given" for a in answers if a.is_invalid).items()))
    write_json(run.path / "scores.json", scores)
    write_json(run.path / "measures.json", measures)
    write_jsonl(run.path / "answers.jsonl", [_tell(answer) for answer in answers])
    write_text(run.path / "scores.html", score_page(stats.name, scores, measures, answers, unread, versions))
    if config.rules == "vlmevalkit":
        differences = explain_differences(predictions, keys)
        write_jsonl(run.path / "differences.jsonl", differences)
        write_json(run.path / "differences.json", count_differences(differences, len(answers)))
    result = ScoreStats(
        name=stats.name,
        mode=stats.mode,
        blind=stats.blind,
        key=inputs["key"],
        inputs=stats.inputs,
        questions=len(answers),
        correct=sum(answer.right for answer in answers),
        invalid=sum(answer.is_invalid for answer in answers),
        unread=unread,
        ties=sum(answer.given.tie for answer in answers),
        refusals=sum(answer.is_refusal for answer in answers),
        errors=sum(answer.is_error for answer in answers),
        clusters=count_ways(keys),
        versions=versions,
        unkeyed=len(unkeyed),
    )
    run.finish(to_dict(result), output_files(run))
    return result


def _check_questions(stats: RunStats, key: Path) -> None:
    """Raise if the run answered another file than the one that lies beside the key."""
    public = key.parent.parent / "public" / f"{key.stem}.tsv"
    asked = stats.inputs.get("tsv", "")
    if asked and key.parent.name == "key" and public.is_file() and open_table(public).key != asked:
        what = f"the answers are to other questions than those of {public}"
        raise ScoreError(
            what, where=str(key), fix="give the key of the file that was answered", reason="score.questions"
        )


def find_versions(rules: str, scorers: Mapping[str, Scorer]) -> dict[str, str]:
    """Versions of all that can change a score."""
    return {
        "extractor": RULES.get(rules).version,
        "grading": GRADER,
        "intervals": INTERVALS,
        **{name: scorer.version for name, scorer in scorers.items()},
    }


def score_answers(predictions: Sequence[Prediction], keys: Sequence[Question]) -> list[Score]:
    """Accuracy of every node of every axis: ``overall`` first, then as in :data:`gmai.evaluate.nodes.AXES`.

    Raises:
        ScoreError: see :func:`gmai.evaluate.grading.grade`.
    """
    return score_nodes(grade(predictions, keys))


def score_nodes(answers: Sequence[Graded]) -> list[Score]:
    """Accuracy of every node of graded answers."""
    return [_score(axis, node, group) for (axis, node), group in find_nodes(answers).items()]


def iter_measures(answers: Sequence[Graded], scorers: Mapping[str, Scorer] | None = None) -> Iterator[Measure]:
    """Yield what every scorer measures of every node and every subgroup, and how far subgroups are from the rest.

    Args:
        answers: graded.
        scorers: by default all of the registry.
    """
    known = scorers if scorers is not None else {name: SCORERS.get(name) for name in SCORERS}
    nodes = {**find_nodes(answers), **find_subgroups(answers)}
    for scorer in known.values():
        for (axis, node), group in nodes.items():
            if scorer.nodes == "all" or axis == "overall":
                yield from _measure(scorer, axis, node, group)
    yield from iter_gaps(answers)


def _measure(scorer: Scorer, axis: str, node: str, group: Sequence[Graded]) -> Iterator[Measure]:
    fitting = [answer for answer in group if scorer.fits(answer)]
    if not fitting:
        return
    unread = count_unread(fitting)
    for found in scorer.measure(fitting):
        yield as_measure(found, axis, node, unread)


def _score(axis: str, node: str, answers: Sequence[Graded]) -> Score:
    right = [answer.right for answer in answers]
    interval, chance, unread = share_interval(answers, right), chance_level(answers), count_unread(answers)
    return Score(
        axis=axis,
        node=node,
        n=len(answers),
        correct=sum(right),
        accuracy=round(interval.accuracy, 6),
        low=round(interval.low, 6),
        high=round(interval.high, 6),
        clusters=interval.clusters,
        chance=round(chance, 6),
        invalid=unread.invalid,
        refusals=unread.refusals,
        errors=unread.errors,
        adjusted=round(adjust(interval.accuracy, chance), 6),
        counted=round(sum(weigh(answers)), 6),
    )


def _tell(answer: Graded) -> Answer:
    question = answer.question
    said = answer.choice if question.options else answer.said
    return Answer(index=question.index, choice=said, key=question.answer, right=answer.right, reason=answer.reason)


def place_answers(answers: Iterable[Answer], keys: Sequence[Question]) -> list[Graded]:
    """Answers of ``answers.jsonl`` beside their questions again, in the order of the key.

    Raises:
        ScoreError: answers that are not those to the key's questions.
    """
    known = {answer.index: answer for answer in answers}
    if len(known) != len(keys) or any(question.index not in known for question in keys):
        raise ScoreError("the answers are not those to the key's questions", fix="score the run again")
    placed = []
    for question, cluster in zip(keys, number_clusters(keys), strict=True):
        one = known[question.index]
        choice, said = (one.choice, None) if question.options else (None, one.choice)
        given = Prediction(index=one.index, mode="replay", choice=one.choice)
        placed.append(Graded(question, given, choice, said, one.reason, one.right, cluster))
    return placed


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
