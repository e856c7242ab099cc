"""The models of a report in the order they were made: the untrained one, then each stage of training."""

from collections.abc import Sequence
from dataclasses import dataclass

from gmai.story.runs import Run, of_command

UNTRAINED = ("Untrained", "random weights")
NAMES = {
    "text": ("Stage 0, text", "language model"),
    "vision": ("Stage 0, vision", "vision encoder"),
    "projector": ("Stage 1", "projector"),
    "projector+vision": ("Stage 2", "projector and vision"),
    "all": ("Stage 3", "everything"),
    "projector+language": ("Full", "projector and language model"),
    "lora": ("LoRA", "adapters of the language model"),
}
"""Stage of a recipe to its name and what it trains."""


@dataclass(frozen=True)
class Stage:
    """A run that made a model."""

    run: Run
    name: str
    note: str
    place: int
    """Position in the order the models were made."""

    @property
    def kind(self) -> str:
        """Stage of the recipe, or an empty string for the untrained model."""
        return str(self.run.config["stage"]) if self.run.command == "train" else ""


def find_stages(runs: Sequence[Run]) -> tuple[Stage, ...]:
    """Models in the order they were made, known by what each run started from; a given label is the stage's name."""
    makers = of_command(runs, "model tiny") + of_command(runs, "train")
    ranks = {name: rank for rank, name in enumerate(NAMES)}
    ordered = sorted(makers, key=lambda run: (_depth(run, makers), ranks.get(_kind(run), -1), makers.index(run)))
    plain = [_name(run)[0] for run in ordered]
    stages = []
    for place, run in enumerate(ordered):
        name, note = _name(run)
        twin = plain.count(name) > 1
        stages.append(Stage(run, run.label if run.named or twin else name, note, place))
    return tuple(stages)


def _kind(run: Run) -> str:
    return str(run.config.get("stage", ""))


def _name(run: Run) -> tuple[str, str]:
    return NAMES.get(_kind(run), (run.label, _kind(run))) if run.command == "train" else UNTRAINED


def _depth(run: Run, makers: Sequence[Run]) -> int:
    """Number of runs between this one and a model made of nothing; what a run read was finished before it began."""
    read = set(run.inputs.values())
    before = [other for other in makers if other.contents & read and other is not run]
    return 1 + max((_depth(other, makers) for other in before), default=-1)
