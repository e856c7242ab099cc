"""How long rows are at their turns and what they cost, from the index alone; rows too long for a pack are divided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gmai.models import Costs, Work
from gmai.train.columns import Column, spread
from gmai.train.index import RowIndex, layout_of
from gmai.train.mixture import Mixture, Turn

Ints = npt.NDArray[np.int64]
WHOLE = -1
"""The part of a row that is not divided."""


class Entries(NamedTuple):
    """Rows at their turns, or parts of them, with their lengths."""

    rows: Column
    """Numbered through all sets."""
    turns: Column
    parts: Column
    """Which part of a row this is; :data:`WHOLE` where it is not divided."""
    tokens: Column
    """Tokens the model reads; the last one of a conversation is only predicted."""
    tiles: Column
    labels: Column
    pairs: Column
    costs: Column


EMPTY = Entries._make([*[np.zeros(0, np.int64)] * 7, np.zeros(0)])


@dataclass(frozen=True)
class Measure:
    """Measures rows at their turns.

    Args:
        mixture: the rows.
        seed: of what is drawn.
        most: tokens of a row; longer ones are divided. None divides none.
        costs: of the model; None costs tokens and pairs alike.
        trains: parts that train.
        lora_rank: see :meth:`gmai.models.Costs.training`.
        text: False where only pictures are learned from.
    """

    mixture: Mixture
    seed: int
    most: int | None = None
    costs: Costs | None = None
    trains: tuple[str, ...] = ()
    lora_rank: int = 0
    text: bool = True

    def __call__(self, rows: Ints, turns: Ints) -> Entries:
        """Rows at their turns, in their order; a divided row's parts stand together."""
        found = [self._measure(turn, rows, turns) for turn in self.mixture.draw(rows, turns, self.seed)]
        order = np.argsort(np.concatenate([places for places, _ in found]), kind="stable")
        columns = zip(*(entries for _, entries in found), strict=True)
        return Entries._make(np.concatenate(column)[order] for column in columns)

    def _measure(self, turn: Turn, rows: Ints, turns: Ints) -> tuple[Ints, Entries]:
        index = self.mixture.indexes[turn.number]
        if not self.text:
            turn = turn._replace(owner=turn.owner[:0], segments=turn.segments[:0])
        reads = index["segment_length"][turn.segments].astype(np.int64) - 1
        owner, part, group = self._divide(turn, reads)
        before = turn.prefix[owner]
        tokens = before + np.bincount(group, reads, len(owner)).astype(np.int64)
        labels = np.bincount(group, index["segment_scored"][turn.segments], len(owner)).astype(np.int64)
        own = reads * turn.prefix[turn.owner] + reads * (reads + 1) // 2
        pairs = before * (before + 1) // 2 + np.bincount(group, own, len(owner)).astype(np.int64)
        local = turn.local[owner]
        tiles = index["row_tiles"][local].astype(np.int64)
        shown = turn.captions[owner] < 0
        tiles = np.where(shown, tiles, 0)
        costs = self._price(index, local, shown, (tokens * self.text, pairs * self.text, labels))
        places = turn.places[owner]
        return places, Entries(rows[places], turns[places], part, tokens, tiles, labels, pairs, costs)

    def _divide(self, turn: Turn, reads: Ints) -> tuple[Ints, Ints, Ints]:
        """Owners and parts of the entries, and the entry of each conversation."""
        count = len(turn.local)
        totals = turn.prefix + np.bincount(turn.owner, reads, count).astype(np.int64)
        long = np.flatnonzero(totals > self.most) if self.most is not None else np.zeros(0, np.int64)
        if not len(long):
            return np.arange(count), np.full(count, WHOLE), turn.owner
        assert self.most is not None
        parts = np.zeros(len(turn.owner), np.int64)
        for row in long.tolist():
            mine = slice(*np.searchsorted(turn.owner, [row, row + 1]))
            parts[mine] = divide(int(turn.prefix[row]), reads[mine].tolist(), self.most)
        divided = np.zeros(count, bool)
        divided[long] = True
        key = turn.owner * (int(parts.max()) + 1) + parts
        empty = np.setdiff1d(np.arange(count), turn.owner) * (int(parts.max()) + 1)
        known, group = np.unique(np.concatenate([key, empty]), return_inverse=True)
        owner, part = known // (int(parts.max()) + 1), known % (int(parts.max()) + 1)
        return owner, np.where(divided[owner], part, WHOLE), group[: len(key)]

    def _price(self, index: RowIndex, local: Ints, shown: npt.NDArray[np.bool_], read: tuple[Any, Any, Any]) -> Column:
        if self.costs is None:
            return np.asarray(read[0] + read[1] / 1024)
        visual, patches, rows, sights = self._see(index, local) * shown
        costs = self.costs.training(Work(*read, visual, patches, rows, sights), self.trains, self.lora_rank)
        total: Column = np.sum([*costs.values()], axis=0)
        return total

    def _see(self, index: RowIndex, local: Ints) -> Ints:
        """Work of the vision encoder of each row, (4, rows); pictures of one layout are looked at once."""
        assert self.costs is not None
        starts, ends = index.starts("row_pictures", local), index["row_pictures"][local]
        counts = ends - starts
        owner = np.repeat(np.arange(len(local)), counts)
        layouts, kind = np.unique(index["pictures"][spread(starts, counts)], axis=0, return_inverse=True)
        works = [self.costs.see([layout_of(numbers)]) for numbers in layouts.tolist()]
        table = np.array([[w.visual, w.patches, w.rows, w.sights] for w in works], np.int64).reshape(-1, 4)
        kind = kind.reshape(-1)
        return np.stack([np.bincount(owner, table[kind, side], len(local)) for side in range(4)]).astype(np.int64)


def divide(prefix: int, reads: list[int], most: int) -> list[int]:
    """The part of a row each conversation goes to, so that none has more than ``most`` tokens; the order is kept."""
    parts, part, room = [], 0, most - prefix
    for length in reads:
        if length > room and room < most - prefix:
            part, room = part + 1, most - prefix
        room -= length
        parts.append(part)
    return parts
