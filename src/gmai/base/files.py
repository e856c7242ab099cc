"""Files that are whole or not there: everything is written beside its target and renamed into place."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from gmai.base.codec import dumps, loads

_TEMPORARY = ".part"


@contextmanager
def write_atomic(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it is synced and renamed, on error removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_TEMPORARY}")
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically."""
    with write_atomic(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file atomically, newlines as they are."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write records or plain data as indented JSON, atomically."""
    write_bytes(path, dumps(value, indent=True))


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        FormatError: the file is not JSON.
    """
    return loads(path.read_bytes(), where=str(path))


def write_jsonl(path: Path, records: Iterable[Any]) -> None:
    """Write one JSON line per record, atomically."""
    with write_atomic(path) as temporary, temporary.open("wb") as out:
        for item in records:
            out.write(dumps(item) + b"\n")


def link_file(origin: Path, target: Path) -> None:
    """Make a file be in a second place too: a hard link where the disk allows it, a copy elsewhere."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(origin, target)
    except OSError:
        with write_atomic(target) as temporary:
            shutil.copyfile(origin, temporary)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files that a killed process left below ``folder``."""
    for path in folder.rglob(f".*{_TEMPORARY}"):
        path.unlink(missing_ok=True)


def hash_bytes(data: bytes) -> str:
    """SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hex, read in pieces."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def digest(value: Mapping[str, Any] | list[Any]) -> str:
    """SHA-256 of plain data in canonical JSON: the same content gives the same digest, whatever the key order."""
    return hash_bytes(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def hash_unit(*parts: object) -> float:
    """Map parts to a number in [0, 1) that never changes: the seeded coin of everything that must be replayable."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64
