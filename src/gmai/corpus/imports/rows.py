"""Rows of JSON files: lines, or the elements of one array of any size, each with its place."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gmai.base import iter_jsonl, loads, read_json
from gmai.corpus.exports.recipe import SAMPLES
from gmai.corpus.imports.foreign import PLACEHOLDER as _PLACEHOLDER
from gmai.corpus.imports.foreign import Foreign, ForeignRow, ForeignSample, ImportConfig, ImportFormat, Named
from gmai.corpus.tombstones import TOMBSTONES
from gmai.errors import ConfigError, FormatError
from gmai.types import Reject, Sample

STAGE = "corpus import"
_PIECE = 1 << 20
_TOLD = ("source", "licence", "subset", "kind", "task", "modality", "department", "language")
_ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "model": "assistant"}
Turns = tuple[tuple[str, str], ...]


def row_format(
    turns: Callable[[Mapping[str, Any]], Turns], pictures: Callable[[Mapping[str, Any]], Any]
) -> ImportFormat:
    """A format of JSON rows: how its turns and its pictures (a name, a list, nothing) are read."""

    def read(config: ImportConfig) -> Iterator[Foreign]:
        yield from iter_samples(config.path)
        for path in data_files(config.path):
            for where, row in iter_rows(path):
                yield row if isinstance(row, Reject) else read_row(where, row, turns, pictures)

    return ImportFormat(read)


def find_records(path: Path) -> Path | None:
    """The records of the samples of a folder, or of the export that a file is part of."""
    if path.is_dir():
        return path / SAMPLES if (path / SAMPLES).is_file() else None
    manifest = path.parent / "manifest.json"
    whole = manifest.is_file() and read_json(manifest).get("command") == "corpus export"
    return find_records(path.parent) if whole else None


def iter_samples(folder: Path) -> Iterator[ForeignSample]:
    """The samples whose records came along with an export, given as its folder or as a file in it."""
    path = find_records(folder)
    if path is not None:
        for number, sample in enumerate(iter_jsonl(path, Sample), start=1):
            yield ForeignSample(sample, None, f"{path.name}:{number}")


def data_files(path: Path) -> list[Path]:
    """The JSON files with conversations: the one given, or those in a folder that are no description of others.

    Raises:
        ConfigError: there are none.
    """
    if path.is_file():
        return [path]
    skip = {SAMPLES, "recipe.jsonl", "rejects.jsonl", "dataset_info.json", "meta.json", "croissant.json", TOMBSTONES}
    skip |= {"run.json", "stats.json", "manifest.json"}
    found = sorted(
        item for item in path.glob("*.json*") if item.name not in skip and item.suffix in {".json", ".jsonl"}
    )
    if not found:
        raise ConfigError("no JSON file with conversations", where=str(path), fix="give the file, or its folder")
    return found


def iter_rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | Reject]]:
    """Each row of a file with its place; what is no JSON object is a reject."""
    with path.open("rb") as file:
        head = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    for number, text in _elements(path) if head.startswith(b"[") else _lines(path):
        where = f"{path.name}:{number}"
        try:
            row = loads(text, where=where)
            if not isinstance(row, dict):
                raise FormatError("no JSON object", where=where, reason="import.row")
            yield where, row
        except FormatError as error:
            yield where, _reject(where, error)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if text := line.strip(b"\xef\xbb\xbf \t\r\n"):
                yield number, text


def _elements(path: Path) -> Iterator[tuple[int, str]]:
    """The elements of a JSON array, read piece by piece.

    Raises:
        FormatError: the array is not well formed.
    """
    decoder = json.JSONDecoder()
    number, at, text, ended = 0, 0, "", False
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        text = file.read(_PIECE)
        at = text.index("[") + 1
        while True:
            while at < len(text) and text[at] in " \t\r\n,":
                at += 1
            if at < len(text) and text[at] == "]":
                return
            try:
                if at == len(text):
                    raise json.JSONDecodeError("end", text, at)
                value, end = decoder.raw_decode(text, at)
                if end == len(text) and not ended:
                    raise json.JSONDecodeError("cut", text, at)
            except (json.JSONDecodeError, RecursionError):
                if ended:
                    what = f"no JSON array: element {number + 1} is cut short or not JSON"
                    raise FormatError(what, where=str(path), reason="import.json") from None
                piece = file.read(max(_PIECE, len(text) - at))
                text, at, ended = text[at:] + piece, 0, not piece
                continue
            number += 1
            yield number, text[at:end]
            at = end


def read_row(
    where: str,
    row: Mapping[str, Any],
    turns: Callable[[Mapping[str, Any]], Turns],
    pictures: Callable[[Mapping[str, Any]], Any],
) -> ForeignRow | Reject:
    """A row as a conversation, or the reject that says why it is none."""
    try:
        return ForeignRow(
            where=where,
            id=str(row.get("id", "")),
            turns=checked_turns(turns(row), where),
            pictures=tuple(Named(name) for name in names_of(pictures(row), where)),
            told=told_of(row),
            record=row["record"] if isinstance(row.get("record"), str) else "",
        )
    except FormatError as error:
        return _reject(where, error)


def told_of(row: Mapping[str, Any]) -> dict[str, str]:
    """What a row says of itself in the keys that exports write."""
    return {key: row[key] for key in _TOLD if isinstance(row.get(key), str)}


def names_of(value: Any, where: str) -> list[str]:
    """Names of pictures: none, one, or a list.

    Raises:
        FormatError: something else.
    """
    found = [] if value in (None, "") else value if isinstance(value, list) else [value]
    names = [item.get("path") if isinstance(item, dict) else item for item in found]
    if not all(isinstance(name, str) and name for name in names):
        raise FormatError("pictures are not given by name", where=where, reason="import.pictures")
    return [str(name) for name in names]


def turns_by(rows: Any, role: str, text: str) -> Turns:
    """Turns of a list of objects with these keys; a system prompt is left out.

    Raises:
        FormatError: no such list, or a role nobody knows.
    """
    if not isinstance(rows, list) or not all(isinstance(turn, dict) for turn in rows):
        raise FormatError("no list of turns", reason="import.turns")
    said = [(turn.get(role), turn.get(text)) for turn in rows if turn.get(role) != "system"]
    if unknown := [str(name) for name, _ in said if name not in _ROLES]:
        raise FormatError(f"a turn of {unknown[0]}", reason="import.turns")
    if not all(isinstance(words, str) for _, words in said):
        raise FormatError("a turn without a text", reason="import.turns")
    return tuple((_ROLES[str(name)], str(words)) for name, words in said)


def checked_turns(turns: Turns, where: str) -> Turns:
    """Turns without placeholders of pictures.

    Raises:
        FormatError: none, or one in which nothing is said.
    """
    clean = tuple((role, _PLACEHOLDER.sub("", text)) for role, text in turns)
    if not clean or not all(text.strip() for _, text in clean):
        raise FormatError("no turns, or one in which nothing is said", where=where, reason="import.turns")
    return clean


def _reject(where: str, error: FormatError) -> Reject:
    return Reject(id=where, stage=STAGE, reason=error.reason, detail=str(error), unit="conversation")
