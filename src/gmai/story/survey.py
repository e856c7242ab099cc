"""What is in a corpus: its counts, its source cards, and the samples chosen to be shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gmai.base import hash_unit, read_yaml
from gmai.corpus import Corpus, StatsConfig, corpus_stats, iter_records
from gmai.story.pictures import regions_of
from gmai.story.runs import Run, of_command
from gmai.types import Conversation

SEED = "survey"
DRAWN = "phantom-"
"""What the names of sources begin with whose pictures are drawn."""


@dataclass(frozen=True)
class Survey:
    """A corpus in numbers, and what is shown of it."""

    corpus: Corpus
    stats: Mapping[str, Any]
    """What :func:`gmai.corpus.corpus_stats` counts."""
    cards: Mapping[str, Mapping[str, Any]]
    """Source to its card."""
    shown: Mapping[str, tuple[Conversation, ...]]
    """Sample id to its conversations, for the samples chosen from each source."""

    @property
    def sources(self) -> list[str]:
        """Names of the sources, sorted."""
        return sorted(self.stats["samples"]["source"])

    @property
    def drawn(self) -> list[str]:
        """Sources whose pictures are drawn phantoms."""
        return [name for name in self.sources if name.startswith(DRAWN)]

    def total(self, unit: str) -> int:
        """Number of ``samples``, ``subjects``, ``images``, ``annotations`` or ``conversations``."""
        return int(self.stats["totals"][unit])


def survey_corpus(corpus: Corpus, runs: Sequence[Run], shown: int) -> Survey:
    """Count a corpus, or take the counts of a run that did, and choose about ``shown`` samples by a seeded draw."""
    chosen = set(_choose(corpus, shown))
    found: dict[str, list[Conversation]] = {sample: [] for sample in sorted(chosen)}
    for item in corpus.conversations():
        if item.sample in found and not item.prior:  # a card shows one picture
            found[item.sample].append(item)
    stats = _count(corpus, runs)
    cards = {name: _card(corpus.folder / "cards" / f"{name}.yaml") for name in stats["samples"]["source"]}
    return Survey(corpus, stats, cards, {sample: tuple(items) for sample, items in found.items()})


def _count(corpus: Corpus, runs: Sequence[Run]) -> Mapping[str, Any]:
    for run in of_command(runs, "corpus stats"):
        if corpus.key in run.inputs.values():
            return run.stats
    with TemporaryDirectory() as folder:
        return corpus_stats(StatsConfig(corpus=corpus.folder, out=Path(folder) / "stats"))


def _card(path: Path) -> dict[str, Any]:
    return read_yaml(path) if path.exists() else {}


def _choose(corpus: Corpus, shown: int) -> Iterator[str]:
    """As many samples of each source; those with a region before others, by a coin."""
    ranks: dict[str, dict[str, float]] = {}
    for sample in iter_records(corpus.folder):
        mine = ranks.setdefault(sample.source, {})
        mine[sample.id] = hash_unit(SEED, sample.id) + (0.0 if regions_of(sample) else 1.0)
        if len(mine) > 4 * shown:
            ranks[sample.source] = {name: mine[name] for name in _first(mine, shown)}
    each = max(1, shown // max(len(ranks), 1))
    for source in sorted(ranks):
        yield from _first(ranks[source], each)


def _first(ranks: Mapping[str, float], count: int) -> list[str]:
    return sorted(ranks, key=lambda sample: (ranks[sample], sample))[:count]
