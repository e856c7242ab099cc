"""The order in which rows come: epochs in which every set has its ratio, to the row, and what is seen has its share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from gmai.errors import ConfigError
from gmai.train.index import POOLS
from gmai.train.mixture import Mixture

Ints = npt.NDArray[np.int64]
COPIES = 1 << 10
"""A row's turn is numbered ``epoch * COPIES + copy``; no ratio may reach it."""
_GOLDEN = 0.6180339887498949


class Order:
    """Rows in the order of their turns.

    Args:
        mixture: the rows.
        shares: of what is seen (``image``, ``box``, ``mask``, ``contour``, ``text``); empty takes rows as they come.
        seed: of all shuffling.

    Raises:
        ConfigError: no row in any pool, or a share or ratio that is no positive number.
    """

    def __init__(self, mixture: Mixture, shares: Mapping[str, float], seed: int) -> None:
        for one in mixture.sets:
            if not 0 < one.ratio < COPIES:
                fix = "leave a set out to have none of it"
                raise ConfigError(f"ratio {one.ratio}: it must be positive", where=f"data.{one.name}", fix=fix)
        if any(share <= 0 for share in shares.values()):
            raise ConfigError("shares must be positive", where="rows.shares", fix="leave a pool out to have none of it")
        self._mixture = mixture
        self._seed = seed
        self._shares = self._present(shares)
        pools = self._pools(self._rows(0)[0])
        self.size = len(pools) if not self._shares else int(np.isin(pools, list(self._shares)).sum())
        """Rows of one epoch; with shares, of the pools that have one."""

    def epoch(self, number: int) -> tuple[Ints, Ints]:
        """The rows of one epoch, shuffled, and the numbers of their turns.

        Of a set with ratio r every row comes floor(r) times, and the rest is drawn without repetition, other rows in
        each epoch.
        """
        rows, turns = self._rows(number)
        order = np.random.default_rng([self._seed, number]).permutation(len(rows))
        return rows[order], turns[order]

    def rounds(self) -> Iterator[tuple[Ints, Ints]]:
        """Epoch after epoch, without end; with shares, as many rows at a time with every pool at its share."""
        if not self._shares:
            number = 0
            while True:
                yield self.epoch(number)
                number += 1
        pools = {pool: self._pool(pool) for pool in self._shares}
        names, weights = list(self._shares), np.array(list(self._shares.values()))
        edges = np.cumsum(weights / weights.sum())
        start = 0
        while True:
            spread = (np.arange(start, start + self.size) * _GOLDEN + 0.5) % 1
            chosen = np.minimum(np.searchsorted(edges, spread, side="right"), len(names) - 1)
            rows, turns = np.empty(self.size, np.int64), np.empty(self.size, np.int64)
            for number, name in enumerate(names):
                places = np.flatnonzero(chosen == number)
                rows[places], turns[places] = pools[name].take(len(places))
            yield rows, turns
            start += self.size

    def _present(self, shares: Mapping[str, float]) -> dict[int, float]:
        """Shares by the number of the pool, of pools that have rows."""
        if not shares:
            return {}
        there = set(np.unique(self._pools(self._rows(0)[0])).tolist())
        found = {POOLS.index(name): share for name, share in sorted(shares.items()) if name in POOLS}
        found = {pool: share for pool, share in found.items() if pool in there}
        if not found:
            raise ConfigError("no row to learn from", where="rows.shares", fix="see the pools in stats.json")
        return found

    def _pool(self, pool: int) -> _Stream:
        def epoch(number: int) -> tuple[Ints, Ints]:
            rows, turns = self._rows(number)
            mine = np.flatnonzero(self._pools(rows) == pool)
            mine = np.random.default_rng([self._seed, number, pool]).permutation(mine)
            return rows[mine], turns[mine]

        return _Stream(epoch)

    def _pools(self, rows: Ints) -> Ints:
        return self._mixture.column("row_pool", rows)

    def _rows(self, epoch: int) -> tuple[Ints, Ints]:
        """All turns of an epoch, in the order of the sets."""
        rows, turns = [], []
        for number, (one, usable) in enumerate(zip(self._mixture.sets, self._mixture.usable, strict=True)):
            whole, rest = divmod(one.ratio, 1)
            first, last = (round((epoch + after) * rest * len(usable)) for after in (0, 1))
            some = usable[_some_in_turn(len(usable), self._seed, number, first, last)]
            rows += [piece + self._mixture.offsets[number] for piece in (*[usable] * int(whole), some)]
            turns += [np.full(len(usable), copy) for copy in range(int(whole))] + [np.full(len(some), int(whole))]
        return np.concatenate(rows), np.concatenate(turns) + epoch * COPIES


Epoch = Callable[[int], tuple[Ints, Ints]]


class _Stream:
    """Epochs one after the other, a piece at a time."""

    def __init__(self, epoch: Epoch) -> None:
        self._epoch = epoch
        self._number = 0
        self._rest = (np.zeros(0, np.int64), np.zeros(0, np.int64))

    def take(self, count: int) -> tuple[Ints, Ints]:
        """The next rows and the numbers of their turns."""
        pieces = [self._rest]
        have = len(self._rest[0])
        while have < count:
            pieces.append(self._epoch(self._number))
            have += len(pieces[-1][0])
            self._number += 1
        rows, turns = (np.concatenate([piece[side] for piece in pieces]) for side in (0, 1))
        self._rest = rows[count:], turns[count:]
        return rows[:count], turns[:count]


def _some_in_turn(count: int, seed: int, number: int, first: int, last: int) -> Ints:
    """Places ``first`` to ``last`` of one shuffled order that begins again at its end."""
    order = np.random.default_rng([seed, number, count]).permutation(count)
    return order[np.arange(first, last) % max(1, count)]
