"""COCO's compressed run-length code of masks, to runs and back, without touching pixels that are outside.

The code counts pixels column by column, outside and inside in turn; from the fourth on, each count is written as its
difference to the one before last, in groups of five bits with a sixth to say that more follow (pycocotools' maskApi.c).
"""

import numpy as np

_FIRST = 48
_MORE = 0x20
_SIGN = 0x10


def mask_runs(inside: np.ndarray) -> np.ndarray:
    """Runs of the pixels inside a mask.

    Args:
        inside: (height, width); what is not 0 is inside.

    Returns:
        int64 (runs, 2): first pixel and the one after the last, counted column by column; no two runs touch.
    """
    height = inside.shape[0]
    inside = inside if inside.dtype == bool else inside != 0
    columns = np.flatnonzero(inside.any(axis=0))
    if not columns.size:
        return np.zeros((0, 2), np.int64)
    left, right = int(columns[0]), int(columns[-1]) + 1
    rows = np.flatnonzero(inside[:, left:right].any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    part = np.zeros((right - left, bottom - top + 2), np.int8)  # a row outside above and below ends every run
    part[:, 1:-1] = inside[top:bottom, left:right].T
    changes = np.flatnonzero(part.ravel()[1:] != part.ravel()[:-1]).astype(np.int64)
    column, row = np.divmod(changes, part.shape[1])
    runs = ((column + left) * height + row + top).reshape(-1, 2)
    return _join(runs) if bottom - top == height else runs


def _join(runs: np.ndarray) -> np.ndarray:
    """Runs of which one begins where another ends, as one."""
    apart = runs[1:, 0] != runs[:-1, 1]
    starts = runs[np.concatenate([[True], apart]), 0]
    ends = runs[np.concatenate([apart, [True]]), 1]
    return np.stack([starts, ends], axis=1)


def encode_runs(runs: np.ndarray, height: int, width: int) -> str:
    """The code of runs as :func:`mask_runs` gives them."""
    edges = np.concatenate([[0], runs.ravel(), [height * width]])
    counts = np.diff(edges)
    if len(counts) > 1 and counts[-1] == 0:
        counts = counts[:-1]
    values = counts.copy()
    values[3:] -= counts[1:-2]
    groups = []
    open_ = np.ones(len(values), bool)
    while open_.any():
        bits = values & (_MORE - 1)
        values = values >> 5
        more = np.where(bits & _SIGN, values != -1, values != 0) & open_
        groups.append(np.where(open_, _FIRST + (bits | np.where(more, _MORE, 0)), 0))
        open_ = more
    letters = np.stack(groups, axis=1).ravel()
    code: bytes = letters[letters != 0].astype(np.uint8).tobytes()
    return code.decode("ascii")


def decode_runs(code: str, height: int, width: int) -> np.ndarray:
    """The runs of a code, as :func:`mask_runs` gives them.

    Raises:
        ValueError: the code is damaged, or of another size.
    """
    letters = np.frombuffer(code.encode("ascii"), np.uint8).astype(np.int64) - _FIRST
    if not letters.size or letters.min() < 0 or letters.max() >= 2 * _MORE or letters[-1] & _MORE:
        raise ValueError("no run-length code")
    last = np.flatnonzero(letters & _MORE == 0)
    first = np.concatenate([[0], last[:-1] + 1])
    place = np.arange(len(letters)) - np.repeat(first, last - first + 1)
    if place.max() > 11:
        raise ValueError("a count beyond 60 bits")
    values = np.add.reduceat((letters & (_MORE - 1)) << (5 * place), first)
    values -= np.where(letters[last] & _SIGN, 1 << (5 * (last - first + 1)), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    if values.min() < 0 or values.sum() != height * width:
        raise ValueError(f"the counts make {int(values.sum())} pixels, not {height} x {width}")
    edges = np.cumsum(values)
    runs = np.stack([edges[: len(edges) // 2 * 2 : 2], edges[1::2]], axis=1)
    runs = runs[runs[:, 1] > runs[:, 0]]
    return _join(runs) if len(runs) else runs


def fill_runs(runs: np.ndarray, height: int, width: int) -> np.ndarray:
    """The mask (height, width) uint8 of runs: 1 inside, 0 outside; in column-major order."""
    flat = np.zeros(height * width, np.uint8)
    if len(runs):
        change = np.zeros(height * width + 1, np.int8)
        change[runs[:, 0]] = 1
        change[runs[:, 1]] -= 1
        flat = np.cumsum(change[:-1], dtype=np.int8).view(np.uint8)
    return flat.reshape((height, width), order="F")


def split_columns(runs: np.ndarray, height: int) -> np.ndarray:
    """Runs cut at the foot of each column: int64 (pieces, 3) of column, first row, and the row after the last."""
    first, last = runs[:, 0] // height, (runs[:, 1] - 1) // height
    spans = last - first + 1
    which = np.repeat(np.arange(len(runs)), spans)
    column = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(spans) - spans, spans)
    top = np.maximum(runs[which, 0] - column * height, 0)
    bottom = np.minimum(runs[which, 1] - column * height, height)
    return np.stack([column, top, bottom], axis=1)
