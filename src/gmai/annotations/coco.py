"""COCO files: boxes, outlines, run-length masks and captions, one file per folder or one for all.

An annotation with a sound segmentation becomes a polygon or mask, else a box. Whatever contradicts itself is a counted
reject: two pictures of one id, an id used twice, a dangling id, a box that is not four finite numbers.
"""

import glob
import mmap
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gmai.annotations.coco_shapes import Key, Shape, as_key, read_shape
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, lone_picture, reject, reject_units, unannotated
from gmai.annotations.json_members import iter_members
from gmai.annotations.paths import (
    check_found,
    fill_template,
    join_below,
    list_files,
    list_pictures,
    name_label,
    parent,
    sample_files,
    stem,
)
from gmai.base import from_dict, loads
from gmai.errors import CardError, FormatError
from gmai.types import Annotation, Reject, SourceCard, record

LISTS = ("images", "annotations", "categories", "licenses")


@record
class CocoOptions:
    """Where the JSON files and pictures are."""

    annotations: str = "**/_annotations.coco.json"
    """Glob of the JSON files."""
    images: str = "."
    """Folder of a file's pictures, seen from the file's own folder; ``{split}`` stands for the last word of the file's
    name, such as ``train2017`` of ``instances_train2017.json``."""
    split_from_folder: bool = False
    """Take the name of the JSON file's folder as the official split."""
    split_from_file: bool = False
    """Take the last word of the JSON file's name, without its year, as the official split."""
    merge: bool = False
    """True where several files speak of the same pictures: what they say is put together."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture listed; pictures beside listed ones that no file lists are rejects.

    Raises:
        FormatError: a JSON file that cannot be read at all.
    """
    options = from_dict(CocoOptions, card.options, where=f"card {card.name}: options", error=CardError)
    seen: set[str] = set()
    places: dict[str, None] = {}
    merged: dict[str, AnnotatedItem] = {}
    for path in check_found(card, options.annotations, list_files(folder, options.annotations), folder):
        file = _CocoFile(folder, path, card, options)
        places[file.place] = None
        if options.merge:
            yield from _merge(merged, file.items(set()))
        else:
            yield from file.items(seen)
    yield from merged.values()
    seen.update(merged)
    places.update(dict.fromkeys(sorted({parent(image) for image in seen})))
    for place in places:
        for image in list_pictures(folder, place):
            if image not in seen:
                yield from unannotated(lone_picture(image), card, "no file lists the picture")


def _merge(merged: dict[str, AnnotatedItem], found: Iterator[AnnotatedItem | Reject]) -> Iterator[Reject]:
    for item in found:
        if isinstance(item, Reject):
            yield item
            continue
        before = merged.get(item.id)
        if before is None:
            merged[item.id] = item
        elif before.size and item.size and before.size != item.size:
            what = f"{item.id} is {item.size}, but {before.size} in another file"
            yield from reject_units(item.id, {"record": 1, **_marks(item)}, "coco.sizes", what)
        else:
            both = (*before.annotations, *item.annotations)
            units = {"image": 1, "annotation": len(both)}
            merged[item.id] = replace(before, annotations=both, size=before.size or item.size, units=units)


def _marks(item: AnnotatedItem) -> dict[str, int]:
    return {"annotation": len(item.annotations)}


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture as its file lists it."""

    key: Key
    name: str
    size: tuple[int, int] | None
    licence: Key


class _CocoFile:
    """One JSON file: its pictures, and what it says of each by the picture's id."""

    def __init__(self, folder: Path, path: str, card: SourceCard, options: CocoOptions) -> None:
        self.folder, self.path, self.card = folder, path, card
        word = stem(path).rpartition("_")[2]
        self.place = join_below(parent(path), fill_template(options.images, split=word), where=path) or "."
        self.split = _split(path, word, options)
        self.pictures: list[_Picture] = []
        self.shapes: dict[Key, list[Shape]] = {}
        self.categories: dict[Key, str] = {}
        self.licences: dict[Key, str] = {}
        self.rejects: list[Reject] = []
        self.ids: set[Key] = set()
        self.doubts: dict[Key, set[Key]] = {}
        """Of a picture's id, the categories of annotations that do not hold."""
        self._read()

    def _read(self) -> None:
        numbers: Counter[str] = Counter()
        take = {"images": self._picture, "annotations": self._annotation, "categories": self._category}
        for name, entry in iter_members(self.folder / self.path, self.path):
            if name not in LISTS:
                continue
            if not isinstance(entry, dict):
                if name == "licenses":
                    continue
                what = f"no COCO file: {name!r} is not a list of objects"
                raise FormatError(what, where=self.path, reason="coco.root")
            take.get(name, self._licence)(entry, numbers[name])
            numbers[name] += 1
        if not self.pictures:
            raise FormatError("no COCO file: it lists no pictures", where=self.path, reason="coco.root")
        self.ids = set()

    def _picture(self, entry: dict[str, Any], number: int) -> None:
        name = str(entry.get("file_name") or "")
        self.pictures.append(_Picture(as_key(entry.get("id")), name, _size(entry), as_key(entry.get("license"))))

    def _category(self, entry: dict[str, Any], number: int) -> None:
        self.categories[as_key(entry.get("id"))] = str(entry.get("name") or "")

    def _licence(self, entry: dict[str, Any], number: int) -> None:
        self.licences[as_key(entry.get("id"))] = str(entry.get("name") or entry.get("url") or "")

    def _annotation(self, entry: dict[str, Any], number: int) -> None:
        pointer = f"{self.path}#annotations/{number}"
        identifier = as_key(entry.get("id"))
        try:
            if identifier is not None and identifier in self.ids:
                raise FormatError(f"id {identifier!r} is used twice", where=pointer, reason="coco.duplicate_id")
            self.ids.add(identifier)
            shape = read_shape(entry, number, pointer)
        except FormatError as error:
            self.rejects.append(reject(pointer, error.reason, str(error), unit="annotation"))
            if error.reason != "coco.duplicate_id":
                self.doubts.setdefault(as_key(entry.get("image_id")), set()).add(as_key(entry.get("category_id")))
            return
        self.shapes.setdefault(as_key(entry.get("image_id")), []).append(shape)
        points = entry.get("num_keypoints")
        if isinstance(points, int) and points > 0:
            detail = f"{points} keypoints are not kept"
            self.rejects.append(reject(pointer, "coco.keypoints", detail, unit="keypoint", count=points))

    def items(self, seen: set[str]) -> Iterator[AnnotatedItem | Reject]:
        """The pictures of the file; each one named is added to ``seen``."""
        yield from self.rejects
        counts = Counter(picture.key for picture in self.pictures)
        for key in [key for key in self.shapes if counts[key] != 1]:
            for shape in self.shapes.pop(key):
                pointer = f"{self.path}#annotations/{shape.number}"
                what = f"image id {key!r} names no picture, or several"
                yield reject(pointer, "coco.dangling_image", what, unit="annotation")
        for number, picture in enumerate(self.pictures):
            yield from self._item(number, picture, counts[picture.key] > 1, seen)

    def _item(self, number: int, picture: _Picture, twice: bool, seen: set[str]) -> Iterator[AnnotatedItem | Reject]:
        pointer = f"{self.path}#images/{number}"
        annotations: list[Annotation] = []
        for shape in self.shapes.pop(picture.key, ()):
            try:
                annotations.append(shape.build(self.path, self.categories, self.card))
            except FormatError as error:
                yield reject(error.where, error.reason, str(error), unit="annotation")
        units = {"image": 1, "annotation": len(annotations)}
        try:
            image = join_below(self.place, picture.name, where=pointer)
            repeated = image in seen
            seen.add(image)
            if twice:
                raise FormatError("several pictures share one id", where=pointer, reason="coco.duplicate_image")
            if repeated:
                units = {"record": 1, "annotation": len(annotations)}
                raise FormatError(f"{image} is listed twice", where=pointer, reason="coco.duplicate_file")
            if not (self.folder / image).is_file():
                raise FormatError(f"{image} is not there", where=pointer, reason="image.missing")
        except FormatError as error:
            yield from reject_units(pointer, units, error.reason, str(error))
            return
        yield AnnotatedItem(
            id=image,
            kind="raster",
            files=(image,),
            annotations=tuple(annotations),
            size=picture.size,
            split=self.split,
            unsure=self._unsure(picture.key),
            licence=self.licences.get(picture.licence, ""),
            units=units,
        )

    def _unsure(self, key: Key) -> tuple[str, ...]:
        names = {self.categories.get(category, "") for category in self.doubts.get(key, ())}
        return tuple(sorted(name_label(self.card, name).name for name in names if name))


def _split(path: str, word: str, options: CocoOptions) -> str | None:
    if options.split_from_file:
        return re.sub(r"\d+$", "", word) or word
    return parent(path).rpartition("/")[2] if options.split_from_folder else None


def _size(entry: dict[str, Any]) -> tuple[int, int] | None:
    width, height = entry.get("width"), entry.get("height")
    return (width, height) if isinstance(width, int) and isinstance(height, int) and width and height else None


def detect(folder: Path) -> Match | None:
    """JSON files with pictures named in them, beside their pictures or in a folder near."""
    for path in sample_files(folder):
        if path.endswith(".json") and (name := _first_name(folder / path)):
            for images in _PLACES:
                word = stem(path).rpartition("_")[2]
                try:
                    place = join_below(parent(path), images.format(split=word), where=path)
                    found = (folder / join_below(place or ".", name, where=path)).is_file()
                except FormatError:
                    continue
                if found:
                    return Match(format="coco", options=_options(path, images, folder), evidence=path)
    return None


_PLACES = (".", "images", "../images", "../{split}", "../images/{split}", "{split}", "images/{split}", "..", "../..")
_FILE_NAME = re.compile(rb'"file_name"\s*:\s*"((?:[^"\\]|\\.)*)"')


def _first_name(path: Path) -> str:
    """The first picture that a JSON file names, wherever its list of pictures lies."""
    if not path.stat().st_size:
        return ""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if b'"images"' not in data[: 1 << 16] and b'"annotations"' not in data[: 1 << 16]:
            return ""
        found = _FILE_NAME.search(data)
        return str(loads(b'"%s"' % found.group(1), where=path.name)) if found else ""


def _options(path: str, images: str, folder: Path) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    if name == "_annotations.coco.json":
        below = path.count("/") == 1
        pattern = "*/_annotations.coco.json" if below else "**/_annotations.coco.json"
        return {"annotations": pattern, "images": images, **({"split_from_folder": True} if below else {})}
    home = "" if parent(path) == "." else f"{parent(path)}/"
    kind = name.rpartition("_")[0]
    others = list_files(folder, f"{glob.escape(home + kind)}_*.json") if kind else [path]
    if len(others) > 1:
        return {"annotations": f"{home}{kind}_*.json", "images": images, "split_from_file": True}
    return {"annotations": path, "images": images}


FORMAT = Format(read=read, options=CocoOptions, detect=detect)
