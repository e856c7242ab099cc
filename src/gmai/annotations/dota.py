"""DOTA: a text file beside each picture, one object a line: four corners in pixels, class and difficulty."""

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, reject
from gmai.annotations.label_lines import Labelled, Line, read_labelled, read_lines
from gmai.annotations.paths import PICTURES, check_found, ending, list_files, name_label, parent, sample_files
from gmai.base import from_dict
from gmai.errors import CardError, FormatError
from gmai.types import Polygon, Reject, SourceCard, record

CORNERS = 8
HEADERS = ("imagesource:", "gsd:")


@record
class DotaOptions:
    """Where the labels and pictures are."""

    images: str = "**/images/*"
    """Glob of the pictures."""
    labels: str = "labelTxt"
    """Folder that holds the labels in place of the folder ``images``; ``.`` where they lie beside the pictures."""
    split_from_folder: bool = False
    """Take the name of the folder that holds the picture's folder as the official split."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture; a line that does not hold is a reject of its own."""
    options = from_dict(DotaOptions, card.options, where=f"card {card.name}: options", error=CardError)
    found = [path for path in list_files(folder, options.images) if ending(path) in PICTURES]
    pictures: dict[str, str | None] = {}
    for path in check_found(card, options.images, found, folder):
        pictures[path] = parent(parent(path)).rpartition("/")[2] if options.split_from_folder else None
    yield from read_labelled(folder, card, pictures, options.labels, partial(_read_labels, card=card))


def _read_labels(picture: str, path: str, lines: list[Line], *, card: SourceCard) -> Labelled:
    found = Labelled()
    for number, words in lines:
        pointer = f"{path}:{number}"
        if words[0].lower().startswith(HEADERS):
            continue
        try:
            found.annotations.append(_read_line(words, pointer, card))
        except FormatError as error:
            found.rejects.append(reject(pointer, error.reason, str(error), unit="annotation"))
    return found


def _read_line(words: list[str], pointer: str, card: SourceCard) -> Polygon:
    if len(words) <= CORNERS:
        what = f"{len(words)} columns are not eight numbers, a class and a difficulty"
        raise FormatError(what, where=pointer, reason="dota.columns")
    try:
        ring = tuple(float(word) for word in words[:CORNERS])
    except ValueError:
        ring = (math.nan,)
    if not all(math.isfinite(edge) for edge in ring):
        raise FormatError("corners that are not eight numbers", where=pointer, reason="dota.not_numbers")
    *names, last = words[CORNERS:]
    known = bool(names) and last.isdigit()
    raw = " ".join(names if known else [*names, last])
    told = f"{pointer}#difficulty={last}" if known else pointer
    return Polygon(label=name_label(card, raw).name, rings=(ring,), record=told, raw=raw)


def detect(folder: Path) -> Match | None:
    """Text files with eight numbers, a class that is no number and a difficulty on each line."""
    for path in sample_files(folder):
        if path.endswith(".txt") and _is_label(folder, path):
            home = parent(path).rpartition("/")[2]
            if home == "labelTxt" or parent(path) == ".":
                options = {"images": "**/images/*"} if home == "labelTxt" else {"images": "*", "labels": "."}
            else:
                options = {"images": "**/images/*", "labels": home}
            return Match(format="dota", options=options, evidence=path)
    return None


def _is_label(folder: Path, path: str) -> bool:
    try:
        lines = [words for _, words in read_lines(folder / path, path) if not words[0].lower().startswith(HEADERS)]
        return bool(lines) and all(_number(words[CORNERS]) is None for words in lines[:5] if _eight(words))
    except (FormatError, IndexError):
        return False


def _eight(words: list[str]) -> bool:
    if len(words) <= CORNERS or any(_number(word) is None for word in words[:CORNERS]):
        raise IndexError
    return True


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


FORMAT = Format(read=read, options=DotaOptions, detect=detect)
