"""Outlines drawn on slides: ASAP's XML (Camelyon) and GeoJSON (QuPath), in pixels of the finest level."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gmai.annotations.item import reject
from gmai.annotations.json_members import iter_members
from gmai.annotations.paths import name_label
from gmai.annotations.xml_file import Element, local_name, read_xml
from gmai.base import loads
from gmai.errors import FormatError
from gmai.types import Polygon, Reject, SourceCard

_AREAS = frozenset({"polygon", "spline", "rectangle"})
_LEAST_POINTS = 3


@dataclass(frozen=True, slots=True)
class Outline:
    """One area: rings whose inside it is, and rings that are cut out of it."""

    polygon: Polygon
    holes: tuple[tuple[float, ...], ...] = ()


@dataclass(slots=True)
class Outlines:
    """What a file outlines on a slide."""

    areas: list[Outline] = field(default_factory=list)
    lost: list[Reject] = field(default_factory=list)
    """A reject for each annotation that is no area, or cannot be read."""

    @property
    def count(self) -> int:
        """How many annotations the file holds."""
        return len(self.areas) + len(self.lost)


def read_outlines(path: Path, shown: str, card: SourceCard, label: str | None = None) -> Outlines:
    """Read the outlines of a slide.

    Args:
        path: ``.xml`` of ASAP, or ``.geojson`` or ``.json`` of QuPath.
        shown: what to call it in pointers and errors.
        card: names the labels.
        label: raw label of outlines that have none; None: they are rejects.

    Raises:
        FormatError: as :func:`read_xml`; ``outlines.layout``, ``json.invalid``.
    """
    found = Outlines()
    read, take = (_iter_asap, _take_asap) if path.suffix.lower() == ".xml" else (_iter_geojson, _take_feature)
    for number, each in enumerate(read(path, shown)):
        pointer = f"{shown}#annotation={number}"
        try:
            raw, rings, holes = take(each)
            raw = raw or label or ""
            if not raw:
                raise FormatError("an outline without a class", where=pointer, reason="outline.no_label")
            for ring in (*rings, *holes):
                _check(ring, pointer)
        except FormatError as error:
            found.lost.append(reject(pointer, error.reason, str(error), unit="annotation"))
            continue
        polygon = Polygon(label=name_label(card, raw).name, rings=rings, record=pointer, raw=raw)
        found.areas.append(Outline(polygon, holes))
    return found


Ring = tuple[float, ...]
Taken = tuple[str, tuple[Ring, ...], tuple[Ring, ...]]
"""Raw label, rings, holes."""


def _check(ring: Ring, pointer: str) -> None:
    if len(ring) < 2 * _LEAST_POINTS:
        raise FormatError("an outline of fewer than three points", where=pointer, reason="polygon.degenerate")
    if not all(math.isfinite(value) for value in ring):
        raise FormatError("an outline with a point that is no number", where=pointer, reason="polygon.not_finite")


def _take_asap(element: Element) -> Taken:
    kind = str(element.get("Type", "Polygon")).lower()
    if kind not in _AREAS:
        raise FormatError(f"an annotation of type {kind}, which has no area", reason="outline.kind")
    group = str(element.get("PartOfGroup", ""))
    raw = group if group not in {"", "None"} else str(element.get("Name", ""))
    points = [each for each in element.iter() if local_name(each) == "Coordinate"]
    try:
        points.sort(key=lambda point: int(point.get("Order", "0")))
        ring = tuple(float(point.get(axis)) for point in points for axis in ("X", "Y"))
    except (TypeError, ValueError):
        raise FormatError("a coordinate that is no number", reason="outline.coordinates") from None
    return raw, (ring,), ()


def _iter_asap(path: Path, shown: str) -> Iterator[Element]:
    root = read_xml(path, shown)
    if local_name(root) != "ASAP_Annotations":
        what = f"the XML begins with {local_name(root)}, not ASAP_Annotations"
        raise FormatError(what, where=shown, reason="outlines.layout")
    yield from (each for each in root.iter() if local_name(each) == "Annotation")


def _take_feature(feature: Any) -> Taken:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise FormatError(f"a geometry of type {kind}, which has no area", reason="outline.kind")
    places: Any = geometry["coordinates"] if geometry and "coordinates" in geometry else []
    try:
        parts = [places] if kind == "Polygon" else list(places)
        rings = tuple(_ring(part[0]) for part in parts)
        holes = tuple(_ring(hole) for part in parts for hole in part[1:])
    except (TypeError, ValueError, IndexError):
        raise FormatError("coordinates that are no rings of points", reason="outline.coordinates") from None
    return _class_of(feature), rings, holes


def _ring(points: Iterable[Any]) -> Ring:
    return tuple(float(value) for point in points for value in (point[0], point[1]))


def _class_of(feature: dict[str, Any]) -> str:
    said = feature.get("properties")
    if not isinstance(said, dict):
        return ""
    found = said.get("classification") or said.get("name") or ""
    found = found.get("name") or ": ".join(map(str, found.get("names") or ())) if isinstance(found, dict) else found
    return found if isinstance(found, str) else ""


def _iter_geojson(path: Path, shown: str) -> Iterator[Any]:
    with path.open("rb") as file:
        first = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if first == b"[":
        features = loads(path.read_bytes(), where=shown)
        yield from features if isinstance(features, list) else ()
        return
    single: dict[str, Any] = {}
    for name, value in iter_members(path, shown):
        if name == "features":
            yield value
        else:
            single[name] = value
    if single.get("type") == "Feature":
        yield single
    elif single.get("type") != "FeatureCollection":
        raise FormatError("no features of GeoJSON", where=shown, reason="outlines.layout")
