"""The order in which rows are learned: fixed before the first step by the data's key and the seed, by nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from gmai.base import hash_unit
from gmai.errors import ConfigError

_GOLDEN = 0.6180339887498949


def seed_of(*parts: object) -> int:
    """A 53-bit seed that depends on the parts and never changes."""
    return int(hash_unit(*parts) * 2**53)


def plan_batches(
    pools: Sequence[str], shares: Mapping[str, float], steps: int, batch_rows: int, seed: int
) -> npt.NDArray[np.int64]:
    """Say which row stands where in which step.

    Args:
        pools: the pool of each row.
        shares: share of each pool; pools not named are left out. Empty takes all rows as one pool.
        steps: number of batches.
        batch_rows: rows in a batch.
        seed: of the shuffling.

    Returns:
        (steps, batch_rows) positions of rows. Within a pool every row comes once before any comes twice; at any
        length, counts of pools are in the ratio of their shares to within a few rows.

    Raises:
        ConfigError: no row in any pool, or a share that is no positive number.
    """
    groups = _groups(pools, shares)
    total = steps * batch_rows
    weights = np.array([weight for _, weight in groups])
    edges = np.cumsum(weights / weights.sum())
    spread = (np.arange(total) * _GOLDEN + 0.5) % 1
    chosen = np.minimum(np.searchsorted(edges, spread, side="right"), len(groups) - 1)
    plan = np.empty(total, np.int64)
    for number, (members, _) in enumerate(groups):
        places = np.flatnonzero(chosen == number)
        plan[places] = _epochs(members, len(places), np.random.default_rng([seed, number]))
    return plan.reshape(steps, batch_rows)


def _groups(pools: Sequence[str], shares: Mapping[str, float]) -> list[tuple[npt.NDArray[np.int64], float]]:
    if any(share <= 0 for share in shares.values()):
        raise ConfigError("shares must be positive", where="rows.shares", fix="leave a pool out to have none of it")
    names = np.array(pools, dtype=object)
    if not shares:
        groups = [(np.arange(len(pools)), 1.0)]
    else:
        groups = [(np.flatnonzero(names == name), share) for name, share in sorted(shares.items())]
    groups = [group for group in groups if len(group[0])]
    if not groups:
        raise ConfigError("no row to learn from", fix="see rejects.jsonl and unused in stats.json, or rows.shares")
    return groups


def _epochs(members: npt.NDArray[np.int64], count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    rounds = -(-count // len(members))
    return np.concatenate([np.zeros(0, np.int64), *(rng.permutation(members) for _ in range(rounds))])[:count]
