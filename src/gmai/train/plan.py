"""Which rows are in which pack of which step: fixed before the first step, the same for any number of processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gmai.base import digest, hash_unit, to_dict, write_atomic
from gmai.errors import ConfigError
from gmai.train.data import BatchConfig
from gmai.train.lengths import Entries, Measure
from gmai.train.order import Order
from gmai.train.packing import WINDOW, Budget, iter_packs

Ints = npt.NDArray[np.int64]
PLAN_FORMAT = 1


def seed_of(*parts: object) -> int:
    """A 53-bit seed that depends on the parts and never changes."""
    return int(hash_unit(*parts) * 2**53)


class Share(NamedTuple):
    """A pack of a step, or some of its rows, as one process computes it."""

    pack: int
    """Place in the step."""
    entries: Ints
    """Positions in the plan; empty where a process has nothing to compute."""


@dataclass(frozen=True)
class StepPlan:
    """Rows at their turns, pack by pack and step by step."""

    key: str
    """Hash of everything the plan is made from."""
    rows: Ints
    turns: npt.NDArray[np.int32]
    parts: npt.NDArray[np.int16]
    tokens: npt.NDArray[np.int32]
    tiles: npt.NDArray[np.int32]
    labels: npt.NDArray[np.int32]
    costs: npt.NDArray[np.float32]
    pack_ends: Ints
    """Where each pack ends in the columns above."""
    step_ends: Ints
    """Where each step ends in the packs."""
    epoch_rows: int
    """Rows of one epoch."""

    @property
    def steps(self) -> int:
        """Updates of the weights."""
        return len(self.step_ends)

    @property
    def epochs(self) -> float:
        """Passes over the mixture; a row that is divided counts once."""
        return float((self.parts <= 0).sum() / self.epoch_rows)

    def packs(self, step: int) -> list[slice]:
        """The packs of a step, as parts of the columns."""
        first = int(self.step_ends[step - 1]) if step else 0
        start = int(self.pack_ends[first - 1]) if first else 0
        ends = [start, *self.pack_ends[first : self.step_ends[step]].tolist()]
        return [slice(start, end) for start, end in zip(ends, ends[1:], strict=False)]

    def part(self, rows: int) -> StepPlan:
        """The first rows alone, each of their packs a step of its own."""
        count = min(rows, len(self.rows))
        ends = np.minimum(self.pack_ends[: np.searchsorted(self.pack_ends, count) + 1], count)
        columns = {name: getattr(self, name)[:count] for name in _KINDS}
        return replace(
            self, **columns, pack_ends=ends, step_ends=np.arange(1, len(ends) + 1), key=f"{self.key}:{count}"
        )


def write_plan(plan: StepPlan, path: Path) -> None:
    """Write a plan into one file, whole or not at all."""
    columns: dict[str, Any] = {field.name: np.asarray(getattr(plan, field.name)) for field in fields(plan)}
    with write_atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **columns)


def read_plan(path: Path) -> StepPlan:
    """Read a plan."""
    with np.load(path) as columns:
        found = {name: columns[name] for name in columns.files}
    return StepPlan(**{**found, "key": str(found["key"]), "epoch_rows": int(found["epoch_rows"])})


def assign(plan: StepPlan, step: int, ranks: int) -> list[list[Share]]:
    """Share out the packs of a step among processes.

    Each gets the same number, in rounds of packs that cost alike, for processes wait for each other in every round;
    the dearest of a round goes to the one that has least to do so far. Packs are divided where there are too few.
    """
    shares = [Share(number, np.arange(pack.start, pack.stop)) for number, pack in enumerate(plan.packs(step))]
    rounds = -(-len(shares) // ranks)
    while len(shares) < rounds * ranks:
        shares.sort(key=lambda share: (-_cost(plan, share), share.pack))
        shares = [*_halves(plan, shares[0]), *shares[1:]]
    shares.sort(key=lambda share: (-_cost(plan, share), share.pack))
    given: list[list[Share]] = [[] for _ in range(ranks)]
    loads = [0.0] * ranks
    for start in range(0, len(shares), ranks):
        order = sorted(range(ranks), key=lambda rank: (loads[rank], rank))
        for rank, share in zip(order, shares[start : start + ranks], strict=True):
            given[rank].append(share)
            loads[rank] += _cost(plan, share)
    return given


def plan_steps(measure: Measure, order: Order, batch: BatchConfig, steps: int | None, epochs: float | None) -> StepPlan:
    """Say which rows stand in which pack of which step.

    Args:
        measure: of the rows' lengths.
        order: in which rows come.
        batch: rows or budgets of a step.
        steps: updates of the weights, or
        epochs: passes over the mixture.

    Raises:
        ConfigError: settings that contradict each other.
    """
    _check(batch, steps, epochs)
    builder = _Builder(measure, order, batch, steps, epochs)
    packs = builder.by_rows() if batch.rows is not None else builder.by_budget()
    return builder.build(packs)


class _Builder:
    def __init__(
        self, measure: Measure, order: Order, batch: BatchConfig, steps: int | None, epochs: float | None
    ) -> None:
        self._measure = measure
        self._order = order
        self._batch = batch
        self._steps = steps
        self._rows = None if epochs is None else max(1, round(epochs * order.size))
        self._key = {
            "format": PLAN_FORMAT,
            "mixture": measure.mixture.key,
            "seed": measure.seed,
            "most": measure.most,
            "batch": to_dict(batch),
            "steps": steps,
            "epochs": epochs,
        }

    def by_rows(self) -> Iterator[tuple[Entries, list[Ints]]]:
        """Steps of so many rows, in the order in which rows come, each in its packs."""
        size, packs = self._batch.rows or 1, self._batch.packs
        most = self._rows if self._steps is None else self._steps * size
        assert most is not None
        for rows, turns in _pieces(self._order.rounds(), max(1, WINDOW // size) * size, most):
            cuts = [np.arange(start, min(start + size, len(rows))) for start in range(0, len(rows), size)]
            yield self._measure(rows, turns), [pack for cut in cuts for pack in np.array_split(cut, packs)]

    def by_budget(self) -> Iterator[tuple[Entries, list[Ints]]]:
        """Packs within the budgets; those made together come in any order, so that no step has only long rows."""
        assert self._batch.tokens is not None
        budget = Budget(self._batch.tokens, self._batch.tiles)
        left = self._rows
        for number, (rows, turns) in enumerate(self._order.rounds()):
            rows, turns = rows[:left], turns[:left]
            starts = range(0, len(rows), WINDOW)
            windows = (self._measure(rows[start : start + WINDOW], turns[start : start + WINDOW]) for start in starts)
            for window, (entries, packs) in enumerate(iter_packs(windows, budget)):
                order = np.random.default_rng([self._measure.seed, number, window]).permutation(len(packs))
                yield entries, [packs[place] for place in order]
            left = None if left is None else left - len(rows)
            if left == 0:
                return

    def build(self, found: Iterator[tuple[Entries, list[Ints]]]) -> StepPlan:
        """Count packs into steps."""
        most = None if self._steps is None else self._steps * self._batch.packs
        columns: list[list[npt.NDArray[Any]]] = [[] for _ in _KINDS]
        sizes: list[int] = []
        for entries, packs in found:
            kept = packs if most is None else packs[: most - len(sizes)]
            sizes += map(len, kept)
            taken = np.concatenate([np.zeros(0, np.int64), *kept])
            for column, (name, kind) in zip(columns, _KINDS.items(), strict=True):
                column.append(getattr(entries, name)[taken].astype(kind))
            if most is not None and len(sizes) >= most:
                break
        whole = np.arange(self._batch.packs, len(sizes), self._batch.packs)
        return StepPlan(
            digest(self._key),
            **dict(zip(_KINDS, map(np.concatenate, columns), strict=True)),
            pack_ends=np.cumsum(sizes),
            step_ends=np.append(whole, len(sizes)).astype(np.int64),
            epoch_rows=self._order.size,
        )


_KINDS = {"rows": "i8", "turns": "i4", "parts": "i2", "tokens": "i4", "tiles": "i4", "labels": "i4", "costs": "f4"}


def _pieces(rounds: Iterator[tuple[Ints, Ints]], size: int, most: int) -> Iterator[tuple[Ints, Ints]]:
    """The first ``most`` rows, ``size`` at a time."""
    held = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    while most > 0:
        while len(held[0]) < min(size, most):
            fresh = next(rounds)
            held = np.concatenate([held[0], fresh[0]]), np.concatenate([held[1], fresh[1]])
        count = min(size, most)
        yield held[0][:count], held[1][:count]
        held = held[0][count:], held[1][count:]
        most -= count


def _cost(plan: StepPlan, share: Share) -> float:
    return float(plan.costs[share.entries].sum())


def _halves(plan: StepPlan, share: Share) -> tuple[Share, Share]:
    """A share in two of about one cost; the second may be empty."""
    order = share.entries[np.argsort(-plan.costs[share.entries], kind="stable")]
    sides: tuple[list[int], list[int]] = ([], [])
    loads = [0.0, 0.0]
    for entry in order.tolist():
        side = int(loads[1] < loads[0])
        sides[side].append(entry)
        loads[side] += float(plan.costs[entry])
    one, other = (np.array(sorted(side), np.int64) for side in sides)
    return Share(share.pack, one), Share(share.pack, other)


def _check(batch: BatchConfig, steps: int | None, epochs: float | None) -> None:
    if (batch.rows is None) == (batch.tokens is None):
        fix = "give batch.rows, or batch.tokens with or without batch.tiles"
        raise ConfigError("a step is so many rows, or packs within budgets", where="batch", fix=fix)
    if (steps is None) == (epochs is None):
        raise ConfigError("a run has so many steps, or so many epochs", where="steps", fix="give steps or epochs")
    numbers = (batch.rows, batch.tokens, batch.tiles, batch.packs, steps, epochs)
    if any(number is not None and number <= 0 for number in numbers):
        raise ConfigError("budgets, packs, steps and epochs must be positive", where="batch")
