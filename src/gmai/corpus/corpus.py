"""A corpus to read from: stream it, all or one split, or take any sample by its id."""

from array import array
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gmai.base import digest, input_key
from gmai.corpus.index import SampleIndex, build_index, id_key
from gmai.corpus.store import (
    SAMPLE_SCHEMA,
    Place,
    StoredSample,
    iter_conversations,
    iter_samples,
    open_parquet,
    sample_files,
    stored_sample,
)
from gmai.errors import ConfigError, FormatError
from gmai.types import Conversation, Sample

SPLIT = "split"
SPLITS_FILE = "splits.parquet"
SPLITS = ("train", "val", "test")
_GROUPS_KEPT = 8
"""Decoded row groups kept for random access."""


class Corpus:
    """A finished corpus folder. Use :func:`open_corpus`. Can be sent to another process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read_group = lru_cache(maxsize=_GROUPS_KEPT)(_read_group)

    def __reduce__(self) -> tuple[Any, ...]:
        return Corpus, (self.folder,)

    @cached_property
    def key(self) -> str:
        """Content hash of the corpus and, once it is split, of its split."""
        parts = {"corpus": input_key(self.folder)}
        if self.is_split:
            parts["split"] = input_key(self.folder / SPLIT)
        return digest(parts)

    @property
    def is_split(self) -> bool:
        """True once ``gmai corpus split`` has been run on it."""
        return (self.folder / SPLIT / "manifest.json").exists()

    @cached_property
    def _index(self) -> SampleIndex:
        return build_index(self.folder)

    @cached_property
    def _splits(self) -> tuple[np.ndarray, np.ndarray]:
        """The keys of all subjects, sorted, and the number of the split of each."""
        if not self.is_split:
            raise ConfigError(
                "the corpus is not split", where=str(self.folder), fix=f"run: gmai corpus split {self.folder}"
            )
        keys, splits = array("Q"), array("B")
        for batch in pq.ParquetFile(self.folder / SPLIT / SPLITS_FILE).iter_batches():
            columns = batch.to_pydict()
            keys.extend(map(_subject_key, columns["source"], columns["subject"]))
            splits.extend(SPLITS.index(split) for split in columns["split"])
        order = np.argsort(np.array(keys, np.uint64))
        return np.array(keys, np.uint64)[order], np.array(splits, np.uint8)[order]

    @cached_property
    def _split_by_position(self) -> "array[int]":
        """The number of the split of each sample, in file order."""
        splits = array("B")
        for path in sample_files(self.folder):
            for batch in open_parquet(path, SAMPLE_SCHEMA).iter_batches(columns=["source", "subject"]):
                columns = batch.to_pydict()
                splits.extend(map(self._split, columns["source"], columns["subject"]))
        return splits

    def __len__(self) -> int:
        return len(self._index)

    def samples(self, split: str | None = None) -> Iterator[StoredSample]:
        """Yield samples in file order, of all the corpus or of one split.

        Raises:
            ConfigError: no such split, or the corpus is not split.
        """
        if split is None:
            yield from iter_samples(self.folder)
            return
        _check_split(split)
        for position, found in enumerate(self._split_by_position):
            if SPLITS[found] == split:
                yield self._at(position)

    def conversations(self, split: str | None = None) -> Iterator[Conversation]:
        """Yield conversations in file order, of all the corpus or of the samples of one split.

        Raises:
            ConfigError: no such split, or the corpus is not split.
            FormatError: a conversation about a sample that is not there.
        """
        if split is not None:
            _check_split(split)
        for conversation in iter_conversations(self.folder):
            if split is None or self.split_of_id(conversation.sample) == split:
                yield conversation

    def sample(self, sample_id: str) -> StoredSample:
        """Read one sample by its id.

        Raises:
            FormatError: there is no such sample.
        """
        return self._at(self._position(sample_id))

    def find(self, sample_id: str) -> Place:
        """Where a sample lies, for :meth:`at` and :class:`gmai.corpus.Records`.

        Raises:
            FormatError: there is no such sample.
        """
        path, group, row = self._index.place(self._position(sample_id))
        return Place(str(path), group, row)

    def at(self, place: Place) -> StoredSample:
        """Read the sample at a place; nothing else of the corpus is read.

        Raises:
            FormatError: a file that is no store of samples.
        """
        return stored_sample(self._read_group(Path(place.path), place.group), place.row, place.path)

    def place(self, sample_id: str) -> str:
        """Where a sample lies, for people: file, row group and row."""
        path, group, row = self._index.place(self._position(sample_id))
        return f"{path.parent.name}/{path.name} row group {group} row {row}"

    def split_of(self, sample: Sample) -> str:
        """``train``, ``val`` or ``test``.

        Raises:
            ConfigError: the corpus is not split.
            FormatError: the split does not know the sample's subject.
        """
        return SPLITS[self._split(sample.source, sample.subject)]

    def split_of_id(self, sample_id: str) -> str:
        """``train``, ``val`` or ``test``, of a sample known by its id.

        Raises:
            ConfigError: the corpus is not split.
            FormatError: there is no such sample.
        """
        return SPLITS[self._split_by_position[self._position(sample_id)]]

    def _split(self, source: str, subject: str) -> int:
        keys, splits = self._splits
        key = np.uint64(_subject_key(source, subject))
        at = int(np.searchsorted(keys, key))
        if at == len(keys) or keys[at] != key:
            what = f"subject {subject!r} of source {source!r} is in no split"
            raise FormatError(what, where=str(self.folder / SPLIT), reason="split.subject")
        return int(splits[at])

    def _position(self, sample_id: str) -> int:
        position = self._index.position(sample_id)
        if position is None:
            raise FormatError(f"no sample {sample_id!r}", where=str(self.folder), reason="store.sample")
        return position

    def _at(self, position: int) -> StoredSample:
        place = self._index.place(position)
        return stored_sample(self._read_group(place.path, place.group), place.row, str(place.path))


def open_corpus(folder: Path) -> Corpus:
    """Open a corpus that ``gmai convert`` finished.

    Raises:
        ConfigError: the folder is no corpus, or its making was not finished.
    """
    input_key(folder)
    for name in ("samples", "conversations"):
        if not (folder / name).is_dir():
            raise ConfigError(f"no folder {name!r}", where=str(folder), fix="give the output folder of gmai convert")
    return Corpus(folder)


def _subject_key(source: str, subject: str) -> int:
    return id_key(f"{source}\0{subject}")


def _read_group(path: Path, group: int) -> pa.Table:
    return open_parquet(path, SAMPLE_SCHEMA).read_row_group(group, columns=["images", "record"])


def _check_split(split: str) -> None:
    if split not in SPLITS:
        raise ConfigError(f"no split {split!r}", fix=f"splits are {', '.join(SPLITS)}")
