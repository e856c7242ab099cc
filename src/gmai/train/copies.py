"""Samples one by one on disk: a row at random costs the reading of its own sample, not of those stored around it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from gmai.base import digest, dumps, from_json, hash_bytes, read_json, write_json
from gmai.corpus import Corpus, StoredSample
from gmai.errors import FormatError
from gmai.train.columns import Column, ColumnWriter, read_column, write_column
from gmai.types import Sample

COPIES_FILE = "copies.json"
FORMAT = 1
_COLUMNS = {"key": "u8", "start": "i8", "length": "i4"}
_DATA = "samples.bin"


class Copies:
    """The samples of one split, each in one piece. Use :func:`open_copies`. Can be sent to another process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._columns: dict[str, Column] = {name: read_column(folder, name, kind) for name, kind in _COLUMNS.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        return Copies, (self.folder,)

    @cached_property
    def _file(self) -> int:
        return os.open(self.folder / _DATA, os.O_RDONLY)

    def sample(self, name: str) -> StoredSample:
        """Read one sample by its id.

        Raises:
            FormatError: it is not there, or damaged.
        """
        key = _key(name)
        at = int(np.searchsorted(self._columns["key"], key))
        if at == len(self._columns["key"]) or self._columns["key"][at] != key:
            raise FormatError(f"no sample {name!r}", where=str(self.folder), reason="store.sample")
        start, length = int(self._columns["start"][at]), int(self._columns["length"][at])
        try:
            data = os.pread(self._file, length, start)
        except OSError as error:
            raise FormatError(f"cannot be read: {error}", where=str(self.folder), reason="store.sample") from None
        if len(data) != length:
            raise FormatError("the file is cut short", where=str(self.folder / _DATA), reason="store.sample")
        return _unpack(data, str(self.folder))


def open_copies(corpus: Corpus, split: str, home: Path) -> Copies:
    """Copies of the samples of one split: found in ``home``, or made there; as large as the split.

    Raises:
        ConfigError: no such split, or a corpus that is not split.
        FormatError: a damaged corpus.
    """
    key = digest({"format": FORMAT, "corpus": corpus.key, "split": split})
    folder = home / f"{key[:32]}-samples"
    if not (folder / COPIES_FILE).exists():
        with build_apart(folder) as build:
            _write(build, corpus, split, key)
    if read_json(folder / COPIES_FILE)["key"] != key:
        raise FormatError("copies of another corpus", where=str(folder), reason="store.changed")
    return Copies(folder)


@contextmanager
def build_apart(folder: Path) -> Iterator[Path]:
    """A folder to build in, moved to ``folder`` when all is written; what another process built first is kept."""
    build = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(build, ignore_errors=True)
    try:
        yield build
        if not folder.exists():
            build.rename(folder)
    finally:
        shutil.rmtree(build, ignore_errors=True)


def _write(folder: Path, corpus: Corpus, split: str, key: str) -> None:
    place = 0
    with ColumnWriter(folder, _COLUMNS) as columns, (folder / _DATA).open("wb") as file:
        for stored in corpus.samples(split):
            data = _pack(stored)
            columns.add("key", [_key(stored.sample.id)])
            columns.add("start", [place])
            columns.add("length", [len(data)])
            file.write(data)
            place += len(data)
    order = np.argsort(np.asarray(read_column(folder, "key", "u8")), kind="stable")
    for name, kind in _COLUMNS.items():
        write_column(folder, name, read_column(folder, name, kind)[order])
    write_json(folder / COPIES_FILE, {"key": key, "format": FORMAT, "samples": len(order)})


def _key(name: str) -> int:
    return int(hash_bytes(name.encode())[:16], 16)


def _pack(stored: StoredSample) -> bytes:
    """How many pictures, the length of the record and of each, the record, the pictures."""
    parts = [dumps(stored.sample), *stored.pictures]
    return np.array([len(stored.pictures), *map(len, parts)], "<u4").tobytes() + b"".join(parts)


def _unpack(data: bytes, where: str) -> StoredSample:
    pictures = int(np.frombuffer(data, "<u4", 1)[0])
    lengths = np.frombuffer(data, "<u4", pictures + 1, 4).tolist()
    parts, start = [], 4 * (pictures + 2)
    for length in lengths:
        parts.append(data[start : start + length])
        start += length
    return StoredSample(sample=from_json(Sample, parts[0], where=where), pictures=tuple(parts[1:]))
