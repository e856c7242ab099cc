"""What a benchmark is built from and how."""

from pathlib import Path
from typing import Literal

from gmai.base import JobConfig
from gmai.lexicon import Language
from gmai.types import Granularity, record


@record
class BenchConfig:
    """How ``gmai bench build`` asks."""

    corpus: Path
    """Split corpus; only its test and val subjects are asked about."""
    out: Path
    """Run folder to write."""
    seed: int = 0
    """Seed of every choice and of the order of rows."""
    kinds: tuple[str, ...] = ()
    """Kinds of question to ask; empty asks all."""
    granularities: tuple[Granularity, ...] = ("image", "box", "mask", "contour")
    """Levels to ask at; a region is asked about at one of them, drawn by its hash."""
    options: int = 4
    """Most options of a question, two to five; fewer where a data set has fewer wrong answers."""
    per_label: int = 30
    """Most questions with the same right answer in one kind, modality and split."""
    languages: tuple[Language, ...] = ("en",)
    """Languages to ask in; the same question in two languages is a pair of twins."""
    twins: Literal["one", "group"] = "one"
    """``one`` asks about a region at one level; ``group`` at every level asked for, as twins that are scored once."""
    multiple: bool = False
    """Ask for several findings at once where a picture has several (form ``multiple``); runners that choose a single
    option refuse such questions."""
    shared: bool = True
    """Fill the options of a region up from other data sets of its modality, task and level, where its own has too few
    wrong answers; only with labels that exclude what is true of the picture."""
    closed_questions: bool = True
    """Ask the closed questions (yes or no, or with options) that people put in the source."""
    job: JobConfig = JobConfig()
    """How the work is run."""
