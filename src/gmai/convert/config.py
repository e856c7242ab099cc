"""How ``gmai convert`` turns samples into conversations."""

from pathlib import Path
from typing import Literal

from gmai.base import JobConfig
from gmai.errors import ConfigError
from gmai.lexicon import LANGUAGES, Language
from gmai.types import Granularity, record

Subset = Literal["caption", "percept", "instruct", "text"]
Extra = Literal["boxes", "measurements", "questions", "reports", "comparisons"]


@record
class ConvertConfig:
    """What is made of which samples; all choices are drawn by hash, so the same config makes the same conversations."""

    raw: tuple[Path, ...]
    """Folders that ``gmai source ingest`` finished; their order does not matter."""
    out: Path
    """Run folder to write: the corpus."""
    seed: int = 0
    """Seed of every draw: views, wordings, wrong options and their order."""
    subsets: tuple[Subset, ...] = ("caption", "percept", "instruct", "text")
    """Kinds of conversation to make."""
    kinds: tuple[str, ...] = ()
    """Kinds of fact to use; empty uses all."""
    granularities: tuple[Granularity, ...] = ("image", "box", "mask", "contour")
    """Levels to look at: the clean image, and drawings of regions."""
    overlays: int = 1
    """Views with a drawn region of each sample that has regions; their labels and levels are drawn evenly."""
    overlay_share: float = 1.0
    """Share of the samples with regions that get such views."""
    per_kind: int = 1
    """Most facts of one kind asked about one view."""
    forms: tuple[Literal["choice", "open"], ...] = ("choice", "open")
    """How percept questions are put: with lettered options, openly, or both ways."""
    options: int = 4
    """Options of a question; fewer where the source has fewer answers, never fewer than two."""
    phrasings: int | None = None
    """Most wordings used of each question and sentence; None uses all there are."""
    turns: int = 4
    """Most questions in one instruct conversation of several turns; fewer than two makes none."""
    languages: tuple[Language, ...] = ("en",)
    """Languages to tell facts in; what people asked and wrote keeps its own."""
    also: tuple[Extra, ...] = ()
    """More about the clean picture: boxes in pixels, numbers that were measured, single questions answered in
    sentences, reports as they were written; and two pictures of one subject compared, by the order of its visits."""
    wrong: Literal["drawn", "hard"] = "drawn"
    """Wrong options and absent findings: drawn evenly, or those most easily taken for the right ones."""
    removed: tuple[Path, ...] = ()
    """Corpora that gmai corpus remove wrote: what was taken out of them does not come back."""
    job: JobConfig = JobConfig()
    """How the work is run."""

    def __post_init__(self) -> None:
        """Refuse settings that make nothing.

        Raises:
            ConfigError: a setting out of its range, by name.
        """
        bounds = {
            "options": 2 <= self.options <= 26,
            "overlays": self.overlays >= 0,
            "overlay_share": 0 <= self.overlay_share <= 1,
            "per_kind": self.per_kind >= 1,
            "phrasings": self.phrasings is None or self.phrasings >= 1,
            "languages": bool(self.languages) and len(set(self.languages)) == len(self.languages) <= len(LANGUAGES),
            "subsets": bool(self.subsets),
            "raw": bool(self.raw),
        }
        for name, holds in bounds.items():
            if not holds:
                raise ConfigError(f"{name} cannot be {getattr(self, name)!r}", where="convert")
