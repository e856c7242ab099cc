"""Counting without holding: how many are different, how long, how unevenly spread."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

import numpy as np

_HELD = 1 << 16
"""Hashes that wait to be sorted in."""


class Distinct:
    """How many different texts were added, by 64-bit hashes: eight bytes for each."""

    def __init__(self) -> None:
        self._sorted = np.empty(0, np.uint64)
        self._new = array("Q")

    def add(self, text: str) -> None:
        """Add one."""
        self._new.append(hash_64(text))
        if len(self._new) >= _HELD:
            self._settle()

    def __len__(self) -> int:
        self._settle()
        return len(self._sorted)

    def _settle(self) -> None:
        self._sorted = np.union1d(self._sorted, np.frombuffer(self._new, np.uint64))
        self._new = array("Q")


def hash_64(text: str) -> int:
    """A number of 64 bits that stands for a text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def largest_first(counts: Mapping[str, int]) -> dict[str, int]:
    """The same counts, the largest first, equal ones by name."""
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def describe(counts: Mapping[int, int]) -> dict[str, Any]:
    """Numbers by how often they occur: n, mean, percentiles, largest, and classes that double in width."""
    values = np.array(sorted(counts), np.int64)
    numbers = np.array([counts[value] for value in values.tolist()], np.int64)
    total = int(numbers.sum())
    if not total:
        return {"n": 0, "classes": []}
    upto = np.cumsum(numbers)
    at = {f"p{share}": int(values[np.searchsorted(upto, share / 100 * total)]) for share in (5, 50, 95)}
    mean = round(float((values * numbers).sum() / total), 2)
    return {"n": total, "mean": mean, **at, "max": int(values[-1]), "classes": _classes(counts)}


def _classes(counts: Mapping[int, int]) -> list[dict[str, int]]:
    """0, 1, 2, 3 to 4, 5 to 8 … from the first class with anything in it to the last."""
    sums: Counter[int] = Counter()
    for value, count in counts.items():
        sums[(value - 1).bit_length() + 1 if value else 0] += count
    edges = [(0, 0), (1, 1)] + [((1 << (place - 2)) + 1, 1 << (place - 1)) for place in range(2, max(sums) + 1)]
    return [
        {"from": edges[place][0], "to": edges[place][1], "count": sums[place]}
        for place in range(min(sums), max(sums) + 1)
    ]


def describe_tail(counts: Iterable[int], few: int = 10) -> dict[str, Any]:
    """How unevenly counts are spread over names.

    Returns:
        ``names``; ``few``: names with fewer than ``few``, and their share of all names; ``top_tenth_share``: what part
        of all the tenth of the names with the most hold; ``half``: how few names hold half; ``gini``, from 0 (all
        alike) to nearly 1 (one holds all).
    """
    ranked = np.sort(np.array(list(counts), np.int64))[::-1]
    total, names = int(ranked.sum()), len(ranked)
    if not total:
        return {"names": names, "few_means_below": few}
    rare = int((ranked < few).sum())
    head = -(-names // 10)
    weights = names - np.arange(names)  # the largest count has the largest rank
    gini = float(2 * (weights * ranked).sum() / (names * total) - (names + 1) / names)
    return {
        **{"names": names, "total": total, "few_means_below": few, "few": rare, "few_share": _share(rare, names)},
        **{"top_tenth": head, "top_tenth_share": _share(int(ranked[:head].sum()), total)},
        "half": int(np.searchsorted(np.cumsum(ranked), total / 2)) + 1,
        "gini": round(gini, 4),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4)
