"""Which conversations a row holds when its turn comes: a pure function of the seed, the row and the turn's number.

All is drawn by hashing, for many rows at once: lengths are known when steps are planned, and the same when fed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmai.train.columns import spread
from gmai.train.index import RowIndex
from gmai.train.recipe import RowConfig

Ints = npt.NDArray[np.int64]
_UNITS = float(2**53)
_CAPTION, _GAP, _COIN, _MOVES, _TONES = 1, 3, 17, 1_000_001, 2_000_001
"""What a number is drawn for; odd, for the places of conversations are even."""


@dataclass(frozen=True)
class NameRules:
    """What the settings say of each combination of names in an index."""

    usable: npt.NDArray[np.bool_]
    """False for conversations that the set's filter leaves out."""
    chance_number: Ints
    """Which chance a conversation is drawn by; -1: drawn by count."""
    chances: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    """Weight of its tokens in the loss."""


def read_rules(index: RowIndex, config: RowConfig, usable: Mapping[tuple[str, str, str], bool]) -> NameRules:
    """Hold the names of an index against the settings; the first name a setting speaks of counts."""
    order = {name: number for number, name in enumerate(config.chances)}
    numbers = [next((order[name] for name in names if name in order), -1) for names in index.names]
    weights = [next((config.weights[n] for n in names if n in config.weights), 1.0) for names in index.names]
    return NameRules(
        usable=np.array([usable[names] for names in index.names], bool),
        chance_number=np.array(numbers, np.int64),
        chances=np.array(list(config.chances.values()), np.float64),
        weights=np.array(weights, np.float64),
    )


def usable_segments(index: RowIndex, rules: NameRules, rows: Ints) -> tuple[Ints, Ints]:
    """Conversations that rows hold, as (owner, segments): a position in ``rows`` and one in the index."""
    starts = index.starts("row_segments", rows)
    counts = index["row_segments"][rows] - starts
    owner = np.repeat(np.arange(len(rows)), counts)
    segments = spread(starts, counts)
    good = rules.usable[index["segment_names"][segments]]
    return owner[good], segments[good]


def draw_segments(
    index: RowIndex, rules: NameRules, config: RowConfig, rows: Ints, state: npt.NDArray[np.uint64], longest: Ints
) -> tuple[Ints, Ints]:
    """Choose the conversations of rows; at least one of each that has any.

    Args:
        index: of the rows.
        rules: see :func:`read_rules`.
        config: how many, and with what chance.
        rows: positions in the index.
        state: see :func:`row_state`.
        longest: tokens a conversation of each row may have.

    Returns:
        As :func:`usable_segments`, in the order in which they stand.
    """
    owner, segments = usable_segments(index, rules, rows)
    fits = index["segment_length"][segments] <= longest[owner]
    owner, segments = owner[fits], segments[fits]
    place = segments - index.starts("row_segments", rows)[owner]
    key = mix(state[owner] + place.astype(np.uint64) * np.uint64(2))
    order = np.lexsort((key, owner))
    owner, segments = owner[order], segments[order]
    number = rules.chance_number[index["segment_names"][segments]]
    chosen = number < 0
    if config.questions is not None:
        chosen &= _rank(owner, number < 0) < config.questions
    for chance, share in enumerate(rules.chances):
        named = number == chance
        lucky = unit(mix(state + np.uint64(_COIN + 2 * chance))) < share
        chosen |= named & (_rank(owner, named) == 0) & lucky[owner]
    served = np.zeros(len(rows), bool)
    served[owner[chosen]] = True
    chosen |= _first(owner) & ~served[owner]
    owner, segments, number = owner[chosen], segments[chosen], number[chosen]
    again = np.lexsort((number, owner))
    return owner[again], segments[again]


def draw_caption(counts: Ints, state: npt.NDArray[np.uint64]) -> Ints:
    """Which of its captions stands in the picture's place, of each row."""
    return (unit(mix(state + np.uint64(_CAPTION))) * counts).astype(np.int64)


def draw_gap(most: int, state: npt.NDArray[np.uint64]) -> Ints:
    """How many positions are left free after the caption, 0 to ``most``."""
    return (unit(mix(state + np.uint64(_GAP))) * (most + 1)).astype(np.int64)


def draw_moves(most: int, pictures: int, state: int) -> tuple[tuple[int, int], ...]:
    """How far each picture of a row is moved down and to the right, up to ``most`` pixels either way."""
    drawn = unit(_numbers(state, _MOVES, 2 * pictures)) * (2 * most + 1)
    steps = (drawn.astype(np.int64) - most).reshape(-1, 2).tolist()
    return tuple((down, right) for down, right in steps)


def draw_tones(gain: float, level: float, pictures: int, state: int) -> list[tuple[float, float]]:
    """What each picture's contrast is multiplied by, and how far its brightness is moved; empty if neither is."""
    if not gain and not level:
        return []
    drawn = 2 * unit(_numbers(state, _TONES, 2 * pictures)).reshape(-1, 2) - 1
    return [(float(1 + gain * times), float(level * moved)) for times, moved in drawn]


def _numbers(state: int, use: int, count: int) -> npt.NDArray[np.uint64]:
    salts = np.arange(count, dtype=np.uint64) * np.uint64(2) + np.uint64(use)
    return mix(np.full(count, state, np.uint64) + salts)


def row_state(index: RowIndex, rows: Ints, turns: Ints, seed: int) -> npt.NDArray[np.uint64]:
    """The number all chances of a row's turn are drawn from; it does not change with the place of the row."""
    start = mix(np.asarray(index["row_key"][rows]) ^ mix(np.full(1, seed, np.uint64)))
    return mix(start + turns.astype(np.uint64))


def mix(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scatter 64-bit numbers so that near ones become unlike (the finaliser of SplitMix64)."""
    value = numbers + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: npt.NDArray[np.uint64] = value ^ (value >> np.uint64(31))
    return result


def unit(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """64-bit numbers as numbers from 0 to 1, 1 left out."""
    return (numbers >> np.uint64(11)).astype(np.float64) / _UNITS


def _first(owner: Ints) -> npt.NDArray[np.bool_]:
    """True where a run of one owner begins."""
    first = np.ones(len(owner), bool)
    first[1:] = owner[1:] != owner[:-1]
    return first


def _rank(owner: Ints, counted: npt.NDArray[np.bool_]) -> Ints:
    """How many of the counted stand before each within its owner's run."""
    before: Ints = np.cumsum(counted) - counted
    begins = np.flatnonzero(_first(owner))
    lengths = np.diff(np.append(begins, len(owner)))
    rank: Ints = before - np.repeat(before[begins], lengths) if len(owner) else before
    return rank
