"""YOLO: a text file beside each picture, one object a line, as a box or an outline in shares of width and height."""

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Literal

from gmai.annotations.clip import check_box
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, reject
from gmai.annotations.label_lines import Labelled, Line, find_unlisted, read_labelled, read_lines
from gmai.annotations.paths import PICTURES, check_found, ending, list_files, name_label, parent, sample_files
from gmai.annotations.yolo_data import YoloData, read_data
from gmai.base import from_dict
from gmai.errors import CardError, FormatError
from gmai.types import Box, Polygon, Reject, SourceCard, record

SLACK = 1e-3
"""Shares may leave 0 to 1 by so much, as rounding does; what then leaves the picture is cut."""
BOX_COLUMNS = 5
LEAST_OUTLINE_COLUMNS = 7


@record
class YoloOptions:
    """Where the labels and pictures are, and what the columns mean."""

    data: str = "data.yaml"
    """The YAML file that names classes and splits; empty where there is none."""
    images: str = ""
    """Glob of the pictures; empty for those of the YAML file's splits."""
    labels: str = "labels"
    """Folder that holds the labels in place of the folder ``images``; ``.`` where they lie beside the pictures."""
    classes: str = ""
    """Text file with the name of a class on each line, where no YAML file names them."""
    confidence: bool = False
    """True where each line ends with a confidence."""
    grid: Literal["stored", "shown"] = "stored"
    """Whether the shares are of the picture as its file holds it, or as turned by its EXIF orientation."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture; a line that does not hold is a reject of its own.

    Raises:
        FormatError: the YAML file cannot be read, or tells of keypoints.
    """
    options = from_dict(YoloOptions, card.options, where=f"card {card.name}: options", error=CardError)
    data = _data(folder, card, options)
    pictures = dict(data.pictures)
    if options.images:
        found = (path for path in list_files(folder, options.images) if ending(path) in PICTURES)
        pictures = {path: data.pictures.get(path) for path in found}
    list(check_found(card, options.images or options.data or "images", list(pictures), folder))
    yield from data.rejects
    reader = partial(_read_labels, card=card, options=options, names=data.names, look=look)
    unlisted = find_unlisted(folder, pictures) if data.lists and not options.images else []
    yield from read_labelled(folder, card, pictures, options.labels, reader, unlisted)


def _data(folder: Path, card: SourceCard, options: YoloOptions) -> YoloData:
    if not options.data:
        names = read_lines(folder / options.classes, options.classes) if options.classes else []
        return YoloData(names={number: " ".join(words) for number, (_, words) in enumerate(names)})
    (path,) = check_found(card, options.data, list_files(folder, options.data)[:1], folder)
    return read_data(folder, path)


def _read_labels(
    picture: str,
    path: str,
    lines: list[Line],
    *,
    card: SourceCard,
    options: YoloOptions,
    names: dict[int, str],
    look: LookAt,
) -> Labelled:
    if not lines:
        return Labelled()
    seen = look(picture)
    size = seen.width, seen.height
    if options.grid == "shown" and seen.orientation >= 5:
        size = size[::-1]
    found = Labelled(size=size, grid=options.grid)
    known: set[tuple[str, ...]] = set()
    for number, words in lines:
        pointer = f"{path}:{number}"
        try:
            if tuple(words) in known:
                raise FormatError("a line that is there twice", where=pointer, reason="yolo.duplicate")
            known.add(tuple(words))
            found.annotations.append(_read_line(words, pointer, card, options, names, size))
        except FormatError as error:
            found.rejects.append(reject(pointer, error.reason, str(error), unit="annotation"))
            if error.reason != "yolo.duplicate" and words[0].isdigit() and int(words[0]) in names:
                found.unsure.append(name_label(card, names[int(words[0])]).name)
    return found


def _read_line(
    words: list[str], pointer: str, card: SourceCard, options: YoloOptions, names: dict[int, str], size: tuple[int, int]
) -> Box | Polygon:
    shares, confidence = _numbers(words, pointer), None
    if options.confidence and len(shares) % 2 == 0:
        shares, confidence = shares[:-1], shares[-1]
    if len(shares) % 2 == 0 or not (len(shares) == BOX_COLUMNS or len(shares) >= LEAST_OUTLINE_COLUMNS):
        what = f"{len(words)} columns are neither a box (5) nor an outline (7, 9, 11 …)"
        fix = "" if options.confidence else "say confidence: true if each line ends with one"
        raise FormatError(what, where=pointer, fix=fix, reason="yolo.columns")
    raw = _class(shares[0], pointer, names)
    if not all(-SLACK <= share <= 1 + SLACK for share in shares[1:]):
        raise FormatError("shares that are not between 0 and 1", where=pointer, reason="yolo.range")
    label = name_label(card, raw).name
    told = pointer if confidence is None else f"{pointer}#confidence={confidence:g}"
    width, height = size
    if len(shares) == BOX_COLUMNS:
        x, y, wide, high = shares[1:]
        xyxy = (x - wide / 2) * width, (y - high / 2) * height, (x + wide / 2) * width, (y + high / 2) * height
        check_box(xyxy, pointer)
        return Box(label=label, xyxy=xyxy, record=told, raw=raw)
    ring = tuple(share * side for share, side in zip(shares[1:], (width, height) * (len(shares) // 2), strict=True))
    return Polygon(label=label, rings=(ring,), record=told, raw=raw)


def _numbers(words: list[str], pointer: str) -> list[float]:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = [math.nan]
    if not all(math.isfinite(number) for number in numbers):
        what = f"a line that is not numbers: {' '.join(words)[:80]!r}"
        raise FormatError(what, where=pointer, reason="yolo.not_numbers")
    return numbers


def _class(number: float, pointer: str, names: dict[int, str]) -> str:
    name = names.get(int(number)) if names else str(int(number))
    if number != int(number) or number < 0 or not name:
        what = f"class {number:g} is not one of the {len(names)} that are named"
        raise FormatError(what, where=pointer, reason="yolo.unknown_class")
    return name


def detect(folder: Path) -> Match | None:
    """Text files of at least five numbers a line in a folder ``labels``, or a YAML file with names and splits."""
    files = sample_files(folder)
    labels = [path for path in files if path.endswith(".txt") and _is_label(folder, path)]
    if not labels:
        return None
    options: dict[str, object] = {} if "labels" in parent(labels[0]).split("/") else {"labels": "."}
    for path in files:
        if path.endswith((".yaml", ".yml")) and path.count("/") < 2:
            try:
                data = read_data(folder, path)
            except FormatError:
                continue
            if data.pictures:
                return Match(format="yolo", options={"data": path, **options}, evidence=labels[0])
    if not any(ending(path) in PICTURES for path in files):
        return None
    names = next((path for path in files if path.rpartition("/")[2] in {"classes.txt", "obj.names"}), "")
    inside = any("images" in parent(path).split("/") for path in files if ending(path) in PICTURES)
    images = "**/images/**/*" if inside and not options else "**/*"
    return Match(format="yolo", options={"data": "", "images": images, "classes": names, **options}, evidence=labels[0])


def _is_label(folder: Path, path: str) -> bool:
    try:
        lines = read_lines(folder / path, path)
        return bool(lines) and all(
            len(words) >= BOX_COLUMNS and words[0].isdigit() and len(_numbers(words, path)) > 0
            for _, words in lines[:5]
        )
    except FormatError:
        return False


FORMAT = Format(read=read, options=YoloOptions, detect=detect)
