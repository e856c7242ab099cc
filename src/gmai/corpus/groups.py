"""What belongs together: union-find over numbers, and the layer ``dedup`` of a corpus, groups of duplicates."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gmai.base import from_dict, input_key, write_atomic
from gmai.errors import FormatError
from gmai.types import record

DEDUP = "dedup"
GROUPS_FILE = "groups.parquet"


@record
class Duplicate:
    """A picture or text that is in a group of duplicates, one line of the layer ``dedup``."""

    group: str
    """``sample#part`` of the member that is kept."""
    sample: str
    part: int
    """Number of the picture, or of the annotation that is a text, from 0."""
    kind: Literal["picture", "text"]
    source: str
    subject: str
    kept: bool
    how: str
    """What it has in common with ``like``: ``same pixels``, ``same words``, ``near words``, ``same content``, ``cut
    out``, or the form in which its picture came near: ``as it is``, ``mirrored`` …"""
    likeness: float
    """How alike the two are; of the first of its kind, 1."""
    like: str
    """``sample#part`` of the member it was found with; empty for the first of a group."""

    @property
    def key(self) -> tuple[str, str]:
        """Kind and name of its group: one of pictures and one of texts may have the same name."""
        return self.kind, self.group


class UnionFind:
    """Numbers 0 to n - 1 in groups; the smallest of a group stands for it."""

    def __init__(self, count: int) -> None:
        self._parent = np.arange(count)

    def root(self, item: int) -> int:
        """The number that stands for the group of ``item``."""
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return int(item)

    def roots(self, items: np.ndarray) -> np.ndarray:
        """The numbers that stand for the groups of many items."""
        found: np.ndarray = self._parent[items]
        while (found != (above := self._parent[found])).any():
            found = above
        return found

    def join(self, first: int, second: int) -> bool:
        """Join two groups; False if they were one."""
        one, other = self.root(first), self.root(second)
        self._parent[max(one, other)] = min(one, other)
        return one != other

    def groups(self) -> dict[int, list[int]]:
        """Groups of two and more: the smallest member to all of them, in order."""
        roots = self.roots(np.arange(len(self._parent)))
        order = np.argsort(roots, kind="stable")
        values, starts, counts = np.unique(roots[order], return_index=True, return_counts=True)
        several = counts > 1
        return {
            int(root): order[start : start + count].tolist()
            for root, start, count in zip(values[several], starts[several], counts[several], strict=True)
        }


def has_groups(corpus: Path) -> bool:
    """True once ``gmai corpus dedup`` has been run on a corpus."""
    return (corpus / DEDUP / "manifest.json").exists()


def groups_key(corpus: Path) -> str:
    """Content hash of the layer."""
    return input_key(corpus / DEDUP)


def write_groups(path: Path, duplicates: list[Duplicate]) -> None:
    """Write the layer's table."""
    names = list(Duplicate.__dataclass_fields__)
    columns = {name: [getattr(item, name) for item in duplicates] for name in names}
    kinds = {"part": pa.int64(), "kept": pa.bool_(), "likeness": pa.float64()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    with write_atomic(path) as temporary:
        pq.write_table(pa.table(columns, schema=schema), temporary, compression="zstd")


def iter_duplicates(corpus: Path) -> Iterator[Duplicate]:
    """Yield the lines of the layer, group by group.

    Raises:
        FormatError: the table is not what gmai wrote.
    """
    path = corpus / DEDUP / GROUPS_FILE
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise FormatError(f"cannot be read as Parquet: {error}", where=str(path), reason="dedup.parquet") from None
    for batch in file.iter_batches():
        for row in batch.to_pylist():
            yield from_dict(Duplicate, row, where=str(path))
