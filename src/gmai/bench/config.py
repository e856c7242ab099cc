"""What a benchmark is built from and how."""

from pathlib import Path

from gmai.base import JobConfig
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
    closed_questions: bool = True
    """Ask the closed questions (yes or no, or with options) that people put in the source."""
    job: JobConfig = JobConfig()
    """How the work is run."""
