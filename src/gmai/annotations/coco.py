"""COCO ``instances`` files: boxes, polygons and run-length masks, one file per folder or one for all.

An annotation with a sound segmentation becomes a polygon or mask, else a box. Whatever contradicts itself is a counted
reject: two pictures of one id, an id used twice, a dangling id, a box that is not four finite numbers.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gmai.annotations.clip import check_box
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, lone_picture, reject, reject_units, unannotated
from gmai.annotations.paths import check_found, join_below, list_files, list_pictures, name_label, parent
from gmai.base import from_dict, loads
from gmai.errors import CardError, FormatError
from gmai.types import Annotation, Box, MaskRef, Polygon, Reject, SourceCard, record

_LONGEST_SIDE = 2**16


@record
class CocoOptions:
    """Where the JSON files and pictures are."""

    annotations: str = "**/_annotations.coco.json"
    """Glob of the JSON files."""
    images: str = "."
    """Folder of a file's pictures, seen from the file's own folder."""
    split_from_folder: bool = False
    """Take the name of the JSON file's folder as the official split."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture listed; pictures beside the file that it does not list are rejects.

    Raises:
        FormatError: a JSON file that cannot be read at all.
    """
    options = from_dict(CocoOptions, card.options, where=f"card {card.name}: options", error=CardError)
    seen: set[str] = set()
    places: dict[str, None] = {}
    for path in check_found(card, options.annotations, list_files(folder, options.annotations), folder):
        file = _CocoFile(folder, path, card, options)
        places[file.place] = None
        yield from file.items(seen)
    for place in places:
        for image in list_pictures(folder, place):
            if image not in seen:
                yield from unannotated(lone_picture(image), card, "no file lists the picture")


class _CocoFile:
    """One JSON file, its pictures by id and its annotations by picture."""

    def __init__(self, folder: Path, path: str, card: SourceCard, options: CocoOptions) -> None:
        data = _load(folder / path, path)
        self.folder, self.path, self.card = folder, path, card
        self.place = join_below(parent(path), options.images, where=path) or "."
        self.split = parent(path).rpartition("/")[2] if options.split_from_folder else None
        self.images: list[dict[str, Any]] = _dicts(data, "images", path)
        self.annotations: list[dict[str, Any]] = _dicts(data, "annotations", path)
        categories = _dicts(data, "categories", path)
        self.categories = {_key(entry.get("id")): str(entry.get("name") or "") for entry in categories}
        self.sound: dict[Any, list[Annotation]] = {}
        self.lost: dict[Any, int] = {}

    def items(self, seen: set[str]) -> Iterator[AnnotatedItem | Reject]:
        """The pictures of the file; each one named is added to ``seen``."""
        counts = Counter(_key(entry.get("id")) for entry in self.images)
        yield from self._sort_annotations({key for key, count in counts.items() if count == 1})
        for number, entry in enumerate(self.images):
            yield from self._item(number, entry, counts[_key(entry.get("id"))] > 1, seen)

    def _sort_annotations(self, images: set[Any]) -> Iterator[Reject]:
        used: set[Any] = set()
        for number, entry in enumerate(self.annotations):
            pointer = f"{self.path}#annotations/{number}"
            identifier, image = _key(entry.get("id")), _key(entry.get("image_id"))
            try:
                if identifier is not None and identifier in used:
                    raise FormatError(f"id {identifier!r} is used twice", where=pointer, reason="coco.duplicate_id")
                used.add(identifier)
                if image not in images:
                    what = f"image id {image!r} names no picture, or several"
                    raise FormatError(what, where=pointer, reason="coco.dangling_image")
                self.sound.setdefault(image, []).append(self._annotation(entry, pointer))
            except FormatError as error:
                yield reject(pointer, error.reason, str(error), unit="annotation")

    def _item(
        self, number: int, entry: dict[str, Any], twice: bool, seen: set[str]
    ) -> Iterator[AnnotatedItem | Reject]:
        pointer = f"{self.path}#images/{number}"
        annotations = () if twice else tuple(self.sound.get(_key(entry.get("id")), ()))
        units = {"image": 1, "annotation": len(annotations)}
        try:
            image = join_below(self.place, str(entry.get("file_name", "")), where=pointer)
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
            annotations=annotations,
            size=_size(entry),
            split=self.split,
            units=units,
        )

    def _annotation(self, entry: dict[str, Any], pointer: str) -> Annotation:
        raw = self.categories.get(_key(entry.get("category_id")))
        if not raw:
            what = f"category id {entry.get('category_id')!r} is not listed"
            raise FormatError(what, where=pointer, reason="coco.unknown_category")
        if entry.get("iscrowd"):
            raise FormatError("a crowd is no single object", where=pointer, reason="coco.crowd")
        label = name_label(self.card, raw).name
        shape = entry.get("segmentation")
        if isinstance(shape, list) and shape:
            return Polygon(label=label, rings=_rings(shape, pointer), record=pointer, raw=raw)
        if isinstance(shape, Mapping) and shape:
            rle, size = _rle(shape, pointer)
            return MaskRef(label=label, record=pointer, uri=self.path, rle=rle, size=size, raw=raw)
        return Box(label=label, xyxy=_box(entry.get("bbox"), pointer), record=pointer, raw=raw)


def _load(path: Path, shown: str) -> dict[str, Any]:
    data = path.read_bytes()
    try:
        found = loads(data, where=shown)
    except FormatError:
        if b"NaN" not in data and b"Infinity" not in data:
            raise
        found = _load_with_nan(data, shown)
    if not isinstance(found, dict):
        raise FormatError("no COCO file: not an object", where=shown, reason="coco.root")
    return found


def _load_with_nan(data: bytes, shown: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not valid JSON: {error}", where=shown, reason="json.invalid") from None


def _dicts(data: dict[str, Any], name: str, shown: str) -> list[dict[str, Any]]:
    found = data.get(name)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise FormatError(f"no COCO file: {name!r} is not a list of objects", where=shown, reason="coco.root")
    return found


def _key(value: Any) -> Any:
    return value if isinstance(value, str | int | float | None) else str(value)


def _size(entry: dict[str, Any]) -> tuple[int, int] | None:
    width, height = entry.get("width"), entry.get("height")
    return (width, height) if isinstance(width, int) and isinstance(height, int) and width and height else None


def _numbers(value: Any) -> list[float] | None:
    numbers = isinstance(value, list) and all(isinstance(x, int | float) and not isinstance(x, bool) for x in value)
    return [float(x) for x in value] if numbers else None


def _box(value: Any, pointer: str) -> tuple[float, float, float, float]:
    numbers = _numbers(value)
    if numbers is None or len(numbers) != 4:
        raise FormatError(f"a box that is not four numbers: {value!r}", where=pointer, reason="box.not_numbers")
    x, y, width, height = numbers
    if width < 0 or height < 0:
        raise FormatError(f"a box of negative size: {value!r}", where=pointer, reason="box.inverted")
    xyxy = x, y, x + width, y + height
    check_box(xyxy, pointer)
    return xyxy


def _rings(value: list[Any], pointer: str) -> tuple[tuple[float, ...], ...]:
    rings = [_numbers(ring) for ring in value]
    sound = [tuple(ring) for ring in rings if ring and len(ring) >= 6 and len(ring) % 2 == 0]
    if len(sound) != len(rings) or not all(math.isfinite(x) for ring in sound for x in ring):
        what = "an outline that is no list of three points or more"
        raise FormatError(what, where=pointer, reason="polygon.not_numbers")
    return tuple(sound)


def _rle(value: Mapping[str, Any], pointer: str) -> tuple[str, tuple[int, int]]:
    from pycocotools import mask as coco

    counts, size = value.get("counts"), _numbers(value.get("size"))
    sound = size is not None and len(size) == 2 and all(1 <= side <= _LONGEST_SIDE for side in size)
    if size is None or not sound or not isinstance(counts, str | list):
        raise FormatError("a run-length code without counts or size", where=pointer, reason="mask.code")
    height, width = int(size[0]), int(size[1])
    if isinstance(counts, str):
        return counts, (height, width)
    if not all(isinstance(run, int) and run >= 0 for run in counts) or sum(counts) != height * width:
        raise FormatError("a run-length code that does not fill its picture", where=pointer, reason="mask.code")
    code = coco.frPyObjects({"counts": counts, "size": [height, width]}, height, width)
    return code["counts"].decode("ascii"), (height, width)


def detect(folder: Path) -> Match | None:
    """JSON files with the three lists of COCO, beside their pictures or in a folder above."""
    for pattern in ("**/_annotations.coco.json", "annotations/*.json", "*.json"):
        for path in list_files(folder, pattern)[:1]:
            head = (folder / path).read_bytes()[: 1 << 16]
            if b'"images"' in head or b'"annotations"' in head:
                images = "." if path.endswith("_annotations.coco.json") else "images"
                return Match(format="coco", options={"annotations": pattern, "images": images}, evidence=path)
    return None


FORMAT = Format(read=read, options=CocoOptions, detect=detect)
