"""What is asked of whom, what is scored, and what is tabulated."""

from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from pydantic import PositiveInt

from gmai.llm import EndpointConfig
from gmai.types import record


@record
class RunConfig:
    """How ``gmai eval run`` asks one model one file of questions."""

    tsv: Path
    """Benchmark file, or a saved cut of one."""
    out: Path
    """Run folder to write."""
    runner: str = "likelihood"
    """Name of a runner."""
    model: Path | None = None
    """Model folder, or the run folder of ``gmai model`` or ``gmai train``; only some runners have one."""
    endpoint: EndpointConfig | None = None
    """Server that the runner ``openai`` asks."""
    request: dict[str, Any] = field(default_factory=dict)
    """Further fields of a request's body, such as ``top_p``; part of the run's identity."""
    replies: Path | None = None
    """Predictions that the runner ``replay`` reads."""
    function: str = ""
    """``package.module:name`` of the Python function that the runner ``function`` calls."""
    corpus: Path | None = None
    """Split corpus whose training part a baseline learns from."""
    prompt: str = ""
    """Shipped prompt or YAML file; by default the runner's own."""
    blind: bool = False
    """Take the picture away: the model sees the question alone."""
    circular: bool = False
    """Put every multiple-choice question once for each of its options, turned one place further each time."""
    name: str = ""
    """What the answers are called on the board; by default the model folder's or the runner's name."""
    data: str = ""
    """What the questions are called in the names of files; by default the file's name."""
    batch: int = 16
    """Questions put to the model at once; it is part of the run's identity, for sums depend on it in the last digit."""
    max_new_tokens: int = 32
    """Longest generated reply, in tokens."""
    stops: tuple[str, ...] = ()
    """Texts before which a reply of the runner ``generate`` ends."""
    normalise: Literal["sum", "mean", "pmi"] = "sum"
    """Likelihood of an option: summed over tokens, their mean, or the sum less what it has as an answer to nothing."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """Number format of the model's arithmetic."""
    device: str = "cpu"
    """Torch device; of several processes under ``torchrun``, ``cuda`` is to each the one of its own."""
    threads: int = 2
    """Processor threads of a model; the same number gives the same bytes."""
    seed: int = 0
    """Seed of the random runner, and of a server's sampling."""
    limit: PositiveInt | None = None
    """Ask only the first questions, to try a model; such a run cannot be scored."""
    unanswered: Literal["ask", "wrong"] = "ask"
    """What becomes of questions that a server failed at: the next run asks them again, or they count as wrong."""
    verbose: bool = False
    """Log every answer."""
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
    rules: str = "gmai"
    """Rules by which replies in words are read: ``gmai``, or ``vlmevalkit`` for parity with its exact matching."""
    bertscore_model: Path | None = None
    """Folder of an encoder; open answers are measured by BERTScore too."""
    bertscore_layer: int | None = None
    """Layer of it that is compared; by default the last."""
    resume: bool = True
    """Reuse a finished run; False empties the output folder first."""


@record
class BoardConfig:
    """How ``gmai eval board`` tabulates."""

    scores: tuple[Path, ...] = ()
    """Output folders of ``gmai eval run``, ``score`` or ``grade``, or folders that hold them; a table for each key."""
    out: Path
    """Run folder to write."""
    published: tuple[str, ...] = ()
    """Published numbers: ``NAME``, ``NAME:SPLIT``, or ``NAME:SPLIT=DATA`` to put them beside the measured DATA."""
    least: PositiveInt = 1
    """Questions that a place of the tree must have to be shown."""
    resume: bool = True
    """Reuse a finished run; False empties the output folder first."""
