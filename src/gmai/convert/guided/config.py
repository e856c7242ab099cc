"""How ``gmai convert guided`` has a model write about samples."""

from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from gmai.base import JobConfig, to_dict
from gmai.convert.config import ConvertConfig, Subset
from gmai.errors import ConfigError
from gmai.lexicon import Language
from gmai.llm import EndpointConfig, Sampling
from gmai.types import Granularity, record

_SERVER = ("url", "key_variable", "in_flight", "timeout_s", "attempts", "picture_cache_mb")
"""Settings of an endpoint that cannot change what it answers."""


@record
class GuidedConfig:
    """Who writes about which samples and who checks it; which view is written about is drawn by hash."""

    raw: tuple[Path, ...]
    """Folders that ``gmai source ingest`` finished; their order does not matter."""
    out: Path
    """Run folder to write: the corpus."""
    endpoint: EndpointConfig
    """The model that writes, and its server."""
    verifier: EndpointConfig | None = None
    """Another model that looks at what passed the gates; None asks nobody."""
    same_model: bool = False
    """Let the model that writes also be the one that verifies."""
    unknown: Literal["reject", "keep"] = "reject"
    """What becomes of a text of which the verifier can neither confirm nor deny a part."""
    regenerate: int = 1
    """How often a text that was refused is asked for again, with the reasons."""
    sampling: Sampling = field(default_factory=lambda: Sampling(max_tokens=1024))
    """How the writing model chooses its words."""
    verifier_sampling: Sampling = field(default_factory=lambda: Sampling(max_tokens=1024))
    """How the verifier chooses its words."""
    prompts: Path | None = None
    """Folder of prompts, such as ``caption.en.md``, that take the place of those that ship."""
    seed: int = 0
    """Seed of every draw: views, facts, wrong options and their order."""
    subsets: tuple[Subset, ...] = ("caption", "percept", "instruct", "text")
    """Kinds of conversation to make; ``text`` puts questions without a picture in other words."""
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
    """How percept questions are put, drawn evenly: with lettered options, or openly."""
    options: int = 4
    """Options of a question; fewer where the source has fewer answers, never fewer than two."""
    turns: int = 4
    """Most questions in one instruct conversation; fewer than two makes none."""
    languages: tuple[Language, ...] = ("en",)
    """Languages to write in; texts that people wrote keep their own."""
    wrong: Literal["drawn", "hard"] = "drawn"
    """Wrong options and absent findings: drawn evenly, or those most easily taken for the right ones."""
    removed: tuple[Path, ...] = ()
    """Corpora that gmai corpus remove wrote: what was taken out of them does not come back."""
    job: JobConfig = JobConfig()
    """How the work is run; questions under way are shared out among the workers."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant.

        Raises:
            ConfigError: a model that is to verify itself, or a setting out of its range.
        """
        self.choices()
        if self.regenerate < 0:
            raise ConfigError(f"regenerate cannot be {self.regenerate}", where="convert guided")
        if self.verifier and self.verifier.model == self.endpoint.model and not self.same_model:
            what = f"{self.endpoint.model} would verify what it wrote itself"
            fix = "give another model, or --set same_model=true"
            raise ConfigError(what, where="--verifier-model", fix=fix)

    def choices(self) -> ConvertConfig:
        """What to write about, as the rule engine chooses it."""
        names = ("raw", "out", "seed", "subsets", "kinds", "granularities", "overlays", "overlay_share", "per_kind")
        more = ("forms", "options", "turns", "languages", "wrong")
        return ConvertConfig(**{name: getattr(self, name) for name in (*names, *more)})

    def identity(self) -> dict[str, Any]:
        """All that can change what the run makes, prompts aside."""
        same: dict[str, Any] = {**to_dict(self), "limit": self.job.limit, "shard_size": self.job.shard_size}
        for name in ("raw", "out", "removed", "job", "prompts"):
            del same[name]
        for name in ("endpoint", "verifier"):
            if same[name] is not None:
                same[name] = {key: value for key, value in same[name].items() if key not in _SERVER}
        return same
