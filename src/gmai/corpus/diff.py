"""What two corpora have and have not in common, row by row, by the hash of each record."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from gmai.corpus.corpus import open_corpus
from gmai.corpus.index import id_key
from gmai.corpus.store import CONVERSATION_SCHEMA, SAMPLE_SCHEMA, conversation_files, open_parquet, sample_files
from gmai.types import record

_SIGNS = {"removed": "-", "added": "+", "changed": "~"}


@record
class Difference:
    """A row that is in one corpus only, or not the same in both."""

    change: Literal["removed", "added", "changed"]
    unit: Literal["sample", "conversation"]
    id: str
    source: str

    def line(self) -> str:
        """The difference for people."""
        return f"{_SIGNS[self.change]} {self.unit} {self.id}"


def diff_corpora(first: Path, second: Path) -> Iterator[Difference]:
    """Yield what has to be removed from, added to or changed in the first corpus to make it the second.

    Samples come before conversations; what is removed or changed before what is added; each in file order.

    Raises:
        ConfigError: a folder that is no finished corpus.
    """
    units: tuple[Literal["sample", "conversation"], ...] = ("sample", "conversation")
    folders = [open_corpus(folder).folder for folder in (first, second)]
    for unit in units:
        before, after = (_read(folder, unit) for folder in folders)
        for row in _iter_rows(folders[0], unit):
            at = after.find(row.key)
            if at is None:
                yield Difference(change="removed", unit=unit, id=row.id, source=row.source)
            elif after.records[at] != row.record:
                yield Difference(change="changed", unit=unit, id=row.id, source=row.source)
        for row in _iter_rows(folders[1], unit):
            if before.find(row.key) is None:
                yield Difference(change="added", unit=unit, id=row.id, source=row.source)


class _Row(NamedTuple):
    id: str
    source: str
    key: int
    record: int


class _Keys(NamedTuple):
    """Hashes of ids, sorted, and of their records: 16 bytes a row."""

    ids: np.ndarray
    records: np.ndarray

    def find(self, key: int) -> int | None:
        at = int(np.searchsorted(self.ids, np.uint64(key)))
        return at if at < len(self.ids) and int(self.ids[at]) == key else None


def _read(folder: Path, unit: str) -> _Keys:
    numbers = array("Q")
    for row in _iter_rows(folder, unit):
        numbers.extend((row.key, row.record))
    pairs = np.array(numbers, np.uint64).reshape(-1, 2)
    order = np.argsort(pairs[:, 0], kind="stable")
    return _Keys(pairs[order, 0], pairs[order, 1])


def _iter_rows(folder: Path, unit: str) -> Iterator[_Row]:
    files, schema = (
        (sample_files(folder), SAMPLE_SCHEMA) if unit == "sample" else (conversation_files(folder), CONVERSATION_SCHEMA)
    )
    for path in files:
        for batch in open_parquet(path, schema).iter_batches(columns=["id", "source", "record"], batch_size=1024):
            for row in batch.to_pylist():
                yield _Row(row["id"], row["source"], id_key(row["id"]), id_key(row["record"]))
