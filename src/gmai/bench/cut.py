"""Saved cuts: some questions of a benchmark file, by a query, that stand wherever a benchmark file may."""

import os
from collections.abc import Sequence
from pathlib import Path

from gmai.base import digest, from_dict, read_json, write_json
from gmai.bench.fields import Keys
from gmai.bench.query import parse_query
from gmai.bench.sidecar import open_index
from gmai.bench.table import QuestionTable, join_files, open_table
from gmai.errors import ConfigError, FormatError
from gmai.types import record


@record
class Cut:
    """What a cut file says."""

    gmai_cut: int = 1
    """Version of the layout."""
    query: str
    """As it was given."""
    canonical: str
    """As it was understood."""
    files: tuple[str, ...]
    """The benchmark files, from the folder of the cut."""
    keys: tuple[str, ...]
    """SHA-256 of each."""
    within: str = ""
    """Hash of the cut of which this is a cut."""
    indices: tuple[int, ...]
    """The questions, in the file's order."""
    hash: str
    """Of files, canonical query and indices."""


def make_cut(source: Path | Sequence[Path], query: str, out: Path, keys: Keys | None = None) -> Cut:
    """Select questions and save which they are.

    Args:
        source: benchmark files, or a cut to cut further.
        query: see :mod:`gmai.bench.query`.
        out: JSON file to write.
        keys: keys of the questions, for queries after labels, subjects and data sets.

    Raises:
        ConfigError: the query cannot be read, names what is not known, or holds for no question.
    """
    if out.suffix.lower() != ".json":
        raise ConfigError("a cut is a JSON file", where=str(out), fix="call it NAME.json")
    table, read = open_table(source), parse_query(query)
    indices = tuple(read.select(table, keys))
    if not indices:
        raise ConfigError("no question is like that", where=query, fix="gmai bench tree shows what there is")
    within = read_cut(source).hash if isinstance(source, Path) and source.suffix.lower() == ".json" else ""
    told = {"canonical": str(read), "keys": [file.key for file in table.files], "within": within}
    cut = Cut(
        query=query,
        canonical=str(read),
        files=tuple(
            Path(os.path.relpath(file.path.resolve(), out.parent.resolve())).as_posix() for file in table.files
        ),
        keys=tuple(file.key for file in table.files),
        within=within,
        indices=indices,
        hash=digest({**told, "indices": list(indices)}),
    )
    write_json(out, cut)
    return cut


def read_cut(path: Path) -> Cut:
    """Read a cut file.

    Raises:
        ConfigError: there is no such file.
        FormatError: it is no cut, or was changed by hand.
    """
    if not path.is_file():
        raise ConfigError("no such file", where=str(path), fix="gmai bench cut makes one")
    cut = from_dict(Cut, read_json(path), where=str(path), error=FormatError)
    told = {"canonical": cut.canonical, "keys": list(cut.keys), "within": cut.within, "indices": list(cut.indices)}
    if cut.gmai_cut != 1 or len(cut.files) != len(cut.keys) or cut.hash != digest(told):
        raise FormatError(
            "its hash is not that of what it says", where=str(path), fix="make it again", reason="cut.hash"
        )
    return cut


def open_cut(path: Path) -> QuestionTable:
    """The questions of a cut.

    Raises:
        ConfigError: a file of it is gone, or has changed since.
        FormatError: no cut.
    """
    cut = read_cut(path)
    files = [open_index((path.parent / name).resolve()) for name in cut.files]
    changed = [str(file.path) for file, key in zip(files, cut.keys, strict=True) if file.key != key]
    if changed:
        fix = f"cut it again: {cut.canonical}"
        raise ConfigError(
            "the file has changed since it was cut", where=", ".join(changed), fix=fix, reason="cut.changed"
        )
    return join_files(files).take(cut.indices)
