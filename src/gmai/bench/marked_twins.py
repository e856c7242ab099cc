"""Twins in published files: the same region of the same picture asked about twice, once filled and once outlined.

Published rows do not say which questions are twins, and their pictures differ in the mark. Two questions are taken for
twins only if they have the same options and answer and their pictures are equal to the value but for red marks. JPEG
blurs a mark over the blocks that it touches, and leaves all others as they are: there pictures may differ near a mark,
and nowhere else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gmai.bench.folding import fold
from gmai.bench.layout import LETTERS
from gmai.bench.table import QuestionTable
from gmai.errors import ImageError
from gmai.images import decode_picture, find_raster_kind
from gmai.types import Question

_FILLED, _OUTLINED = "mask level", "contour level"
_POINTS = 96
"""Points a side at which pictures are compared."""
_DARK = 24
"""Pixels as dark as that in both pictures say nothing: most pictures have a black ground."""
_LEAST_SAME = 0.5
"""Least share of the other pixels that are equal to the value; of JPEG half of that, for whole blocks differ."""
_LEAST_BRIGHT = 64
_REDDER = 10
_MOST_OTHER = 0.05
"""Most of the pixels that differ may do so otherwise than in how red they are."""
_BLOCK_PX = 17
"""How far JPEG spreads what differs: a block of 16 pixels, whose colours run into the next one."""
_MOST_BLURRED = 64
"""Most that a value may differ by near a mark."""


def mark_twins(keys: Sequence[Question], table: QuestionTable) -> list[Question]:
    """The keys, those of twins with the name of their group.

    Args:
        keys: of one split.
        table: its questions, for their pictures.
    """
    groups: dict[tuple[object, ...], list[Question]] = {}
    for key in keys:
        if key.form == "choice" and key.options and key.granularity.lower() in (_FILLED, _OUTLINED):
            answer = fold(key.options[LETTERS.index(key.answer)])
            groups.setdefault((key.modality, key.task, answer, frozenset(map(fold, key.options))), []).append(key)
    named: dict[int, str] = {}
    for members in groups.values():
        named |= _pair(members, table)
    return [replace(key, twin=named.get(key.index, key.twin)) for key in keys]


def _pair(members: Iterable[Question], table: QuestionTable) -> dict[int, str]:
    sides: dict[str, list[tuple[Question, _Points]]] = {_FILLED: [], _OUTLINED: []}
    members = list(members)
    if len({key.granularity.lower() for key in members}) < len(sides):
        return {}
    for key in members:
        points = _points(table, key.index)
        if points is not None:
            sides[key.granularity.lower()].append((key, points))
    found: dict[int, str] = {}
    for filled, picture in sides[_FILLED]:
        like = (key for key, other in sides[_OUTLINED] if key.index not in found and _alike(picture, other))
        twin = next(like, None)
        if twin is not None:
            name = f"{filled.source}/{filled.split}/{min(filled.index, twin.index)}"
            found |= {filled.index: name, twin.index: name}
    return found


@dataclass(frozen=True, slots=True)
class _Points:
    """A picture at few points, and how many of them JPEG may have spread a mark over."""

    values: np.ndarray
    reach: int


def _alike(one: _Points, other: _Points) -> bool:
    return one.reach == other.reach and same_but_for_marks(one.values, other.values, one.reach)


def _points(table: QuestionTable, index: int) -> _Points | None:
    pictures = table.find(index).pictures()
    if len(pictures) != 1:
        return None
    try:
        pixels = decode_picture(pictures[0])
    except ImageError:
        return None
    down, across = (max(1, -(-side // _POINTS)) for side in pixels.shape[:2])
    reach = -(-_BLOCK_PX // min(down, across)) if find_raster_kind(pictures[0][:16]) == "jpeg" else 0
    return _Points(np.array(pixels[::down, ::across], dtype=np.int16), reach)


def same_but_for_marks(one: np.ndarray, other: np.ndarray, reach: int = 0) -> bool:
    """True if two pictures are equal to the value but for red marks.

    Args:
        one: int16 pixels (H, W, 3).
        other: those of the other picture.
        reach: within how many pixels of a mark they may differ a little otherwise.
    """
    if one.shape != other.shape:
        return False
    differ = (one != other).any(axis=2)
    bright = (np.maximum(one, other) > _DARK).any(axis=2)
    least = _LEAST_SAME / 2 if reach else _LEAST_SAME
    if bright.sum() < _LEAST_BRIGHT or (bright & ~differ).sum() < least * bright.sum() or not differ.any():
        return False
    redness = [picture[..., 0] - picture[..., 1:].mean(axis=2) for picture in (one, other)]
    red = np.abs(redness[0] - redness[1]) >= _REDDER
    otherwise = differ & ~red
    if reach:
        otherwise &= ~_near(red, reach) | (np.abs(one - other) > _MOST_BLURRED).any(axis=2)
    return bool(otherwise.sum() <= _MOST_OTHER * differ.sum())


def _near(marked: np.ndarray, reach: int) -> np.ndarray:
    """Whether a marked pixel lies within reach, along rows and columns."""
    window = 2 * reach + 1
    across = sliding_window_view(np.pad(marked, ((0, 0), (reach, reach))), window, axis=1).any(axis=-1)
    return np.asarray(sliding_window_view(np.pad(across, ((reach, reach), (0, 0))), window, axis=0).any(axis=-1))
