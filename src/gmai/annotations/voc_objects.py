"""The objects of a VOC file: boxes, outlines where the file has them, parts of objects, and their flags."""

import math
from collections.abc import Iterator

from gmai.annotations.clip import check_box
from gmai.annotations.item import reject
from gmai.annotations.paths import name_label
from gmai.annotations.xml_file import Element
from gmai.errors import FormatError
from gmai.types import Box, Polygon, Reject, SourceCard

EDGES = ("xmin", "ymin", "xmax", "ymax")
FLAGS = ("difficult", "truncated", "occluded", "crowd")
"""What a file may say of an object; what it says is kept behind the pointer to it."""


def read_objects(
    root: Element, path: str, card: SourceCard, first_pixel: int
) -> tuple[list[Box | Polygon], list[Reject], tuple[str, ...]]:
    """The objects of an annotation that hold, a reject for each that does not, and the labels of those."""
    found: list[Box | Polygon] = []
    rejects: list[Reject] = []
    unsure: list[str] = []
    for pointer, node in _nodes(root, path):
        try:
            found.append(_read_object(node, pointer, card, first_pixel))
        except FormatError as error:
            rejects.append(reject(pointer, error.reason, str(error), unit="annotation"))
            if error.reason not in {"annotation.no_label", "voc.deleted"}:
                unsure.append(name_label(card, (node.findtext("name") or "").strip()).name)
    return found, rejects, tuple(dict.fromkeys(unsure))


def _nodes(root: Element, path: str) -> Iterator[tuple[str, Element]]:
    mark = "&" if "#" in path else "#"
    for number, node in enumerate(root.iter("object")):
        pointer = f"{path}{mark}object={number}"
        yield pointer, node
        for part, below in enumerate(node.findall("part")):
            yield f"{pointer}&part={part}", below


def _read_object(node: Element, pointer: str, card: SourceCard, first_pixel: int) -> Box | Polygon:
    raw = (node.findtext("name") or "").strip()
    if not raw:
        raise FormatError("an object without a name", where=pointer, reason="annotation.no_label")
    if (node.findtext("deleted") or "").strip() == "1":
        raise FormatError("an object that was deleted", where=pointer, reason="voc.deleted")
    label = name_label(card, raw).name
    told = "&".join([pointer, *(f"{flag}=1" for flag in FLAGS if (node.findtext(flag) or "").strip() in {"1", "True"})])
    ring = _outline(node, pointer)
    if ring:
        return Polygon(label=label, rings=(tuple(edge - first_pixel for edge in ring),), record=told, raw=raw)
    x0, y0, x1, y1 = _numbers([node.findtext(f"bndbox/{tag}") for tag in EDGES], "box", pointer)
    xyxy = x0 - first_pixel, y0 - first_pixel, x1, y1
    check_box(xyxy, pointer)
    return Box(label=label, xyxy=xyxy, record=told, raw=raw)


def _outline(node: Element, pointer: str) -> list[float]:
    """The outline of an object, as ``polygon`` of points or numbered edges, or a turned box; empty if it has none."""
    turned = node.find("robndbox")
    if turned is not None:
        return _corners(_numbers([turned.findtext(tag) for tag in ("cx", "cy", "w", "h", "angle")], "box", pointer))
    polygon = node.find("polygon")
    if polygon is None or not len(polygon):
        return []
    points = polygon.findall("pt") or polygon.findall("point")
    texts = [point.findtext(axis) for point in points for axis in ("x", "y")]
    number = 1
    while not points and (polygon.find(f"x{number}") is not None or polygon.find(f"y{number}") is not None):
        texts += [polygon.findtext(f"{axis}{number}") for axis in ("x", "y")]
        number += 1
    ring = _numbers(texts, "polygon", pointer)
    if len(ring) < 6:
        raise FormatError("an outline of fewer than three points", where=pointer, reason="polygon.not_numbers")
    return ring


def _corners(turned: list[float]) -> list[float]:
    x, y, wide, high, angle = turned
    cos, sin = math.cos(angle), math.sin(angle)
    corners = ((-wide, -high), (wide, -high), (wide, high), (-wide, high))
    return [edge for dx, dy in corners for edge in (x + (dx * cos - dy * sin) / 2, y + (dx * sin + dy * cos) / 2)]


def _numbers(texts: list[str | None], what: str, pointer: str) -> list[float]:
    try:
        return [float(text or "") for text in texts]
    except ValueError:
        raise FormatError(f"a {what} that is not numbers", where=pointer, reason=f"{what}.not_numbers") from None
