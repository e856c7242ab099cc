"""From the recipe's data to batches: row indexes, the mixture, the plan of steps, the feed, and targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gmai.corpus import SAMPLE_SCHEMA, Corpus, Records, open_corpus
from gmai.corpus import Place as CorpusPlace
from gmai.models import LoadedModel, read_costs
from gmai.train.assembly import Assembler
from gmai.train.copies import Copies, open_copies
from gmai.train.data import config_sets
from gmai.train.feed import Feed
from gmai.train.index import RowIndex
from gmai.train.indexing import open_index
from gmai.train.lengths import Measure
from gmai.train.mixture import Mixture, Needs
from gmai.train.order import Order
from gmai.train.pack import StepBatch
from gmai.train.parallel import World
from gmai.train.plan import StepPlan, plan_steps, read_plan, seed_of, write_plan
from gmai.train.recipe import TrainConfig
from gmai.train.stages import STAGES
from gmai.train.targets import Targets
from gmai.types import Reject, Sample


class Material:
    """What a run learns from, ready to be fed. Use :func:`gather`."""

    def __init__(self, mixture: Mixture, plan: StepPlan, feed: Feed, targets: Targets | None) -> None:
        self.mixture = mixture
        self.plan = plan
        self.targets = targets
        """What annotations say, where the stage asks for it."""
        self._feed = feed
        self._running: list[Iterator[StepBatch]] = []

    @property
    def key(self) -> str:
        """Changes with the plan of steps."""
        return self.plan.key

    @property
    def steps(self) -> int:
        """Updates of the weights."""
        return self.plan.steps

    @property
    def rejects(self) -> Iterable[Reject]:
        """What cannot be learned from, known before the first step."""
        return self.mixture.rejects()

    def batches(self, rank: int, ranks: int, start: int) -> Iterator[StepBatch]:
        """One rank's batches from a step on."""
        batches = self._feed.batches(rank, ranks, start)
        self._running.append(batches)
        return batches

    def part(self, rows: int, workers: int = 0) -> Material:
        """The first rows of the plan alone, a pack a step."""
        plan = self.plan.part(rows)
        return Material(self.mixture, plan, self._feed.part(plan, workers), self.targets)

    def stats(self) -> dict[str, Any]:
        """What there is and what of it is planned."""
        return {
            "epochs": round(self.plan.epochs, 3),
            "available": count_rows(self.mixture),
            "unused": dict(sorted(self.mixture.unused.items())),
            "mixture": count_sets(self.mixture, self.plan),
        }

    def close(self) -> None:
        """End the processes that read pictures."""
        for batches in self._running:
            batches.close()  # type: ignore[attr-defined]


def gather(config: TrainConfig, loaded: LoadedModel, home: Path, world: World) -> Material:
    """Read or build the row indexes, plan all steps and prepare the feed; all processes of a run call it.

    Args:
        config: the recipe.
        loaded: the model that learns.
        home: folder of the row indexes, seen by all processes.
        world: the processes; the first one builds.

    Raises:
        ConfigError: nothing to learn from, or settings that contradict each other.
        FormatError: a damaged corpus.
    """
    corpora = tuple(open_corpus(one.corpus) for one in config_sets(config))
    mixture = read_mixture(config, loaded, corpora, home, world)
    stage = STAGES[config.stage]
    text = stage.lesson == "language"
    seed = seed_of(*(corpus.key for corpus in corpora), config.split, config.stage, config.seed)
    costs = read_costs(loaded.model)
    rank = config.lora.rank if "lora" in stage.trains else 0
    most = config.batch.tokens
    measure = Measure(mixture, seed, most, costs, stage.trains, rank, text)
    order = Order(mixture, config.rows.shares, seed)
    plan = _plan_once(lambda: plan_steps(measure, order, config.batch, config.steps, config.epochs), home, world)
    assembler = Assembler(mixture, plan, loaded.scaffold, costs, config.pictures, seed, most, text)
    stores = corpora if not config.feed.copies else _copy(config, corpora, home, world)
    feed = Feed(assembler, stores, loaded.contract, config.feed, config.pictures.cache_mb)
    targets = None if text else _targets(config, loaded, mixture, corpora)
    return Material(mixture, plan, feed, targets)


def _plan_once(make: Callable[[], StepPlan], home: Path, world: World) -> StepPlan:
    """The plan, made by one process and read by all: of many million rows it takes minutes."""
    if world.size == 1:
        return make()

    def build() -> str:
        plan = make()
        name = f"{plan.key[:32]}-plan.npz"
        write_plan(plan, home / name)
        return name

    return read_plan(home / world.first(build))


def read_mixture(
    config: TrainConfig, loaded: LoadedModel, corpora: tuple[Corpus, ...], home: Path, world: World
) -> Mixture:
    """The rows that a run may learn from, of all its sets."""
    sets = config_sets(config)

    def build() -> list[RowIndex]:
        pairs = zip(sets, corpora, strict=True)
        return [open_index(corpus, one.split, loaded.scaffold, loaded.contract, home) for one, corpus in pairs]

    indexes = world.first(build)
    stage = STAGES[config.stage]
    captions = stage.prefix == "caption"
    longest = loaded.context - (config.rows.max_gap if captions else 0)
    if config.batch.tokens is not None:  # the last token of a conversation is not read
        longest = min(longest, config.batch.tokens + 1)
    needs = Needs(
        longest=longest,
        tiles=None if captions else config.batch.tiles,
        picture=stage.lesson == "annotations",
        around=len(loaded.scaffold.prefix_around(())) if captions else None,
    )
    return Mixture(sets, indexes, config.rows, needs)


def count_rows(mixture: Mixture) -> dict[str, dict[str, int]]:
    """Rows and conversations that could be learned from, by source."""
    counts: dict[str, Counter[str]] = {}
    for index, rows in zip(mixture.indexes, mixture.usable, strict=True):
        held = np.asarray(index["row_segments"][rows]) - index.starts("row_segments", rows)
        sources = np.asarray(index["row_source"][rows])
        for number, source in enumerate(index.sources):
            mine = sources == number
            if mine.any():
                found = {"rows": int(mine.sum()), "conversations": int(held[mine].sum())}
                counts.setdefault(source, Counter()).update(found)
    return {source: dict(counts[source]) for source in sorted(counts)}


def count_sets(mixture: Mixture, plan: StepPlan) -> list[dict[str, Any]]:
    """What a plan holds of each set; ``passes`` over its rows in one epoch are its ratio, within rounding."""
    sets = mixture.where(plan.rows)[0]
    whole = (plan.parts <= 0).astype(np.int64)
    size = len(mixture.sets)
    names = ("tokens", "labels", "tiles")
    sums = {name: np.bincount(sets, getattr(plan, name), size).astype(np.int64) for name in names}
    rows = np.bincount(sets, whole, size).astype(np.int64)
    counted = []
    for number, one in enumerate(mixture.sets):
        available = len(mixture.usable[number])
        counted.append(
            {
                "name": one.name,
                "category": one.category,
                "ratio": one.ratio,
                "available": available,
                "rows": int(rows[number]),
                "passes": round(float(rows[number]) / max(1e-9, available * plan.epochs), 4),
                **{name: int(sums[name][number]) for name in names},
            }
        )
    return counted


def _copy(config: TrainConfig, corpora: tuple[Corpus, ...], home: Path, world: World) -> tuple[Copies, ...]:
    """Copies of the samples of all sets; the first process makes them."""

    def build() -> tuple[Copies, ...]:
        pairs = zip(config_sets(config), corpora, strict=True)
        return tuple(open_copies(corpus, one.split, home) for one, corpus in pairs)

    return world.first(build)


def _targets(config: TrainConfig, loaded: LoadedModel, mixture: Mixture, corpora: tuple[Corpus, ...]) -> Targets:
    vision = loaded.model.config.vision_config
    targets = Targets(config.heads, vision.image_size[0] // vision.patch_size[0])
    records: Records[Sample] = Records(Sample, SAMPLE_SCHEMA)
    for corpus, index, rows in zip(corpora, mixture.indexes, mixture.usable, strict=True):
        for place in sorted({index.places(row)[-1] for row in rows.tolist()}):
            targets.add(records.read(CorpusPlace(str(corpus.folder / place.file), place.group, place.row)))
    return targets
