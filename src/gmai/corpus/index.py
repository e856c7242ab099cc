"""Where each sample lies: file, row group and row, found by a hash of its id in 25 bytes a sample."""

from array import array
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gmai.base import hash_bytes
from gmai.corpus.store import SAMPLE_SCHEMA, open_parquet, sample_files
from gmai.errors import FormatError


class Place(NamedTuple):
    """Position of one sample."""

    path: Path
    group: int
    row: int


class SampleIndex:
    """Positions of all samples of a folder, in file order, and of each sample by id."""

    def __init__(self, paths: list[Path], keys: np.ndarray, places: np.ndarray) -> None:
        self._paths = paths
        self._places = places
        self._order = np.argsort(keys, kind="stable")
        self._sorted = keys[self._order]

    def __len__(self) -> int:
        return len(self._places)

    def position(self, sample_id: str) -> int | None:
        """Position in file order of a sample, None if there is none."""
        key = np.uint64(id_key(sample_id))
        at = int(np.searchsorted(self._sorted, key))
        if at == len(self._sorted) or self._sorted[at] != key:
            return None
        return int(self._order[at])

    def place(self, position: int) -> Place:
        """Where the sample at a position in file order lies."""
        file, group, row = (int(number) for number in self._places[position])
        return Place(self._paths[file], group, row)

    def twins(self) -> list[int]:
        """Positions of samples whose id another sample has too, in file order."""
        same = np.flatnonzero(self._sorted[1:] == self._sorted[:-1])
        return sorted({int(self._order[at]) for at in (*same, *(same + 1))})


def build_index(folder: Path) -> SampleIndex:
    """Index the samples of a folder; only their id column is read.

    Raises:
        FormatError: two samples have one id.
    """
    paths = sample_files(folder)
    keys = array("Q")
    groups: list[tuple[int, int]] = []
    counts: list[int] = []
    for number, path in enumerate(paths):
        file = open_parquet(path, SAMPLE_SCHEMA)
        for group in range(file.num_row_groups):
            ids = file.read_row_group(group, columns=["id"]).column("id").to_pylist()
            keys.extend(id_key(sample_id) for sample_id in ids)
            groups.append((number, group))
            counts.append(len(ids))
    places = np.empty((len(keys), 3), np.int32)
    places[:, :2] = np.repeat(np.array(groups, np.int32).reshape(-1, 2), counts, axis=0)
    places[:, 2] = np.arange(len(keys)) - np.repeat(np.cumsum(counts) - counts, counts)
    index = SampleIndex(paths, np.array(keys, np.uint64), places)
    if twins := index.twins():
        files = sorted({index.place(position).path.name for position in twins})
        raise FormatError(
            f"{len(twins)} samples share an id with another",
            where=f"{folder}: {', '.join(files)}",
            reason="store.twins",
        )
    return index


def id_key(sample_id: str) -> int:
    """The 64-bit key of an id: the first half of its hash."""
    return int(hash_bytes(sample_id.encode())[:16], 16)
