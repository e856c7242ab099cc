"""From rows of the plan to packs: tokens from the index, pictures from their readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gmai.models import Block, Costs, Fitted, Scaffold, Work, count_pairs
from gmai.train.drawing import draw_gap, draw_moves, draw_tones
from gmai.train.lengths import WHOLE, divide
from gmai.train.mixture import Mixture, Turn
from gmai.train.pack import Pack
from gmai.train.plan import Share, StepPlan
from gmai.train.recipe import PictureConfig
from gmai.train.workers import Wanted
from gmai.types import Reject

Ints = npt.NDArray[np.int64]


class Standing(NamedTuple):
    """A row at its turn, as it stands in a pack."""

    number: int
    """Of the set."""
    row: int
    """Position in the set's index."""
    state: int
    """What its chances are drawn from."""
    caption: int
    """Which caption stands in the picture's place; -1: none."""
    gap: int
    segments: Ints
    """Positions of its conversations in the index."""
    part: int


@dataclass(frozen=True)
class Assembler:
    """Makes the packs of a plan; a pure function of the plan but for pictures that cannot be read."""

    mixture: Mixture
    plan: StepPlan
    scaffold: Scaffold
    costs: Costs
    pictures: PictureConfig
    seed: int
    most: int | None
    """Tokens of a row; see :class:`gmai.train.lengths.Measure`."""
    text: bool
    """False where only pictures are learned from."""

    @property
    def sees(self) -> bool:
        """False where captions stand in the place of pictures."""
        return self.mixture.needs.around is None

    def stand(self, share: Share) -> list[Standing]:
        """The rows of a share, in its order."""
        rows, turns = self.plan.rows[share.entries], self.plan.turns[share.entries].astype(np.int64)
        parts = self.plan.parts[share.entries]
        found: list[Standing | None] = [None] * len(rows)
        for turn in self.mixture.draw(rows, turns, self.seed):
            gaps = draw_gap(self.mixture.config.max_gap, turn.states)
            for own, place in enumerate(turn.places.tolist()):
                gap = int(gaps[own]) if turn.captions[own] >= 0 else 0
                segments = self._segments(turn, own, int(parts[place]))
                numbers = (turn.number, int(turn.local[own]), int(turn.states[own]), int(turn.captions[own]))
                found[place] = Standing(*numbers, gap, segments, int(parts[place]))
        return [standing for standing in found if standing is not None]

    def wanted(self, standing: Sequence[Standing]) -> list[Wanted]:
        """The rows among these whose pictures are to be read."""
        return [
            Wanted(row.number, row.row, draw_moves(self.pictures.shift_px, self._shown(row), row.state))
            for row in standing
            if self._shown(row)
        ]

    def pack(
        self, number: int, standing: Sequence[Standing], read: Sequence[list[Fitted] | Reject]
    ) -> tuple[Pack, list[Reject]]:
        """Build a pack; rows whose pictures could not be read are left out of it."""
        results = iter(read)
        rejects: list[Reject] = []
        building = _Building(number)
        for row in standing:
            fitted: list[Fitted] = []
            if self._shown(row):
                result = next(results)
                if isinstance(result, Reject):
                    rejects.append(result)
                    continue
                fitted = result
            self._add(building, row, fitted)
        return building.finish(), rejects

    def _shown(self, row: Standing) -> int:
        return int(self.mixture.indexes[row.number]["row_shown"][row.row]) if self.sees else 0

    def _segments(self, turn: Turn, own: int, part: int) -> Ints:
        first, last = np.searchsorted(turn.owner, [own, own + 1])
        segments = turn.segments[first:last]
        if part == WHOLE or self.most is None:
            return np.asarray(segments)
        reads = self.mixture.indexes[turn.number]["segment_length"][segments].astype(np.int64) - 1
        mine: Ints = segments[np.array(divide(int(turn.prefix[own]), reads.tolist(), self.most)) == part]
        return mine

    def _add(self, building: _Building, row: Standing, fitted: list[Fitted]) -> None:
        index = self.mixture.indexes[row.number]
        layouts = index.layouts(row.row) if fitted else ()
        blocks = self._blocks(row) if self.text else []
        seen = self.costs.see(layouts)
        read = [max(0, len(block.tokens) - 1) for block in blocks[1:]]
        prefix = len(blocks[0].tokens) if blocks else 0
        labels = sum(weight > 0 for block in blocks for weight in block.weights)
        pairs = count_pairs([(prefix, 0), *((length, prefix) for length in read)])
        building.work += Work(prefix + sum(read), pairs, labels) + seen
        building.rows.append(blocks)
        building.samples.append(index.text(row.row).sample)
        building.fitted += fitted
        building.tones += draw_tones(self.pictures.gain, self.pictures.level, len(fitted), row.state)
        building.tiles += sum(layout.tiles for layout in layouts)
        building.weight += sum(sum(block.weights) for block in blocks)
        if row.part in (WHOLE, 0):
            building.counts[f"rows.{index.sources[int(index['row_source'][row.row])]}"] += 1
            building.counts[f"sets.{self.mixture.sets[row.number].name}"] += 1
        for segment in row.segments.tolist() if self.text else ():
            kind, form, subset = index.names[int(index["segment_names"][segment])]
            building.counts[f"conversations.{subset} {form} {kind}"] += 1

    def _blocks(self, row: Standing) -> list[Block]:
        index, rules = self.mixture.indexes[row.number], self.mixture.rules[row.number]
        if row.caption >= 0:
            root = Block.read(self.scaffold.prefix_around(index.caption(row.row, row.caption)))
        elif self.sees:
            layouts = index.layouts(row.row)
            root = Block.read(self.scaffold.prefix([layout.tokens for layout in layouts]), pictures=layouts)
        else:
            root = Block.read(self.scaffold.prefix())
        blocks = [root]
        for segment in row.segments.tolist():
            tokens, scored = index.segment(segment)
            weight = float(rules.weights[index["segment_names"][segment]])
            blocks.append(Block(tokens, tuple(weight if said else 0.0 for said in scored), 0, row.gap))
        return blocks


class _Building:
    """A pack in the making."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.rows: list[list[Block]] = []
        self.samples: list[str] = []
        self.fitted: list[Fitted] = []
        self.tones: list[tuple[float, float]] = []
        self.weight = 0.0
        self.counts: Counter[str] = Counter()
        self.work = Work()
        self.tiles = 0

    def finish(self) -> Pack:
        counts = {"tokens.read": self.work.tokens, "tokens.scored": self.work.labels, "patches": self.work.patches}
        return Pack(
            number=self.number,
            rows=self.rows,
            samples=self.samples,
            fitted=self.fitted,
            tones=self.tones,
            weight=self.weight,
            counts={**self.counts, **counts, "tiles": self.tiles},
            work=self.work,
            tiles=self.tiles,
            slots=self.work.tokens,
        )
