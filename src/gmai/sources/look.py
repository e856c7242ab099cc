"""A source's files: looked at for the readers of annotations, and hashed as the input of a run."""

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from gmai.base import hash_file
from gmai.images import Peek, peek

READ_WHOLE = frozenset(
    {".csv", ".geojson", ".json", ".jsonl", ".ndjson", ".parquet", ".tsv", ".txt", ".xlsx", ".xml", ".yaml"}
)
"""Files whose content is hashed; of others, pictures above all, path and size stand for it."""


def build_look(root: Path) -> Callable[[str], Peek]:
    """What the readers of annotations ask about files below ``root``."""
    return partial(_look, root)


def _look(root: Path, path: str) -> Peek:
    return peek(root / path, path)


def hash_source(root: Path, *, hidden: bool = False) -> str:
    """Hash of a source's file list, sizes, and the content of its text files; the same wherever the folder lies.

    Args:
        root: of the source.
        hidden: count files and folders whose name begins with a dot, too.
    """
    total = hashlib.sha256()
    for path in _files(root, hidden):
        relative = path.relative_to(root).as_posix()
        content = hash_file(path) if path.suffix.lower() in READ_WHOLE else ""
        total.update(f"{relative}\0{path.stat().st_size}\0{content}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _files(folder: Path, hidden: bool) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        found = sorted((entry.name, entry.is_dir()) for entry in entries if hidden or not entry.name.startswith("."))
    for name, is_folder in found:
        if is_folder and (folder / name).resolve() in folder.resolve().parents:
            continue  # a link to a folder above
        if is_folder:
            yield from _files(folder / name, hidden)
        elif (folder / name).is_file():
            yield folder / name
