"""Regions cut at the edge of their picture; what lies outside or has no extent is an error of that one annotation."""

import math
from dataclasses import replace

from gmai.errors import FormatError
from gmai.types import Box, Polygon

Point = tuple[float, float]


def clip_region(region: Box | Polygon, width: int, height: int) -> Box | Polygon:
    """Cut a box or polygon at the edges of its picture; ``clipped`` tells if anything was cut.

    Raises:
        FormatError: ``box.not_finite``, ``box.inverted``, ``box.degenerate`` (no extent), ``box.outside``; for polygons
            ``polygon.not_finite``, ``polygon.degenerate``, ``polygon.outside``.
    """
    if isinstance(region, Box):
        return _clip_box(region, width, height)
    return _clip_polygon(region, width, height)


def check_box(xyxy: tuple[float, float, float, float], where: str) -> None:
    """Check that a box is one, wherever it lies.

    Raises:
        FormatError: ``box.not_finite``, ``box.inverted`` or ``box.degenerate``.
    """
    x0, y0, x1, y1 = xyxy
    if not all(math.isfinite(edge) for edge in xyxy):
        raise FormatError(f"a box with an edge that is no number: {xyxy}", where=where, reason="box.not_finite")
    if x1 < x0 or y1 < y0:
        raise FormatError(f"a box whose end is before its start: {xyxy}", where=where, reason="box.inverted")
    if x1 == x0 or y1 == y0:
        raise FormatError(f"a box without extent: {xyxy}", where=where, reason="box.degenerate")


def _clip_box(box: Box, width: int, height: int) -> Box:
    check_box(box.xyxy, box.record)
    x0, y0, x1, y1 = box.xyxy
    cut = max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height))
    if cut[0] >= cut[2] or cut[1] >= cut[3]:
        what = f"a box outside its {width} x {height} picture: {box.xyxy}"
        raise FormatError(what, where=box.record, reason="box.outside")
    return box if cut == box.xyxy else replace(box, xyxy=cut, clipped=True)


def _clip_polygon(polygon: Polygon, width: int, height: int) -> Polygon:
    if not all(math.isfinite(value) for ring in polygon.rings for value in ring):
        raise FormatError(
            "an outline with a point that is no number", where=polygon.record, reason="polygon.not_finite"
        )
    if not any(_area(ring) > 0 for ring in polygon.rings):
        raise FormatError("an outline without extent", where=polygon.record, reason="polygon.degenerate")
    if all(0 <= x <= width for ring in polygon.rings for x in ring[0::2]) and all(
        0 <= y <= height for ring in polygon.rings for y in ring[1::2]
    ):
        return polygon
    rings = tuple(cut for ring in polygon.rings if _area(cut := _clip_ring(ring, width, height)) > 0)
    if not rings:
        what = f"an outline outside its {width} x {height} picture"
        raise FormatError(what, where=polygon.record, reason="polygon.outside")
    return replace(polygon, rings=rings, clipped=True)


def _clip_ring(ring: tuple[float, ...], width: int, height: int) -> tuple[float, ...]:
    """Sutherland and Hodgman's re-entrant clipping (1974) at the four edges in turn."""
    points = list(zip(ring[0::2], ring[1::2], strict=True))
    for axis, edge, sign in ((0, 0.0, 1), (0, float(width), -1), (1, 0.0, 1), (1, float(height), -1)):
        points = _clip_edge(points, axis, edge, sign)
    return tuple(value for point in points for value in point)


def _clip_edge(points: list[Point], axis: int, edge: float, sign: int) -> list[Point]:
    kept: list[Point] = []
    for before, point in zip(points[-1:] + points[:-1], points, strict=True):
        inside, was_inside = (point[axis] - edge) * sign >= 0, (before[axis] - edge) * sign >= 0
        if inside != was_inside:
            part = (edge - before[axis]) / (point[axis] - before[axis])
            other = before[1 - axis] + part * (point[1 - axis] - before[1 - axis])
            kept.append((edge, other) if axis == 0 else (other, edge))
        if inside:
            kept.append(point)
    return kept


def _area(ring: tuple[float, ...]) -> float:
    xs, ys = ring[0::2], ring[1::2]
    return abs(sum(xs[i - 1] * ys[i] - xs[i] * ys[i - 1] for i in range(len(xs)))) / 2
