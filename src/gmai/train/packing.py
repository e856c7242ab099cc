"""Rows into packs: budgets of tokens and of tiles filled at once, and every pack much like the next.

Rows of a window are dealt out from the largest down, each to the pack with the most room for it, so that large rows are
spread over all packs; the last, small ones fill what is left as tightly as can be. What fits nowhere waits for the next
window. So packs are full, and alike in what they cost, which is what processes that wait for each other need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmai.train.lengths import EMPTY, Entries

Ints = npt.NDArray[np.int64]
WINDOW = 4096
"""Rows that are packed together."""
_DEALT = (0.97, 0.9, 0.75)
"""Shares of a window that are dealt out before the rest fills what is left; the fullest packs win."""
_TIGHT = 0.99
"""Packs of a window, as a share of what its rows would fill: the others find room in the next."""


@dataclass(frozen=True)
class Budget:
    """Most tokens and tiles of one pack."""

    tokens: int
    tiles: int | None = None


def iter_packs(windows: Iterable[Entries], budget: Budget) -> Iterator[tuple[Entries, list[Ints]]]:
    """Pack rows that come in windows, none of them beyond the budget; each comes in one pack.

    Yields:
        Rows, and packs as positions in them; the last time all that was left.
    """
    held = EMPTY
    for window in windows:
        held = Entries._make(map(np.concatenate, zip(held, window, strict=True)))
        packs, left = fill_packs(held.tokens, held.tiles, budget, all_of_them=False)
        yield held, packs
        held = Entries._make(column[left] for column in held)
    if len(held.rows):
        yield held, fill_packs(held.tokens, held.tiles, budget, all_of_them=True)[0]


def fill_packs(tokens: Ints, tiles: Ints, budget: Budget, *, all_of_them: bool) -> tuple[list[Ints], Ints]:
    """Pack rows; the same rows always in the same way.

    Args:
        tokens: of each row.
        tiles: of each row.
        budget: of a pack.
        all_of_them: False leaves rows that would need a pack of their own.

    Returns:
        Packs of row numbers, and what is left.
    """
    left = np.arange(len(tokens))
    packs: list[Ints] = []
    while len(left):
        slots = np.zeros(len(left)) if budget.tiles is None else tiles[left] / budget.tiles
        shares = np.stack([tokens[left] / budget.tokens, slots])
        needed = float(shares.sum(1).max())
        count = int(np.ceil(needed)) if all_of_them else int(needed * _TIGHT)
        if not count:
            break
        tried = [_deal(shares, count, share) for share in _DEALT]
        found, rest = min(tried, key=lambda one: float(shares[:, one[1]].sum()))
        packs += [left[pack] for pack in found if len(pack)]
        left = left[rest]
        if not all_of_them:
            break
    return packs, left


def _deal(shares: npt.NDArray[np.float64], count: int, dealt: float) -> tuple[list[Ints], Ints]:
    """Put rows into ``count`` packs; ``shares`` (2, rows) of the budgets of tokens and tiles."""
    binding = int(shares[1].sum() > shares[0].sum())
    size = shares.max(0)
    order = np.lexsort((-size, (shares[1] == 0) & bool(binding)))
    weight = np.cumsum(shares[binding][order])
    first = int(np.searchsorted(weight, dealt * weight[-1]))
    room = np.ones((2, count))
    packs: list[list[int]] = [[] for _ in range(count)]
    left: list[int] = []
    items = shares.T.tolist()
    for place, row in enumerate(order.tolist()):
        tokens, tiles = items[row]
        fits = room[0] >= tokens - 1e-9
        if tiles:
            fits &= room[1] >= tiles - 1e-9
        if place < first:
            score = room[0] * tokens + room[1] * tiles
        elif not binding:
            score = 2 - room[0]
        else:
            score = room[0] + 1 - (room[1] * 1000 - 1000 if tiles else 0)
        pack = int(np.where(fits, score, -1.0).argmax())
        if fits[pack]:
            packs[pack].append(row)
            room[0, pack] -= tokens
            room[1, pack] -= tiles
        else:
            left.append(row)
    return [np.array(pack, np.int64) for pack in packs], np.array(left, np.int64)
