"""What is asked of whom, what is scored, and what is tabulated."""

from pathlib import Path
from typing import Literal

from pydantic import PositiveInt

from gmai.types import record


@record
class RunConfig:
    """How ``gmai eval run`` asks."""

    tsv: Path
    """Benchmark file."""
    out: Path
    """Run folder to write."""
    mode: str = "likelihood"
    """Name of a runner."""
    model: Path | None = None
    """Model folder, or the run folder of ``gmai model`` or ``gmai train``; only some runners have one."""
    corpus: Path | None = None
    """Split corpus whose training part a baseline learns from."""
    blind: bool = False
    """Take the picture away: the model sees the question alone."""
    name: str = ""
    """What the answers are called on the board; by default the model folder's or the runner's name."""
    batch: int = 16
    """Questions put to the model at once; it is part of the run's identity, for sums depend on it in the last digit."""
    max_new_tokens: int = 32
    """Longest generated reply, in tokens."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """Number format of the model's arithmetic."""
    device: str = "cpu"
    """Torch device."""
    threads: int = 2
    """Processor threads of a model; the same number gives the same bytes."""
    seed: int = 0
    """Seed of the random runner."""
    limit: PositiveInt | None = None
    """Ask only the first questions, to try a model; such a run cannot be scored."""
    resume: bool = True
    """Continue an interrupted run; False empties the output folder first."""


@record
class ScoreConfig:
    """How ``gmai eval score`` scores."""

    predictions: Path
    """Run folder of ``gmai eval run``, or a ``predictions.jsonl``."""
    key: Path
    """Key file of the benchmark."""
    out: Path
    """Run folder to write."""
    name: str = ""
    """What the answers are called on the board; by default the name the run was given."""
    resume: bool = True
    """Reuse a finished run; False empties the output folder first."""


@record
class BoardConfig:
    """How ``gmai eval board`` tabulates."""

    scores: tuple[Path, ...]
    """Run folders of ``gmai eval score``, all with one key."""
    out: Path
    """Run folder to write."""
    resume: bool = True
    """Reuse a finished run; False empties the output folder first."""
