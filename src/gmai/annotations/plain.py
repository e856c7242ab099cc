"""Files of any kind of which nothing is said: pictures, volumes, arrays, series, slides and videos, told by content."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from gmai.annotations.item import AnnotatedItem, Format, ItemKind, LookAt, Match, Seen, reject
from gmai.annotations.paths import PICTURES, check_bare, check_found, ending, list_files, list_matches
from gmai.annotations.series import Series, group_series
from gmai.base import from_dict, hash_bytes
from gmai.errors import CardError, ImageError
from gmai.types import ImageKind, Reject, SourceCard, record

VOLUMES = frozenset({".nii", ".gz", ".hdr", ".nrrd", ".nhdr", ".mha", ".mhd", ".mgz", ".mgh", ".mnc", ".head", ".par"})
_KINDS: dict[ImageKind, ItemKind] = {"raster": "raster", "slide": "slide", "video": "video"}
"""Every other kind but DICOM and arrays is a volume."""


@record
class PlainOptions:
    """Where the files are."""

    files: str | tuple[str, ...] = "**/*"
    """Glob, or several, of the files; each one is a sample, a part of one, or a reject."""
    pages: Literal["first", "all"] = "first"
    """Of raster files with several frames or pages."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield an item per picture, volume, series, slide or video; a file that is none of them is a reject.

    A file that holds the rest of another (the voxels beside a header) belongs to that one and is not counted again.

    Raises:
        CardError: the card requires annotations, which this format has none of.
    """
    options = from_dict(PlainOptions, card.options, where=f"card {card.name}: options", error=CardError)
    check_bare(card, "plain files")
    files = check_found(card, options.files, list_matches(folder, options.files), folder)
    yield from sort_files(folder, files, options, look)


def sort_files(
    folder: Path, paths: Iterable[str], options: PlainOptions, look: LookAt
) -> Iterator[AnnotatedItem | Reject]:
    """Yield an item for each picture, volume, series, slide or video among files, and a reject for each other file."""
    series: list[str] = []
    parts: set[str] = set()
    halves: dict[str, AnnotatedItem | Reject] = {}
    for path in paths:
        try:
            seen = look(path)
        except ImageError as error:
            shown = error.where if error.where.startswith("hidden/") else path
            halves[path] = reject(shown, error.reason, str(error).replace(f"{folder}/", ""), unit="image")
            continue
        if path in seen.parts:
            halves[path] = _item(path, seen)
            continue
        parts.update(seen.parts)
        if seen.kind == "dicom":
            series.append(path)
        elif path not in parts:
            yield from _items(path, seen, options)
    yield from (found for path, found in halves.items() if path not in parts)
    for found in group_series(series, look):
        yield found.item() if isinstance(found, Series) else found


def _item(path: str, seen: Seen) -> AnnotatedItem:
    shown = () if seen.shown == path else (seen.shown,)
    return AnnotatedItem(id=path, kind=_KINDS.get(seen.kind, "volume"), files=(path,), shown=shown)


def _items(path: str, seen: Seen, options: PlainOptions) -> Iterator[AnnotatedItem | Reject]:
    item = _item(path, seen)
    if seen.kind == "npz":
        yield from _arrays(item, seen)
    elif seen.kind == "raster" and options.pages == "all" and seen.frames > 1:
        subject = hash_bytes(path.encode())[:16]
        for frame in range(seen.frames):
            yield replace(item, id=f"{path}#frame={frame}", index=frame, subject=subject)
    else:
        yield item


def _arrays(item: AnnotatedItem, seen: Seen) -> Iterator[AnnotatedItem | Reject]:
    for member, shape in seen.arrays:
        colour = len(shape) > 2 and shape[-1] == 3
        axes = len(shape) - colour
        name = f"{item.id}#{member}" if member else item.id
        if axes not in (2, 3) or min(shape) < 1 or min(shape[axes - 2 : axes]) < 2:
            yield reject(name, "npz.no_picture", f"an array of shape {shape} holds no picture", unit="record")
            continue
        for row in (None,) if axes == 2 else range(shape[0]):
            id = name if row is None else f"{name}[{row}]"
            yield replace(item, id=id, kind="array", member=member, index=row)


def detect(folder: Path) -> Match | None:
    """Pictures or volumes, whatever else is there; the last guess of all, for it makes no use of annotations."""
    for path in list_files(folder, "**/*"):
        if ending(path) in PICTURES | VOLUMES:
            return Match(format="plain", options={}, evidence=path)
    return None


FORMAT = Format(read=read, options=PlainOptions, detect=detect)
