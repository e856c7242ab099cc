"""What a recipe says of its data: the sets and their ratios, the budgets of a step, and who reads pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gmai.errors import ConfigError
from gmai.types import record

if TYPE_CHECKING:
    from gmai.train.recipe import TrainConfig


@record
class SetConfig:
    """One set of the mixture: a corpus, or a part of one."""

    name: str
    """What it is called in counts, logs and the report."""
    corpus: Path
    """Corpus folder."""
    split: str = "train"
    """Split that is learned from."""
    ratio: float = 1.0
    """Passes over the set in one epoch: 0.05 takes another twentieth of it in each epoch, 2 takes it twice."""
    kinds: tuple[str, ...] = ()
    """Question kinds that are learned from; empty takes all."""
    subsets: tuple[str, ...] = ()
    """Subsets that are learned from (caption, percept, instruct, text); empty takes all."""
    category: str = ""
    """Group of sets it is shown with."""


@record
class BatchConfig:
    """What one update of the weights learns from: so many rows, or packs within budgets."""

    rows: int | None = None
    """Rows of one update, dealt out to its packs in their order."""
    tokens: int | None = None
    """Most tokens of one pack."""
    tiles: int | None = None
    """Most tiles of one pack; without it only tokens count."""
    packs: int = 1
    """Packs of one update, shared out among the processes of a run."""


@record
class FeedConfig:
    """How pictures are read. Nothing here changes what is learned."""

    workers: int = 0
    """Processes of each rank that decode pictures ahead of the step; 0 decodes them when the step needs them."""
    timeout_s: float = 300.0
    """A worker that takes longer for one row is ended, and the row is counted as a reject."""
    index: Path | None = None
    """Folder in which row indexes and copies are kept for other runs; without it they last as long as the run."""
    copies: bool = False
    """Copy the samples to where the index is, one by one, as large as the corpus. A row then costs the reading of its
    own sample, not that of the 64 stored together: worth it where a corpus is read more than a few times."""


def config_sets(config: TrainConfig) -> tuple[SetConfig, ...]:
    """The sets of a recipe; ``corpus`` alone is a set of its own.

    Raises:
        ConfigError: neither, both, or two sets of one name.
    """
    if (config.corpus is None) == (not config.data):
        fix = "give corpus, or data with the name and corpus of each set"
        raise ConfigError("a run learns from one corpus, or from the sets of data", where="data", fix=fix)
    if config.corpus is not None:
        return (SetConfig(name="corpus", corpus=config.corpus, split=config.split),)
    names = [one.name for one in config.data]
    if len(set(names)) < len(names):
        twice = ", ".join(sorted({name for name in names if names.count(name) > 1}))
        raise ConfigError(f"two sets of one name: {twice}", where="data")
    return config.data
