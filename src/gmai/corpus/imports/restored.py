"""What gmai wrote itself, given back: conversations with their facts, and pictures by their hashes."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from gmai.base import from_json, hash_bytes
from gmai.corpus.exports.shown import Regions, render_texts
from gmai.corpus.imports.foreign import ForeignRow, ForeignSample, ImportConfig, PictureFolder, PictureTools
from gmai.errors import FormatError, ImageError
from gmai.types import Conversation, ImageRef, Sample, Step, Turn


@dataclass(frozen=True, slots=True)
class Restored:
    """A conversation by its record."""

    talk: Conversation
    edited: bool
    """The row's texts are not those of the record: they win, and the facts are gone with the old ones."""


def read_record(row: ForeignRow) -> Conversation:
    """The conversation that came along with a row.

    Raises:
        FormatError: the record is none.
    """
    return from_json(Conversation, row.record, where=row.where)


def restore_conversation(row: ForeignRow, talk: Conversation, size: tuple[int, int] | None) -> Restored:
    """A row's record, with the turns of the row where these were changed.

    Args:
        row: the row.
        talk: its record.
        size: of the only picture it is about, in which boxes are.
    """
    if row.turns in _renderings(talk, size):
        return Restored(talk, edited=False)
    turns = tuple(turn_of(role, text, row.where) for role, text in row.turns)
    changed = replace(talk, turns=turns, facts=(), answer="", options=(), template="edited")
    return Restored(changed, edited=True)


def turn_of(role: str, text: str, where: str) -> Turn:
    """A turn by its role.

    Raises:
        FormatError: neither user nor assistant.
    """
    if role == "user":
        return Turn(role="user", text=text)
    if role == "assistant":
        return Turn(role="assistant", text=text)
    raise FormatError(f"a turn of {role}", where=where, reason="import.turns")


def _renderings(talk: Conversation, size: tuple[int, int] | None) -> set[tuple[tuple[str, str], ...]]:
    """The turns as each form of boxes writes them."""
    roles: list[str] = [turn.role for turn in talk.turns]
    plain: set[tuple[tuple[str, str], ...]] = {tuple((turn.role, turn.text) for turn in talk.turns)}
    if not any("<box>" in turn.text for turn in talk.turns) or size is None:
        return plain
    forms = [(regions, tags) for regions in get_args(Regions) for tags in (True, False)]
    rendered = (render_texts(talk, size, regions, tags) for regions, tags in forms)
    return plain | {tuple(zip(roles, texts, strict=True)) for texts in rendered}


def restore_pictures(
    item: ForeignSample, config: ImportConfig, tools: PictureTools, folder: PictureFolder
) -> tuple[bytes, ...]:
    """The pictures of a sample: those given, those found by hash, or those made again of the source's files.

    Raises:
        ImageError: ``import.missing``, or ``import.asset`` if one is not what was exported.
    """
    sample = item.sample
    if item.pictures is not None and len(item.pictures) != len(sample.images):
        what = f"{len(item.pictures)} pictures for {len(sample.images)} images"
        raise ImageError(what, where=item.where, reason="import.missing")
    found = []
    for place, image in enumerate(sample.images):
        data = item.pictures[place].data if item.pictures is not None else folder.find(image.asset)
        if data is None:
            data = _make_again(sample, place, config, tools)
        if hash_bytes(data) != image.asset:
            raise ImageError("the picture is not the one that was exported", where=item.where, reason="import.asset")
        found.append(data)
    return tuple(found)


def _make_again(sample: Sample, place: int, config: ImportConfig, tools: PictureTools) -> bytes:
    root = config.roots.get(sample.source)
    image = sample.images[place]
    if root is None:
        fix = f"place it below images/, or give the source's folder: --set roots.{sample.source}=FOLDER"
        raise ImageError(f"picture {place + 1} is not there", where=sample.id, fix=fix, reason="import.missing")
    path = root / image.uri
    if not path.resolve().is_relative_to(root.resolve()):
        raise ImageError("the path leads out of the folder", where=image.uri, reason="import.outside")
    if not path.is_file():
        raise ImageError("the source's file is not there", where=str(path), reason="import.missing")
    return tools.replay(_files(path, image), image, _steps(sample, place))


def _files(path: Path, image: ImageRef) -> list[Path]:
    """The file; of a slice of a DICOM series all files beside it, which hold the series."""
    if image.kind == "dicom" and image.axis is not None:
        return sorted(item for item in path.parent.iterdir() if item.is_file())
    return [path]


def _steps(sample: Sample, place: int) -> list[Step]:
    return [step for step in sample.provenance.steps if step.parameters.get("image", place) == place]
