"""Pieces cut out of a picture anywhere: told by points that lie in the piece as they lie in the picture.

Each point of one picture is held against those of all others. Where several points of two pictures match, one scale
and shift for each axis must bring them onto each other; it says which part of the picture the piece shows, and the two
are then compared in their details like any other copy.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from gmai.corpus import Pairs, find_matches, find_pairs
from gmai.curate.side import Ragged

DISTANCE = 4
"""Most bits of 64 in which two points differ that match."""
CROWD = 64
"""Points that look like more others than this say nothing."""
VOTES = 4
"""Points that must lie in the piece as they lie in the picture."""
LEAST = 0.45
"""Least width and height of a piece, as shares of the picture's."""
_TOLERANCE = 0.02
_EDGE = 0.04
_APART = 0.08
"""Least distance of two points that say how large the piece is, along each axis."""
_USED = 48
"""Matches of two pictures that are looked at."""
_WHOLE = 65535


class Cut(NamedTuple):
    """A piece and the picture it may have been cut out of, by their numbers, and the part of the picture it shows."""

    piece: int
    picture: int
    box: np.ndarray
    """xyxy as shares of the picture's width and height."""


class Candidate(NamedTuple):
    """Two pictures with matching points and the places of these, (n, 2) each, as shares."""

    first: int
    second: int
    here: np.ndarray
    there: np.ndarray

    def fit(self, turned: bool = False) -> Cut | None:
        """The first as a piece of the second; ``turned`` the second as a piece of the first."""
        piece, picture = (self.there, self.here) if turned else (self.here, self.there)
        box = fit_box(piece, picture)
        numbers = (self.second, self.first) if turned else (self.first, self.second)
        return None if box is None else Cut(*numbers, box)


def candidates_within(points: Ragged, numbers: np.ndarray) -> Iterator[Candidate]:
    """Yield pairs of the pictures ``numbers`` that have enough matching points, each pair once."""
    chosen, owners = _choose(points, numbers)
    hashes = np.ascontiguousarray(points.values["hash"][chosen])
    yield from _gather(find_pairs(hashes, DISTANCE, CROWD), points, chosen, owners, points, chosen, owners)


def candidates_between(first: Ragged, mine: np.ndarray, second: Ragged, theirs: np.ndarray) -> Iterator[Candidate]:
    """Yield pairs of a picture of one side and one of another that have enough matching points."""
    (chosen, owners), (others, other_owners) = _choose(first, mine), _choose(second, theirs)
    hashes, other_hashes = (
        np.ascontiguousarray(side.values["hash"][at]) for side, at in ((first, chosen), (second, others))
    )
    met = find_matches(hashes, other_hashes, DISTANCE, CROWD)
    yield from _gather(met, first, chosen, owners, second, others, other_owners)


def fit_box(piece: np.ndarray, picture: np.ndarray) -> np.ndarray | None:
    """Where a piece lies in a picture by places that match, as shares of the picture; None if they do not fit.

    Args:
        piece: places in the piece, (n, 2).
        picture: the matching places in the picture.
    """
    one, other = np.triu_indices(len(piece), 1)
    apart = piece[other] - piece[one]
    far = (np.abs(apart) >= _APART).all(axis=1)
    one, other, apart = one[far], other[far], apart[far]
    scale = (picture[other] - picture[one]) / apart
    sound = ((scale >= LEAST) & (scale <= 1 + _EDGE)).all(axis=1)
    one, scale = one[sound], scale[sound]
    if not len(one):
        return None
    shift = picture[one] - scale * piece[one]
    fits = (np.abs(piece * scale[:, None] + shift[:, None] - picture) < _TOLERANCE).all(axis=2)
    best = fits[int(np.argmax(fits.sum(axis=1)))]
    if min(len(np.unique(places[best], axis=0)) for places in (piece, picture)) < VOTES:
        return None
    lines = [np.polyfit(piece[best, axis], picture[best, axis], 1) for axis in (0, 1)]
    box = np.array([*(line[1] for line in lines), *(line.sum() for line in lines)])
    if (box < -_EDGE).any() or (box > 1 + _EDGE).any() or (box[2:] - box[:2] < LEAST - _EDGE).any():
        return None
    inside: np.ndarray = box.clip(0, 1)
    return inside


def _choose(points: Ragged, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points of some pictures, by their numbers, and whose each is."""
    wanted = np.zeros(len(points.starts) - 1, bool)
    wanted[numbers] = True
    owners = points.owners().astype(np.int32)
    chosen = np.flatnonzero(wanted[owners])
    return chosen.astype(np.uint32), owners[chosen]


def _gather(
    met: Iterable[Pairs],
    first: Ragged,
    chosen: np.ndarray,
    owners: np.ndarray,
    second: Ragged,
    others: np.ndarray,
    other_owners: np.ndarray,
) -> Iterator[Candidate]:
    """Sort matches by the two pictures they are of, and yield those with enough."""
    ones, twos = [np.empty(0, np.uint32)], [np.empty(0, np.uint32)]
    for pairs in met:
        apart = True if first is not second else owners[pairs.first] != other_owners[pairs.second]
        ones.append(pairs.first[apart].astype(np.uint32).ravel())
        twos.append(pairs.second[apart].astype(np.uint32).ravel())
    one, two = np.concatenate(ones), np.concatenate(twos)
    key = owners[one].astype(np.uint64) << np.uint64(32) | other_owners[two].astype(np.uint64)
    order = np.argsort(key, kind="stable")
    key, one, two = key[order], chosen[one[order]], others[two[order]]
    starts = np.append(np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else [], len(key)).astype(int)
    for at in np.flatnonzero(np.diff(starts) >= VOTES):
        part = slice(starts[at], min(starts[at + 1], starts[at] + _USED))
        numbers = divmod(int(key[part.start]), 1 << 32)
        yield Candidate(*numbers, _places(first.values[one[part]]), _places(second.values[two[part]]))


def _places(points: np.ndarray) -> np.ndarray:
    return np.stack([points["x"], points["y"]], axis=1) / _WHOLE
