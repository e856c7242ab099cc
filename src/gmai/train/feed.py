"""The feed: the packs of every step, in order, with their pictures read ahead by processes of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from gmai.base import run_in_order
from gmai.corpus import Corpus
from gmai.models import VisualContract
from gmai.train.assembly import Assembler, Standing
from gmai.train.copies import Copies
from gmai.train.data import FeedConfig
from gmai.train.pack import Pack, StepBatch
from gmai.train.plan import StepPlan, assign
from gmai.train.workers import PictureReader, Wanted, skip_lost
from gmai.types import Reject


class Feed:
    """Batches of a plan. The number of workers changes no byte of them; what cannot be read is left out and named.

    Two steps of packs are read ahead, or two packs for each worker if those are more.
    """

    def __init__(
        self,
        assembler: Assembler,
        stores: tuple[Corpus | Copies, ...],
        contract: VisualContract,
        config: FeedConfig,
        cache_mb: int,
    ) -> None:
        self._assembler = assembler
        self._stores = stores
        self._contract = contract
        self._config = config
        self._cache_mb = cache_mb

    def batches(self, rank: int = 0, ranks: int = 1, start: int = 0) -> Iterator[StepBatch]:
        """This process's share of every step from ``start`` on; nothing of the steps before is read."""
        plan = self._assembler.plan
        begun: deque[tuple[int, list[Standing]]] = deque()

        def tasks() -> Iterator[Sequence[Wanted]]:
            for step in range(start, plan.steps):
                for share in assign(plan, step, ranks)[rank]:
                    standing = self._assembler.stand(share)
                    begun.append((share.pack, standing))
                    yield self._assembler.wanted(standing)

        reader = self._reader()
        workers = self._config.workers if self._assembler.sees else 0
        if not workers and self._assembler.sees:
            self._warm(reader, start)
        ahead = 2 * -(-len(plan.packs(start)) // ranks) if start < plan.steps else 0
        results = run_in_order(reader, tasks(), workers, self._config.timeout_s, skip_lost, ahead)
        for step in range(start, plan.steps):
            packs: list[Pack] = []
            rejects: list[Reject] = []
            for _ in range(-(-len(plan.packs(step)) // ranks)):
                read = next(results)
                number, standing = begun.popleft()
                pack, lost = self._assembler.pack(number, standing, read)
                packs.append(pack)
                rejects += lost
            yield StepBatch(step, packs, rejects)

    def part(self, plan: StepPlan, workers: int) -> Feed:
        """The same for another plan of the same rows, read by so many processes."""
        assembler, config = replace(self._assembler, plan=plan), replace(self._config, workers=workers)
        return Feed(assembler, self._stores, self._contract, config, self._cache_mb)

    def _reader(self) -> PictureReader:
        room = self._cache_mb * 2**20 // max(1, self._config.workers)
        return PictureReader(self._stores, self._assembler.mixture.indexes, self._contract, room)

    def _warm(self, reader: PictureReader, start: int) -> None:
        """Read all pictures in the order in which they lie, if they can all be remembered: that is faster."""
        mixture, plan = self._assembler.mixture, self._assembler.plan
        begin = plan.packs(start)[0].start if start < plan.steps else len(plan.rows)
        rows = np.unique(plan.rows[begin:])
        tiles = int(mixture.column("row_tiles", rows).sum())
        side = self._contract.image_px
        size = (
            tiles * side * side * 3 or int(mixture.column("row_patches", rows).sum()) * self._contract.patch_px**2 * 3
        )
        if size <= reader.room:
            sets, local = mixture.where(rows)
            shown = mixture.column("row_shown", rows) > 0
            reader.warm(zip(sets[shown].tolist(), local[shown].tolist(), strict=True))
