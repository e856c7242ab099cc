"""The scored evaluations of a report, each with what it was: a stage of training, the model blind, or a baseline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gmai.base import from_dict, iter_jsonl, read_json
from gmai.bench import read_keys
from gmai.errors import ConfigError
from gmai.evaluate import ScoreStats
from gmai.story.runs import Run, find_file, of_command
from gmai.story.stages import Stage
from gmai.types import Prediction, Question, Score

Role = Literal["stage", "blind", "baseline"]
PREDICTIONS = "predictions.jsonl"
MODEL_MODES = ("likelihood", "generate", "")
"""Runners that ask a model; predictions from elsewhere say nothing of their runner and are taken for a model's."""
NO_MODALITY = "without modality"
"""Node of ``overall`` that leaves the questions for the modality out."""
BASELINES = {
    "random": ("Random answer", "a coin"),
    "majority": ("Majority answer", "of the training part"),
    "colour": ("Nearest mean colour", "of the picture"),
    "thumbnail": ("Logistic regression", "on 16×16 thumbnails"),
}
"""Runner of a baseline to its name on the page and a remark."""


@dataclass(frozen=True)
class Evaluation:
    """One run of scores with the runs behind it, where they are among those given."""

    run: Run
    name: str
    note: str
    role: Role
    mode: str
    """Runner: ``likelihood``, ``generate`` or that of a baseline."""
    scores: tuple[Score, ...]
    asked: Run | None
    """The run of predictions."""
    stage: Stage | None
    bench: Run | None
    split: str
    """``TEST`` or ``VAL``; empty if the benchmark is not among the runs."""

    @property
    def overall(self) -> Score:
        """The score over every question."""
        return next(score for score in self.scores if score.axis == "overall")

    @property
    def headline(self) -> Score:
        """The score without the easy questions for the modality, where there is one; else over every question."""
        found = (score for score in self.scores if (score.axis, score.node) == ("overall", NO_MODALITY))
        return next(found, self.overall)

    def of(self, axis: str) -> tuple[Score, ...]:
        """Scores of one axis, in the order of the file."""
        return tuple(score for score in self.scores if score.axis == axis)

    def predictions(self) -> Iterator[Prediction]:
        """What was answered, question by question."""
        if self.asked is not None:
            yield from iter_jsonl(self.asked.path / PREDICTIONS, Prediction)

    def key(self) -> Iterator[Question]:
        """The questions with their key."""
        if self.bench is not None:
            yield from read_keys(self.bench.path / "key" / f"{self.split}.jsonl")

    @property
    def tsv(self) -> Path | None:
        """The benchmark file that was asked."""
        return self.bench.path / "public" / f"{self.split}.tsv" if self.bench else None


def read_evaluations(runs: Sequence[Run], stages: Sequence[Stage]) -> tuple[Evaluation, ...]:
    """Every scored run: stages in the order of training, then blind ones, then baselines.

    Raises:
        FormatError: a scores file that is none.
        ConfigError: a scores file without an overall score, or scores with different keys.
    """
    found = [_read(run, runs, stages) for run in of_command(runs, "eval score")]
    keys = {item.run.stats["key"] for item in found}
    if len(keys) > 1:
        fix = "give the scores of one benchmark file to one report"
        raise ConfigError(f"the runs were scored with {len(keys)} different keys", fix=fix)
    order: Mapping[Role, int] = {"stage": 0, "blind": 1, "baseline": 2}
    baselines = list(BASELINES)

    def place(item: Evaluation) -> tuple[int, int, bool, int]:
        rank = item.stage.place if item.stage else baselines.index(item.mode) if item.mode in baselines else 99
        return order[item.role], rank, item.mode == "generate", found.index(item)

    return tuple(sorted(found, key=place))


def _read(run: Run, runs: Sequence[Run], stages: Sequence[Stage]) -> Evaluation:
    path = run.path / "scores.json"
    scores = tuple(from_dict(Score, item, where=str(path)) for item in read_json(path))
    if not any(score.axis == "overall" for score in scores):
        raise ConfigError("no overall score", where=str(path), fix="score the predictions again")
    stats = from_dict(ScoreStats, run.stats, where=str(run.path / "stats.json"))
    answered_with = set(stats.inputs.values())
    stage = next((stage for stage in stages if stage.run.contents & answered_with), None)
    mode = stats.mode
    role: Role = "baseline" if mode not in MODEL_MODES else "blind" if stats.blind else "stage"
    key = find_file(run, runs, "bench build")
    return Evaluation(
        run=run,
        name=run.label if run.named else _name(stats, role, stage),
        note=_note(role, mode, stage),
        role=role,
        mode=mode,
        scores=scores,
        asked=_find_asked(run, runs),
        stage=stage,
        bench=key[0] if key else None,
        split=Path(key[1]).stem if key else "",
    )


def _find_asked(run: Run, runs: Sequence[Run]) -> Run | None:
    """The run whose predictions were scored; of several with the same bytes, the one that says the same of itself."""
    read = set(run.inputs.values())
    same = [other for other in of_command(runs, "eval run") if other.files.get(PREDICTIONS) in read]
    said = ("name", "mode", "blind", "inputs")
    exact = [other for other in same if all(other.stats.get(name) == run.stats.get(name) for name in said)]
    return next(iter(exact or same), None)


def _name(stats: ScoreStats, role: Role, stage: Stage | None) -> str:
    if role == "baseline":
        return BASELINES.get(stats.mode, (stats.name, ""))[0]
    name = stage.name if stage else stats.name
    if role == "blind":
        return "Blind, no picture" if stage is None else f"{name}, blind"
    return f"{name}, generated" if stats.mode == "generate" else name


def _note(role: Role, mode: str, stage: Stage | None) -> str:
    if role == "baseline":
        return BASELINES.get(mode, ("", "no model"))[1]
    return "no picture" if role == "blind" else stage.note if stage else ""


def of_role(evaluations: Sequence[Evaluation], role: Role) -> list[Evaluation]:
    """Evaluations of one role."""
    return [item for item in evaluations if item.role == role]


def find_final(evaluations: Sequence[Evaluation]) -> Evaluation | None:
    """The evaluation that examples are taken from; None if no model was evaluated.

    It is the last one whose model's making is among the runs, rather by likelihood than by generation.
    """
    staged = of_role(evaluations, "stage")
    ranked = sorted(staged, key=lambda item: (item.stage is not None, item.mode == "likelihood"))
    return ranked[-1] if ranked else None
