"""What the demo is run on."""

from pathlib import Path
from typing import Any

from gmai.base import JobConfig
from gmai.errors import ConfigError
from gmai.types import record


@record
class DemoConfig:
    """How ``gmai demo`` runs the whole line."""

    out: Path
    """Folder to write; every step is a run folder below it."""
    data: Path | None = None
    """Folder of public data sets, found by the shipped cards; without it a hospital of phantoms is drawn."""
    seed: int = 0
    """Seed of the drawings, the split, the questions, the model and the training."""
    kinds: tuple[str, ...] | None = None
    """Kinds of fact to teach and ask about; None takes every kind of real data, and of phantoms those that a model this
    small can learn in a few minutes: modality, finding, location, grade and text questions, not counts, sizes or
    presence."""
    size: float = 1.0
    """Share of the usual number of phantom patients; 1 draws about 4,500 pictures."""
    train: dict[str, Any] | None = None
    """Settings that replace those of every recipe, such as ``{steps: 2}`` for a quick look."""
    job: JobConfig = JobConfig()
    """How the work is run."""

    def __post_init__(self) -> None:
        """Refuse a hospital without patients.

        Raises:
            ConfigError: ``size`` is not above 0.
        """
        if self.size <= 0:
            raise ConfigError(f"size must be above 0, not {self.size}", where="demo")
