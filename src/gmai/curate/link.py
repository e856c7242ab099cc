"""A link: two pictures or texts that show or say the same, and how that was found."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

SAME_PIXELS, SAME_FILE = "same pixels", "same file"
SAME_WORDS, NEAR_WORDS, SAME_CONTENT = "same words", "near words", "same content"
CUT_OUT = "cut out"
"""A piece cut out of a picture anywhere."""


class Link(NamedTuple):
    """Two rows that show or say the same."""

    first: int
    second: int
    """Rows of the first and of the second side; inside one side, ``second`` is the copy, or the later of the two."""
    how: str
    likeness: float
    compared: bool = True
    """False if only hashes could be compared."""


def same_keys(keys: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, Iterator[tuple[int, int]]]:
    """Among some rows of a table of keys, uint64 (N, 2): the first row of each key, and pairs of first and later."""
    mine = keys[rows]
    order = np.lexsort((mine[:, 1], mine[:, 0]))
    new = np.append(True, (mine[order[1:]] != mine[order[:-1]]).any(axis=1))[: len(order)]
    first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    pairs = ((int(rows[order[first[at]]]), int(rows[order[at]])) for at in np.flatnonzero(~new).tolist())
    return np.sort(rows[order[new]]), pairs


def same_rows(first: np.ndarray, second: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield rows of two tables of keys, uint64 (N, 2), that are equal and not 0, in order of the first."""
    order = np.argsort(second[:, 0], kind="stable")
    ordered = second[order, 0]
    start, end = np.searchsorted(ordered, first[:, 0], "left"), np.searchsorted(ordered, first[:, 0], "right")
    for row in np.flatnonzero((end > start) & (first[:, 0] != 0)).tolist():
        for other in order[start[row] : end[row]].tolist():
            if first[row, 1] == second[other, 1]:
                yield row, other
