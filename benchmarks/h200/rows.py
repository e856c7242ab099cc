"""A fixed manifest of made rows, planned and packed by gmai's own plan; pictures are random tiles made once.

Lengths and numbers of pictures are those of ``benchmarks/packing/rows.py``: the six tasks of the published mix of
238,000 samples. Three profiles differ in the most tiles of a row. No file is read and nothing is decoded: tiles are
taken from a pool in memory, so what reading costs is not in here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.h200.shapes import nowhere
from benchmarks.packing.rows import make_index
from gmai.models import Block, Fitted, LoadedModel, read_costs
from gmai.train import BatchConfig, RowConfig, SetConfig
from gmai.train.assembly import Assembler
from gmai.train.lengths import Measure
from gmai.train.mixture import Mixture, Needs
from gmai.train.order import Order
from gmai.train.pack import Pack, StepBatch
from gmai.train.plan import StepPlan, assign, plan_steps
from gmai.train.recipe import PictureConfig
from gmai.types import Reject

MOST = {"1": 1, "4": 6, "7": 12}
"""Most tiles of a row, by the profile's name; the true mean is counted and told."""
POOL = 64
"""Tiles in memory."""
_PLAIN = RowConfig(questions=None, chances={}, weights={})


@dataclass(frozen=True)
class Manifest:
    """Rows, and all that is needed to pack them."""

    loaded: LoadedModel
    mixture: Mixture
    seed: int
    pool: Fitted

    def plan(self, batch: BatchConfig, steps: int, trains: tuple[str, ...], rank: int) -> StepPlan:
        """Which rows each step takes."""
        costs = read_costs(self.loaded.model)
        measure = Measure(self.mixture, self.seed, batch.tokens, costs, trains, rank)
        return plan_steps(measure, Order(self.mixture, {}, self.seed), batch, steps, None)

    def batches(self, plan: StepPlan, batch: BatchConfig) -> Iterator[StepBatch]:
        """All steps of a plan, with pictures."""
        plain = PictureConfig(gain=0, level=0, shift_px=0)
        costs = read_costs(self.loaded.model)
        assembler = Assembler(
            self.mixture, plan, self.loaded.scaffold, costs, plain, self.seed, batch.tokens, text=True
        )
        for step in range(plan.steps):
            packs = []
            for share in assign(plan, step, 1)[0]:
                standing = assembler.stand(share)
                read: list[list[Fitted] | Reject] = [self._tiles(row.row) for row in standing if self._tiles(row.row)]
                pack, rejects = assembler.pack(share.pack, standing, read)
                assert not rejects
                packs.append(replace(pack, tones=[], rows=[self._spoken(row, pack, step) for row in pack.rows]))
            yield StepBatch(step, packs)

    def _tiles(self, row: int) -> list[Fitted]:
        """Pictures of a row, out of the pool."""
        layouts = self.mixture.indexes[0].layouts(row)
        starts = [(row * 7 + number * 13) % (len(self.pool) - layout.tiles) for number, layout in enumerate(layouts)]
        return [self.pool[start : start + layout.tiles] for start, layout in zip(starts, layouts, strict=True)]

    def _spoken(self, row: list[Block], pack: Pack, step: int) -> list[Block]:
        """The row with words drawn evenly from the vocabulary; one word alone would be another work to look up."""
        rng = np.random.default_rng([self.seed, step, pack.number])
        size = int(self.loaded.model.get_input_embeddings().num_embeddings)
        first = len(self.loaded.tokenizer)
        words = np.arange(first, size) if size > 2 * first else np.array(self.loaded.scaffold.text("What is it?"))
        return [
            block if block.parent < 0 else replace(block, tokens=tuple(rng.choice(words, len(block.tokens)).tolist()))
            for block in row
        ]


def make_manifest(loaded: LoadedModel, folder: Path, tiles: str, rows: int, longest: int, seed: int) -> Manifest:
    """Make the rows for a model; the same for every one that sees tiles of this size in so many tokens."""
    most = MOST[tiles]
    sees = replace(loaded.contract, max_tiles=most, shared_tiles=True)
    scaffold = loaded.scaffold
    index = make_index(folder / "index", rows, most, seed, sees, lambda tokens: len(scaffold.prefix(tokens)))
    needs = Needs(longest=longest + 1, tiles=None)
    mixture = Mixture([SetConfig(name="mix", corpus=nowhere())], [index], _PLAIN, needs)
    side = loaded.contract.image_px
    pool = np.random.default_rng(seed).integers(0, 256, (POOL, side, side, 3), dtype=np.uint8)
    return Manifest(loaded, mixture, seed, pool)
