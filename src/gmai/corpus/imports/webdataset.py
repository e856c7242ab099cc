"""WebDataset shards: samples with their pictures, and JSON with the conversations about them."""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from gmai.base import DAMAGED_ARCHIVE, from_json, loads
from gmai.corpus.imports.foreign import (
    MOST_BYTES,
    Foreign,
    ForeignRow,
    ForeignSample,
    ImportConfig,
    ImportFormat,
    Named,
)
from gmai.corpus.imports.llava import read_turns as read_named
from gmai.corpus.imports.rows import STAGE, Turns, checked_turns, told_of, turns_by
from gmai.errors import ConfigError, FormatError
from gmai.types import Reject, Sample

_PIECE = 1 << 20
_PICTURES = ("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff")


def _read(config: ImportConfig) -> Iterator[Foreign]:
    path = config.path
    shards = [path] if path.is_file() else sorted({*path.glob("*.tar"), *path.glob("shards/*.tar")})
    if not shards:
        raise ConfigError("no tar file", where=str(path), fix="give a shard, or the folder that holds them")
    for shard in shards:
        for found in _whole_entries(shard):
            if isinstance(found, Reject):
                yield found
            else:
                yield from _entry(f"{shard.name}:{found[0]}", found[1])


def _whole_entries(shard: Path) -> Iterator[tuple[str, dict[str, bytes]] | Reject]:
    try:
        yield from _entries(shard)
    except DAMAGED_ARCHIVE as error:
        what = f"cannot be read to its end: {error}"
        yield Reject(id=shard.name, stage=STAGE, reason="import.tar", detail=what, unit="file")


def _entries(shard: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    key, members = "", dict[str, bytes]()
    with tarfile.open(shard) as archive:
        for info in archive:
            file = archive.extractfile(info) if info.isreg() and info.size <= MOST_BYTES else None
            if file is None:
                continue
            folder, _, name = info.name.rpartition("/")
            stem, _, ending = name.partition(".")
            found = f"{folder}/{stem}" if folder else stem
            if found != key and members:
                yield key, members
                members = {}
            key = found
            members[ending] = file.read()
            if len(members[ending]) != info.size:
                raise EOFError(f"{info.name} is cut short")
        if members:
            yield key, members
        _check_end(archive)


def _check_end(archive: tarfile.TarFile) -> None:
    """Look for the mark of the end, which a shard that was cut lacks, and read on to where packed data is checked."""
    file = cast(BinaryIO, archive.fileobj)
    file.seek(archive.offset)
    if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise EOFError("no mark of the end")
    while file.read(_PIECE):
        pass


def _entry(where: str, members: dict[str, bytes]) -> Iterator[Foreign]:
    try:
        told = loads(members["json"], where=where) if "json" in members else None
        if not isinstance(told, dict):
            raise FormatError("no JSON beside the pictures", where=where, reason="import.row")
        if isinstance(told.get("sample"), str) and _many(told):
            sample = from_json(Sample, told["sample"], where=where)
            yield ForeignSample(sample, _named(told.get("images", []), members, where), where)
        talks = told["conversations"] if _many(told) else [told]
        for number, talk in enumerate(talks, start=1):
            yield _talk(f"{where}#{number}", talk, members)
    except FormatError as error:
        yield Reject(id=where, stage=STAGE, reason=error.reason, detail=str(error), unit="conversation")


def _many(told: dict[str, Any]) -> bool:
    talks = told.get("conversations")
    return isinstance(talks, list) and all(isinstance(talk, dict) and "messages" in talk for talk in talks)


def _talk(where: str, talk: dict[str, Any], members: dict[str, bytes]) -> ForeignRow:
    turns: Turns = turns_by(talk["messages"], "role", "content") if "messages" in talk else read_named(talk)
    names = talk.get("images", [name for name in members if name.rpartition(".")[2].lower() in _PICTURES])
    return ForeignRow(
        where=where,
        id=str(talk.get("id", "")),
        turns=checked_turns(turns, where),
        pictures=_named(names, members, where),
        told=told_of(talk),
        record=talk["record"] if isinstance(talk.get("record"), str) else "",
    )


def _named(names: Any, members: dict[str, bytes], where: str) -> tuple[Named, ...]:
    if not isinstance(names, list) or any(name not in members for name in names):
        raise FormatError("a picture that is not in the shard", where=where, reason="import.missing")
    return tuple(Named(f"{where}.{name}", members[name]) for name in names)


FORMAT = ImportFormat(_read)
