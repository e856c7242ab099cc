"""The index of one benchmark file: every text column, and where each picture lies; made in one pass, kept beside it.

A file too small to be worth it is indexed anew each time. An index is used only while the file is the one it was made
of: by size, time, and a hash of its head and tail.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from gmai.base import environment, hash_bytes, hash_file, write_atomic
from gmai.bench.layout import Layout, read_layout
from gmai.bench.rows import Row, iter_rows
from gmai.errors import ConfigError, FormatError, GmaiError

VERSION = 1
WORTH = 64 << 20
"""Bytes from which on an index is kept."""
_EDGE = 1 << 16
_BATCH = 4096
_PLACES = ("line", "start", "stop")


@dataclass(frozen=True)
class FileIndex:
    """One indexed file."""

    path: Path
    layout: Layout
    stamp: tuple[int, int]
    """Size and time of change."""
    rows: pa.Table
    """``line``, ``start``, ``stop``, ``short`` (text of a short picture cell, ``[`` of a list), then a text column for
    each of ``layout.texts``, named by its number."""
    kept_key: str = ""

    @cached_property
    def key(self) -> str:
        """SHA-256 of the whole file, which is read for it once; then it stands in the index.

        Raises:
            FormatError: the file has changed since it was indexed.
        """
        if self.kept_key:
            return self.kept_key
        key = hash_file(self.path)
        _check_same(self.path, self.stamp)
        if self.stamp[0] >= WORTH:
            _keep(replace(self, kept_key=key))
        return key


def open_index(path: Path) -> FileIndex:
    """The index of a benchmark file, as kept or made now.

    Raises:
        ConfigError: there is no such file.
        FormatError: the file is no benchmark file, or a row of it is damaged.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise ConfigError(f"{error.strerror}", where=str(path), fix="give a TSV of a benchmark") from None
    if not path.is_file():
        raise ConfigError("no file", where=str(path), fix="give a TSV of a benchmark, such as public/TEST.tsv")
    stamp = (stat.st_size, stat.st_mtime_ns)
    if stat.st_size < WORTH:
        return _make_index(path, stamp)
    told = _tell(path, stamp)
    kept = (_read_index(place, path, told) for place in _places_of(path))
    return next((index for index in kept if index is not None), None) or _keep(_make_index(path, stamp))


def _keep(index: FileIndex) -> FileIndex:
    """Write an index to the first place that can be written; if there is none, it is made anew the next time."""
    for place in _places_of(index.path):
        with suppress(OSError):
            _write_index(place, index)
            break
    return index


def _tell(path: Path, stamp: tuple[int, int]) -> dict[str, Any]:
    return {"version": VERSION, "stamp": list(stamp), "edges": _hash_edges(path, stamp[0])}


def _check_same(path: Path, stamp: tuple[int, int]) -> None:
    now = path.stat()
    if (now.st_size, now.st_mtime_ns) != stamp:
        raise FormatError("the file changed while it was read", where=str(path), fix="try again", reason="tsv.changed")


def _places_of(path: Path) -> list[Path]:
    """Beside the file, else in the user's cache, which is where the index of a file on read-only storage goes."""
    cache = environment("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    name = hash_bytes(str(path.resolve()).encode())
    return [path.with_name(path.name + ".index"), Path(cache, "gmai", "tables", f"{name}.index")]


def _hash_edges(path: Path, size: int) -> str:
    with path.open("rb") as file:
        head = file.read(_EDGE)
        file.seek(max(0, size - _EDGE))
        return hash_bytes(head + file.read(_EDGE))


def _make_index(path: Path, stamp: tuple[int, int]) -> FileIndex:
    layout = read_layout(_header(path), f"{path}:1")
    image = layout.columns.index(layout.found["image"]) if "image" in layout.found else None
    rows = iter_rows(path, image)
    next(rows)
    batches = list(_batches(rows, layout, image, path))
    _check_same(path, stamp)
    return FileIndex(path, layout, stamp, pa.Table.from_batches(batches, _schema(layout)))


def _header(path: Path) -> list[str]:
    first = next(iter_rows(path), None)
    try:
        cells = [str(cell, "utf-8") for cell in first.cells] if first else []
    except UnicodeDecodeError as error:
        raise FormatError(f"not UTF-8: {error.reason}", where=f"{path}:1", reason="tsv.encoding") from None
    return [cell.removeprefix("\ufeff").strip() for cell in cells]


def _schema(layout: Layout) -> pa.Schema:
    texts = [(str(number), pa.large_string()) for number in range(len(layout.texts))]
    return pa.schema([*((name, pa.int64()) for name in _PLACES), ("short", pa.large_string()), *texts])


def _batches(rows: Iterator[Row], layout: Layout, image: int | None, path: Path) -> Iterator[pa.RecordBatch]:
    gathered: list[list[Any]] = []
    seen: dict[int, int] = {}
    for number, cells, start, stop in rows:
        where = f"{path}:{number}"
        if len(cells) != len(layout.columns):
            what = f"{len(cells)} fields under {len(layout.columns)} columns"
            raise FormatError(what, where=where, reason="tsv.fields")
        short = cells.pop(image).strip() if image is not None else b""
        index = layout.check(cells, where)
        if index in seen:
            what = f"index {index} is there twice, first in line {seen[index]}"
            raise FormatError(what, where=where, reason="tsv.index")
        seen[index] = number
        gathered.append([number, start, stop, short, *cells])
        if len(gathered) == _BATCH:
            yield _batch(gathered, layout, path)
            gathered = []
    yield _batch(gathered, layout, path)


def _batch(rows: Sequence[Sequence[Any]], layout: Layout, path: Path) -> pa.RecordBatch:
    """Rows as columns, put together by hand: what Arrow does itself with lists loads pandas where it is installed."""
    schema = _schema(layout)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [_numbers(column) for column in columns[: len(_PLACES)]]
    for name, column in zip(["", *layout.texts], columns[len(_PLACES) :], strict=True):
        array = _strings(column)
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            _tell_encoding(column, columns[0], name or layout.found["image"], path)
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _numbers(values: Sequence[int]) -> pa.Array:
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(np.array(values, dtype=np.int64))])


def _strings(texts: Sequence[bytes]) -> pa.Array:
    ends = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)), out=ends[1:])
    return pa.Array.from_buffers(
        pa.large_string(), len(texts), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(texts))]
    )


def _tell_encoding(texts: Sequence[bytes], lines: Sequence[int], column: str, path: Path) -> None:
    for text, line in zip(texts, lines, strict=True):
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            where = f"{path}:{line}, column {column}"
            raise FormatError(f"not UTF-8: {error.reason}", where=where, reason="tsv.encoding") from None


def _write_index(place: Path, index: FileIndex) -> None:
    told = {**_tell(index.path, index.stamp), "columns": index.layout.columns, "key": index.kept_key}
    with write_atomic(place) as temporary, pa.OSFile(str(temporary), "wb") as sink:
        table = index.rows.replace_schema_metadata({b"gmai": json.dumps(told).encode()})
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)


def _read_index(place: Path, path: Path, told: dict[str, Any]) -> FileIndex | None:
    """The index kept at a place, if it is one of this file as it is now."""
    if not place.is_file():
        return None
    try:
        table = pa.ipc.open_file(pa.memory_map(str(place))).read_all()
        said = json.loads((table.schema.metadata or {})[b"gmai"])
        if {name: said.get(name) for name in told} != told:
            return None
        layout = read_layout(said["columns"], str(path))
        if not table.schema.equals(_schema(layout)):
            return None
        table.validate(full=True)
    except (pa.ArrowInvalid, OSError, KeyError, TypeError, ValueError, GmaiError):
        return None
    return FileIndex(path, layout, tuple(told["stamp"]), table, said["key"])
