"""What one COCO annotation says of its picture, checked and kept as small as it is: outline, mask, box or caption."""

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gmai.annotations.clip import check_box
from gmai.annotations.paths import name_label
from gmai.errors import FormatError
from gmai.types import Annotation, Box, MaskRef, Polygon, Report, SourceCard

_LONGEST_SIDE = 2**16
_NUMBERS = frozenset({int, float})

Key = str | int | float | None
Code = tuple[str, tuple[int, int]]
"""Run-length code, and (height, width)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A sound annotation: the number of its entry, its category, and one of the four things it can be."""

    number: int
    category: Key
    rings: "tuple[array[float], ...]" = ()
    code: Code | None = None
    box: tuple[float, float, float, float] | None = None
    caption: str = ""

    def build(self, path: str, categories: Mapping[Key, str], card: SourceCard) -> Annotation:
        """The annotation, named as the file's categories and the card say.

        Raises:
            FormatError: ``coco.unknown_category``.
        """
        pointer = f"{path}#annotations/{self.number}"
        if self.caption:
            return Report(text=self.caption, record=pointer, section="caption")
        raw = categories.get(self.category)
        if not raw:
            what = f"category id {self.category!r} is not listed"
            raise FormatError(what, where=pointer, reason="coco.unknown_category")
        label = name_label(card, raw).name
        if self.rings:
            return Polygon(label=label, rings=tuple(tuple(ring) for ring in self.rings), record=pointer, raw=raw)
        if self.code is not None:
            rle, size = self.code
            return MaskRef(label=label, record=pointer, uri=path, rle=rle, size=size, raw=raw)
        assert self.box is not None
        return Box(label=label, xyxy=self.box, record=pointer, raw=raw)


def read_shape(entry: Mapping[str, Any], number: int, pointer: str) -> Shape:
    """Check an annotation: one with a segmentation is an outline or mask, else a box or a caption.

    Raises:
        FormatError: ``coco.crowd``, ``coco.keypoints`` (nothing else), ``box.…``, ``polygon.not_numbers``,
            ``mask.code``.
    """
    category = as_key(entry.get("category_id"))
    if entry.get("iscrowd"):
        raise FormatError("a crowd is no single object", where=pointer, reason="coco.crowd")
    shape = entry.get("segmentation")
    if isinstance(shape, list) and shape:
        return Shape(number, category, rings=_rings(shape, pointer))
    if isinstance(shape, Mapping) and shape:
        return Shape(number, category, code=_code(shape, pointer))
    if isinstance(entry.get("caption"), str) and entry["caption"].strip():
        return Shape(number, category, caption=entry["caption"].strip())
    if not entry.get("bbox") and entry.get("keypoints"):
        raise FormatError("keypoints without a box or an outline", where=pointer, reason="coco.keypoints")
    return Shape(number, category, box=_box(entry.get("bbox"), pointer))


def as_key(value: Any) -> Key:
    """An id as a key, whatever it is."""
    return value if isinstance(value, str | int | float | None) else str(value)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and _NUMBERS.issuperset(map(type, value))


def _box(value: Any, pointer: str) -> tuple[float, float, float, float]:
    if not _are_numbers(value) or len(value) != 4:
        raise FormatError(f"a box that is not four numbers: {value!r}", where=pointer, reason="box.not_numbers")
    x, y, width, height = map(float, value)
    if width < 0 or height < 0:
        raise FormatError(f"a box of negative size: {value!r}", where=pointer, reason="box.inverted")
    xyxy = x, y, x + width, y + height
    check_box(xyxy, pointer)
    return xyxy


def _rings(value: list[Any], pointer: str) -> "tuple[array[float], ...]":
    found = []
    for ring in value:
        sound = _are_numbers(ring) and len(ring) >= 6 and len(ring) % 2 == 0
        if not sound or not (math.isfinite(sum(ring)) or all(map(math.isfinite, ring))):
            what = "an outline that is no list of three points or more"
            raise FormatError(what, where=pointer, reason="polygon.not_numbers")
        found.append(array("d", ring))
    return tuple(found)


def _code(value: Mapping[str, Any], pointer: str) -> Code:
    from pycocotools import mask as coco

    counts, size = value.get("counts"), value.get("size")
    sound = isinstance(size, list) and len(size) == 2 and _are_numbers(size)
    if not sound or not all(1 <= side <= _LONGEST_SIDE for side in size or ()) or not isinstance(counts, str | list):
        raise FormatError("a run-length code without counts or size", where=pointer, reason="mask.code")
    height, width = (int(side) for side in size or ())
    if isinstance(counts, str):
        return counts, (height, width)
    if not all(type(run) is int and run >= 0 for run in counts) or sum(counts) != height * width:
        raise FormatError("a run-length code that does not fill its picture", where=pointer, reason="mask.code")
    code = coco.frPyObjects({"counts": counts, "size": [height, width]}, height, width)
    return code["counts"].decode("ascii"), (height, width)
