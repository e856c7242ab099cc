"""Which rows a run may learn from: sets of rows, numbered through, with what each row holds when its turn comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gmai.base import digest, to_dict
from gmai.errors import ConfigError
from gmai.train.columns import Column
from gmai.train.data import SetConfig
from gmai.train.drawing import NameRules, draw_caption, draw_segments, read_rules, row_state, usable_segments
from gmai.train.index import RowIndex
from gmai.train.recipe import RowConfig
from gmai.types import Reject

Ints = npt.NDArray[np.int64]
NO_ROWS = "rows.none"
"""Reason of the error that says so."""
_AT_ONCE = 1 << 16
"""Rows looked at together."""


@dataclass(frozen=True)
class Needs:
    """What a stage and a model ask of a row."""

    longest: int
    """Tokens of one path through a row, the pictures' or caption's and one conversation's."""
    tiles: int | None = None
    """Tiles of one row."""
    picture: bool = False
    """True leaves out rows with no picture or with several."""
    around: int | None = None
    """Tokens around a caption that stands in the picture's place; None: the picture itself stands there."""


class Turn(NamedTuple):
    """What numbered rows hold at their turns; conversations of one row together, in the order in which they stand."""

    number: int
    """Of the set."""
    places: Ints
    """Which of the rows asked for are of this set."""
    local: Ints
    """Their positions in the set's index."""
    states: npt.NDArray[np.uint64]
    """The numbers all their chances are drawn from."""
    captions: Ints
    """The caption that stands in the picture's place; -1: none."""
    prefix: Ints
    """Tokens before the conversations."""
    owner: Ints
    """Of each conversation, which of this set's rows it belongs to."""
    segments: Ints
    """Of each conversation, its position in the set's index."""


class Mixture:
    """The rows of all sets of a recipe.

    Args:
        sets: of the recipe.
        indexes: of each set.
        rows: what a row holds.
        needs: rows that do not meet them are left out, and counted.

    Raises:
        ConfigError: no row is left.
    """

    def __init__(self, sets: Sequence[SetConfig], indexes: Sequence[RowIndex], rows: RowConfig, needs: Needs) -> None:
        self.sets = tuple(sets)
        self.indexes = tuple(indexes)
        self.config = rows
        self.needs = needs
        self.rules = [_rules(one, index, rows) for one, index in zip(sets, indexes, strict=True)]
        self.offsets: Ints = np.cumsum([0, *(len(index) for index in indexes)])
        self.unused: Counter[str] = Counter()
        """Rows that this run has no use for, by reason."""
        self.usable: tuple[Ints, ...] = tuple(self._find_usable(number) for number in range(len(sets)))
        """Rows of each set that the run can use, as positions in its index."""
        if not sum(map(len, self.usable)):
            fix = "see rejects.jsonl and unused in stats.json, or the filters of the sets"
            raise ConfigError("no row to learn from", fix=fix, reason=NO_ROWS)

    @cached_property
    def key(self) -> str:
        """Hash of everything that decides which rows there are and what they hold."""
        sets = []
        for one, index in zip(self.sets, self.indexes, strict=True):
            settings = {name: value for name, value in to_dict(one).items() if name not in ("corpus", "category")}
            sets.append({"index": index.key, **settings})
        return digest({"sets": sets, "rows": to_dict(self.config), "needs": str(self.needs)})

    def where(self, rows: Ints) -> tuple[Ints, Ints]:
        """The set, and the position in its index, of numbered rows."""
        sets = np.searchsorted(self.offsets, rows, side="right") - 1
        return sets.astype(np.int64), rows - self.offsets[sets]

    def column(self, name: str, rows: Ints) -> Column:
        """A column of the indexes for numbered rows of any set."""
        sets, local = self.where(rows)
        result = np.zeros(len(rows), np.int64)
        for number, index in enumerate(self.indexes):
            mine = sets == number
            result[mine] = index[name][local[mine]]
        return result

    def draw(self, rows: Ints, turns: Ints, seed: int) -> Iterator[Turn]:
        """What numbered rows hold at their turns, set by set."""
        sets, all_local = self.where(rows)
        for number, (index, rules) in enumerate(zip(self.indexes, self.rules, strict=True)):
            places = np.flatnonzero(sets == number)
            if not len(places):
                continue
            local = all_local[places]
            states = row_state(index, local, turns[places], seed)
            captions, prefix = self._prefix(index, local, states)
            longest = self._longest(index, local)
            owner, segments = draw_segments(index, rules, self.config, local, states, longest)
            yield Turn(number, places, local, states, captions, prefix, owner, segments)

    def rejects(self) -> Iterator[Reject]:
        """What cannot be learned from though it should be: conversations that are no row's, or too long for the model.

        The ids are read as they are asked for, so a limit stops early.
        """
        for number, index in enumerate(self.indexes):
            yield from index.rejects()
            for rows in _chunks(len(index)):
                yield from self._long_ones(number, rows)

    def _long_ones(self, number: int, rows: Ints) -> Iterator[Reject]:
        index, rules, needs = self.indexes[number], self.rules[number], self.needs
        rows = rows[self._fits_stage(index, rows)]
        longest = self._longest(index, rows)
        owner, segments = usable_segments(index, rules, rows)
        lengths = index["segment_length"][segments]
        tiles = index["row_tiles"][rows][owner]
        wide = tiles > needs.tiles if needs.tiles is not None else np.zeros(len(tiles), bool)
        for at in np.flatnonzero((lengths > longest[owner]) | wide).tolist():
            if wide[at]:
                detail = f"{tiles[at]} tiles, a pack takes {needs.tiles}"
            else:
                length = needs.longest - longest[owner[at]] + lengths[at]
                detail = f"{length} tokens with those before it, the model takes {needs.longest}"
            reason = "row.too_many_tiles" if wide[at] else "row.too_long"
            name = index.conversation(int(segments[at]))
            yield Reject(id=name, stage="train", reason=reason, detail=detail, unit="conversation")

    def _longest(self, index: RowIndex, rows: Ints) -> Ints:
        """Tokens left for one conversation of each row, whichever caption it gets."""
        needs = self.needs
        before = index["row_prefix"][rows].astype(np.int64)
        if needs.around is not None:
            counts = index["row_captions"][rows] - index.starts("row_captions", rows)
            for nth in range(int(counts.max(initial=0))):
                some = np.flatnonzero(counts > nth)
                lengths = index["caption_length"][index.starts("row_captions", rows[some]) + nth]
                before[some] = np.maximum(before[some] if nth else 0, needs.around + lengths)
        left: Ints = needs.longest - before
        return left

    def _prefix(self, index: RowIndex, rows: Ints, states: npt.NDArray[np.uint64]) -> tuple[Ints, Ints]:
        """The caption in the picture's place (-1: none), and the tokens before the conversations."""
        prefix = index["row_prefix"][rows].astype(np.int64)
        captions = np.full(len(rows), -1, np.int64)
        if self.needs.around is not None:
            starts = index.starts("row_captions", rows)
            counts = index["row_captions"][rows] - starts
            some = np.flatnonzero((counts > 0) & (index["row_pictured"][rows] == 1))
            captions[some] = draw_caption(counts[some], states[some])
            prefix[some] = self.needs.around + index["caption_length"][starts[some] + captions[some]]
        return captions, prefix

    def _fits_stage(self, index: RowIndex, rows: Ints) -> npt.NDArray[np.bool_]:
        """Rows that the stage has a use for."""
        good = np.ones(len(rows), bool)
        pictured = index["row_pictured"][rows] == 1
        if self.needs.picture:
            good &= index["row_shown"][rows] == 1
        if self.needs.around is not None:
            good &= ~pictured | (index["row_captions"][rows] > index.starts("row_captions", rows))
        return good

    def _find_usable(self, number: int) -> Ints:
        index, rules = self.indexes[number], self.rules[number]
        reason = "not one picture" if self.needs.picture else "no caption"
        found = []
        for rows in _chunks(len(index)):
            good = self._fits_stage(index, rows)
            self._leave_out(reason, len(rows) - int(good.sum()))
            rows = rows[good]
            asked, fits = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
            owner, segments = usable_segments(index, rules, rows)
            asked[owner] = True
            self._leave_out("other conversations", len(rows) - int(asked.sum()))
            fits[owner[index["segment_length"][segments] <= self._longest(index, rows)[owner]]] = True
            if self.needs.tiles is not None:
                fits &= index["row_tiles"][rows] <= self.needs.tiles
            found.append(rows[fits])
        return np.concatenate([np.zeros(0, np.int64), *found])

    def _leave_out(self, reason: str, count: int) -> None:
        if count:
            self.unused[reason] += count


def _rules(one: SetConfig, index: RowIndex, rows: RowConfig) -> NameRules:
    usable = {
        names: (not one.kinds or names[0] in one.kinds) and (not one.subsets or names[2] in one.subsets)
        for names in index.names
    }
    return read_rules(index, rows, usable)


def _chunks(count: int) -> Iterator[Ints]:
    for start in range(0, count, _AT_ONCE):
        yield np.arange(start, min(start + _AT_ONCE, count))
