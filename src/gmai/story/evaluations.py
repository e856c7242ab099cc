"""The scored evaluations of a report, each with what it was: a stage of training, the model blind, or a baseline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gmai.base import from_dict, iter_jsonl, read_json
from gmai.bench import read_keys
from gmai.errors import ConfigError
from gmai.story.runs import Run, find_file, find_source, of_command
from gmai.story.stages import Stage
from gmai.types import Prediction, Question, Score

Role = Literal["stage", "blind", "baseline"]
BASELINES = {
    "random": ("random answer", "a coin"),
    "majority": ("majority answer", "commonest answer in training"),
    "colour": ("nearest mean colour", "of the picture"),
    "thumbnail": ("logistic regression", "on 16×16 thumbnails"),
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

    def of(self, axis: str) -> tuple[Score, ...]:
        """Scores of one axis, in the order of the file."""
        return tuple(score for score in self.scores if score.axis == axis)

    def predictions(self) -> Iterator[Prediction]:
        """What was answered, question by question."""
        if self.asked is not None:
            yield from iter_jsonl(self.asked.path / "predictions.jsonl", Prediction)

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
        ConfigError: a scores file without an overall score.
    """
    found = [_read(run, runs, stages) for run in of_command(runs, "eval score")]
    order: Mapping[Role, int] = {"stage": 0, "blind": 1, "baseline": 2}
    baselines = list(BASELINES)

    def place(item: Evaluation) -> tuple[int, int, int]:
        rank = item.stage.place if item.stage else baselines.index(item.mode) if item.mode in baselines else 99
        return order[item.role], rank, found.index(item)

    return tuple(sorted(found, key=place))


def _read(run: Run, runs: Sequence[Run], stages: Sequence[Stage]) -> Evaluation:
    path = run.path / "scores.json"
    scores = tuple(from_dict(Score, item, where=str(path)) for item in read_json(path))
    if not any(score.axis == "overall" for score in scores):
        raise ConfigError("no overall score", where=str(path), fix="score the predictions again")
    asked = find_source(run, runs, "eval run")
    config = asked.config if asked else {}
    stage = _stage_of(asked, stages) if asked else None
    mode = str(config.get("mode", ""))
    blind = bool(config.get("blind", False))
    role: Role = "baseline" if mode in BASELINES else "blind" if blind else "stage"
    file = find_file(asked, runs, "bench build") if asked else None
    name = run.label if run.named else _name(run, role, mode, stage)
    note = BASELINES[mode][1] if role == "baseline" else stage.note if stage and role == "stage" else ""
    split = Path(file[1]).stem if file else ""
    return Evaluation(run, name, note, role, mode, scores, asked, stage, file[0] if file else None, split)


def _stage_of(asked: Run, stages: Sequence[Stage]) -> Stage | None:
    read = set(asked.inputs.values())
    return next((stage for stage in stages if stage.run.contents & read), None)


def _name(run: Run, role: Role, mode: str, stage: Stage | None) -> str:
    if role == "baseline":
        return BASELINES[mode][0]
    if role == "blind":
        return "blind, no picture"
    name = stage.name if stage else run.label
    return f"{name}, generated" if mode == "generate" else name


def of_role(evaluations: Sequence[Evaluation], role: Role) -> list[Evaluation]:
    """Evaluations of one role."""
    return [item for item in evaluations if item.role == role]


def find_final(evaluations: Sequence[Evaluation]) -> Evaluation | None:
    """The evaluation of the last stage by likelihood, or else of the last stage; None if no model was evaluated."""
    staged = of_role(evaluations, "stage")
    likely = [item for item in staged if item.mode == "likelihood"]
    best = likely or staged
    return best[-1] if best else None
