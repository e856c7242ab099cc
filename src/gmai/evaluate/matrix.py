"""Every model on every set of questions: a folder for each pair; what fails stops nothing else and is told."""

import csv
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from gmai.base import from_dict, merge, read_json, this_worker, to_dict, write_atomic
from gmai.bench import open_table
from gmai.errors import ConfigError, GmaiError
from gmai.evaluate import RUNNERS
from gmai.evaluate.config import RunConfig, ScoreConfig
from gmai.evaluate.data_names import Data, find_data, find_key, find_unkeyed
from gmai.evaluate.identity import name_of
from gmai.evaluate.metric_files import write_metrics
from gmai.evaluate.model_names import read_model
from gmai.evaluate.result_files import safe_name
from gmai.evaluate.run import RunStats, run_model
from gmai.evaluate.submission import SUBMISSION, write_submission
from gmai.types import Score, record

logger = logging.getLogger(__name__)
Mode = Literal["infer", "eval", "all"]
State = Literal["scored", "answered", "no key", "missing", "failed"]


@record
class MatrixConfig:
    """How ``gmai eval run`` puts several sets of questions to several models."""

    data: tuple[str, ...]
    """TSVs, saved cuts, benchmark folders (``FOLDER:VAL``), or names of imported data sets."""
    model: tuple[str, ...] = ()
    """Folders, ``openai:NAME@URL``, ``replay:FILE``, ``python:module:name`` or baselines; ``LABEL=`` names it."""
    out: Path
    """Folder to write: a folder for each model, and in it one for each set of questions."""
    mode: Literal["infer", "eval", "all"] = "all"
    """Answer, score what was answered, or both."""
    benches: Path = Path("benches")
    """Folder of imported data sets, found by their names."""
    where: dict[str, str] = field(default_factory=dict)
    """Where data sets can be had, told of those that are missing; nothing is ever downloaded."""
    run: dict[str, Any] = field(default_factory=dict)
    """Settings of every run, such as ``runner``, ``prompt`` and ``batch``."""
    resume: bool = True
    """Continue an interrupted run; False empties the pairs' folders first."""


@record
class PairResult:
    """What became of one model and one set of questions."""

    model: str
    data: str
    state: State
    questions: int = 0
    invalid: int = 0
    errors: int = 0
    """Questions without a reply."""
    unkeyed: int = 0
    """Questions not scored, for no answer of theirs is known."""
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    folder: str = ""
    problem: str = ""
    """Why it failed, or what is missing."""

    @property
    def is_fine(self) -> bool:
        """True unless it failed or its questions are not here."""
        return self.state not in ("failed", "missing")


@dataclass(frozen=True)
class _Pair:
    model: str
    settings: dict[str, Any]
    text: str
    """The questions as they were written."""


def run_matrix(config: MatrixConfig, done: Callable[[PairResult], None] = lambda result: None) -> list[PairResult]:
    """Answer and score every pair, model by model; the table of all is ``pairs.csv``.

    Args:
        config: what is asked of whom.
        done: told of each pair when it is finished.

    Returns:
        One result for each pair; those that failed are told, not raised.

    Raises:
        ConfigError: settings that fit no run, a model that is not there, or two models of one name.
        Exception: any other is a bug; the first one is raised when all pairs are done and the table is written.
    """
    pairs = _plan(config)
    results = []
    bugs: list[Exception] = []
    for pair in pairs:
        results.append(_try(pair, config, bugs))
        done(results[-1])
    if this_worker().is_first:
        _write_table(config.out / "pairs.csv", results)
    if bugs:
        bugs[0].add_note(f"{len(bugs)} of {len(pairs)} pairs failed like this; of all tells {config.out / 'pairs.csv'}")
        raise bugs[0]
    return results


def _plan(config: MatrixConfig) -> list[_Pair]:
    if not config.data:
        raise ConfigError("no questions are given", where="--data", fix="give TSVs, cuts or benchmark folders")
    models: dict[str, dict[str, Any]] = {}
    for text in config.model or ("",):
        settings = settle(config.run, text)
        name = safe_name(name_of(_configure(settings, Path("tsv"), config)))
        if name in models:
            fix = "put a name before one: --model NAME=MODEL"
            raise ConfigError(f"two models are called {name!r}", where="--model", fix=fix)
        models[name] = settings
    return [_Pair(name, settings, text) for name, settings in models.items() for text in config.data]


def settle(run: dict[str, Any], model: str) -> dict[str, Any]:
    """Settings of a run with a model as it was written; what is said of servers counts for servers alone.

    Raises:
        ConfigError: no such model.
    """
    settings = merge(run, read_model(model, RUNNERS) if model else {})
    if settings.get("runner") == "openai" and "letters" in str(run.get("runner", "")):
        settings["runner"] = "openai-letters"
    if "model" not in (settings.get("endpoint") or {"model": ""}):
        del settings["endpoint"]
    return settings


def _configure(settings: dict[str, Any], tsv: Path, config: MatrixConfig, **more: Any) -> RunConfig:
    given = {**settings, "tsv": tsv, "out": config.out, "resume": config.resume, **more}
    return from_dict(RunConfig, given, where="run", error=ConfigError)


def _try(pair: _Pair, config: MatrixConfig, bugs: list[Exception]) -> PairResult:
    name = Path(pair.text).name
    try:
        data = find_data(pair.text, config.benches)
        name = data.name
        return _do(pair, data, config)
    except (GmaiError, OSError) as error:
        state: State = "missing" if getattr(error, "reason", "") == "eval.no_data" else "failed"
        known = config.where.get(pair.text.partition(":")[0]) if state == "missing" else None
        problem = f"{error} · from {known}" if known else str(error)
        return PairResult(model=pair.model, data=name, state=state, problem=" ".join(problem.split()))
    except Exception as error:  # one pair's bug does not stop the others
        logger.error("a bug: %s on %s", pair.model, name, exc_info=bool(bugs))
        bugs.append(error)
        problem = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return PairResult(model=pair.model, data=name, state="failed", problem=problem)


def _do(pair: _Pair, data: Data, config: MatrixConfig) -> PairResult:
    folder = config.out / pair.model / safe_name(data.name)
    run = _configure(pair.settings, data.tsv, config, out=folder, name=pair.model, data=data.name)
    return finish_pair(run, data, config.mode)


def finish_pair(run: RunConfig, data: Data, mode: Mode) -> PairResult:
    """Answer (``infer``, ``all``) and score (``eval``, ``all``) one model on one set of questions.

    Several processes answer together; the first one scores.

    Raises:
        GmaiError: what answering or scoring raises.
    """
    stats = _read_stats(run) if mode == "eval" else run_model(run)
    answered = PairResult(
        model=name_of(run),
        data=data.name,
        state="answered",
        questions=stats.questions,
        invalid=stats.invalid,
        errors=sum(stats.errors.values()),
        folder=run.out.as_posix(),
    )
    if mode == "infer" or (mode == "all" and _is_part(run, stats)) or not this_worker().is_first:
        return answered
    key = find_key(data, run.out / "key.jsonl")
    if key is None:
        if not _is_part(run, stats):
            write_submission(run.out)
        return replace(answered, state="no key")
    found, *_ = _score(run, data, key)
    lost = len(find_unkeyed(key))
    reached = replace(answered, accuracy=found.accuracy, low=found.low, high=found.high)
    return replace(reached, state="scored", questions=found.n, invalid=found.invalid, unkeyed=lost)


def _is_part(run: RunConfig, stats: RunStats) -> bool:
    """True if only the first questions were asked, to try a model."""
    return run.limit is not None and stats.questions < len(open_table(run.tsv))


def _read_stats(run: RunConfig) -> RunStats:
    path = run.out / "stats.json"
    if not path.is_file():
        raise ConfigError("nothing has been answered here", where=str(run.out), fix="run --mode infer or all first")
    return from_dict(RunStats, read_json(path), where=str(path), error=ConfigError)


def _score(run: RunConfig, data: Data, key: Path) -> tuple[Score, ...]:
    from gmai.evaluate.scoring import score

    out = run.out / "scores"
    score(ScoreConfig(predictions=run.out, key=key, out=out, resume=run.resume))
    scores = from_dict(tuple[Score, ...], read_json(out / "scores.json"), where=str(out / "scores.json"))
    write_metrics(run.out, f"{name_of(run)}_{data.name}", scores)
    return scores


def _write_table(path: Path, results: Sequence[PairResult]) -> None:
    with write_atomic(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(PairResult.__dataclass_fields__), lineterminator="\n")
        writer.writeheader()
        writer.writerows(to_dict(result) for result in results)


def iter_lines(results: Sequence[PairResult]) -> Iterator[str]:
    """Lines of the table for people, one for each pair, then what became of those that failed."""
    widths = [max((len(getattr(one, name)) for one in results), default=0) for name in ("model", "data")]
    for one in results:
        shown = "" if one.accuracy is None else f"{one.accuracy:.3f} ({one.low:.3f} to {one.high:.3f})"
        counts = f"n {one.questions}, {one.invalid} invalid" + (f", {one.errors} without reply" if one.errors else "")
        counts += f", {one.unkeyed} not scored: no answer known" if one.unkeyed else ""
        if one.state == "no key":
            shown = f"no answers here to score by, {one.folder}/{SUBMISSION} is for who has them "
        told = one.problem if not one.is_fine else f"{shown or one.state}  {counts}"
        yield f"{one.model:{widths[0]}}  {one.data:{widths[1]}}  {told if one.is_fine else f'{one.state}: {told}'}"
