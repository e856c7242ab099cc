"""The sunburst: nested counts as rings, one ring per level, such as modality, department and task.

Inner names stand in their ring; names of the outermost ring stand outside it where the chart is wide enough. Angles
run clockwise from the top; siblings are drawn largest first, equal ones by name.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.report.formats import format_count, format_percent
from gmai.report.svg import INK, MUTED, PAPER, chart, colour, element, label, spread, text_width, wrap

_TINTS = (0.62, 0.40, 0.24)


@dataclass(frozen=True)
class Arc:
    """One piece of a ring; angles in turns from the top."""

    path: tuple[str, ...]
    count: int
    start: float
    end: float
    hue: int


def lay_arcs(counts: Mapping[tuple[str, ...], int]) -> tuple[Arc, ...]:
    """Arcs of all levels for counts by leaf path; every path has the same length."""
    return tuple(_level(counts, (), 0.0, 1.0, None))


def _level(
    counts: Mapping[tuple[str, ...], int], prefix: tuple[str, ...], start: float, end: float, hue: int | None
) -> list[Arc]:
    depth = len(prefix)
    sums: dict[str, int] = {}
    for path, count in counts.items():
        if path[:depth] == prefix and len(path) > depth:
            sums[path[depth]] = sums.get(path[depth], 0) + count
    total = sum(sums.values())
    arcs: list[Arc] = []
    for place, (name, count) in enumerate(sorted(sums.items(), key=lambda item: (-item[1], item[0]))):
        stop = start + (end - start) * count / total if total else start
        arc = Arc((*prefix, name), count, start, stop, place if hue is None else hue)
        arcs += [arc, *_level(counts, arc.path, start, stop, arc.hue)]
        total, start = total - count, stop
    return arcs


def ring_hues(counts: Mapping[tuple[str, ...], int]) -> dict[str, int]:
    """The colour of each name of the innermost ring, for tables beside the chart."""
    return {arc.path[0]: arc.hue for arc in lay_arcs(counts) if len(arc.path) == 1}


def sunburst(
    counts: Mapping[tuple[str, ...], int], title: str, levels: Sequence[str], width: int = 720, unit: str = "samples"
) -> Markup:
    """Draw counts by path, such as ``("CT", "Urology", "Disease Diagnosis"): 40``, as one ring per level."""
    wide = width >= 560
    radius = width * (0.32 if wide else 0.485)
    rings = _rings(radius, len(levels), wide)
    height = 2 * radius + (40 if wide else 6)
    centre = (width / 2, height / 2)
    arcs = lay_arcs(counts)
    total = sum(counts.values())
    outer = [arc for arc in arcs if wide and len(levels) > 1 and len(arc.path) == len(levels)]
    parts = [_piece(arc, rings[len(arc.path) - 1], centre, total) for arc in arcs]
    parts += [
        _inside(arc, rings[len(arc.path) - 1], centre)
        for arc in arcs
        if arc not in outer and (wide or len(arc.path) == 1)
    ]
    parts += _outside(outer, radius, centre, width)
    parts.append(label(centre[0], centre[1] + 2, format_count(total), text_anchor="middle", font_size=21, fill=INK))
    parts.append(label(centre[0], centre[1] + 19, unit, text_anchor="middle"))
    said = "; ".join(f"{' › '.join(arc.path)}: {arc.count}" for arc in arcs if len(arc.path) == len(levels))
    return chart(width, height, title, f"Rings from the middle: {', '.join(levels)}. {said}", parts)


def _rings(radius: float, levels: int, wide: bool) -> list[tuple[float, float]]:
    hole = radius * (0.21 if wide else 0.29)
    weights = [1.0] * levels
    if levels > 1:
        weights = [1.0 if wide else 0.5] * (levels - 1) + [0.24]
        weights[0] = 1.0
    edges = [hole]
    for weight in weights:
        edges.append(edges[-1] + (radius - hole) * weight / sum(weights))
    return list(zip(edges, edges[1:], strict=False))


def _point(centre: tuple[float, float], radius: float, turn: float) -> tuple[float, float]:
    angle = 2 * math.pi * (turn - 0.25)
    return centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)


def _at(centre: tuple[float, float], radius: float, turn: float) -> str:
    x, y = _point(centre, radius, turn)
    return f"{x:.2f} {y:.2f}"


def _piece(arc: Arc, ring: tuple[float, float], centre: tuple[float, float], total: int) -> Markup:
    inner, outer = ring
    # A full turn is cut just short of closing: an SVG arc whose ends meet draws nothing.
    end = min(arc.end, arc.start + 0.99999)
    far = 1 if end - arc.start > 0.5 else 0
    path = (
        f"M{_at(centre, outer, arc.start)}A{outer:.2f} {outer:.2f} 0 {far} 1 {_at(centre, outer, end)}"
        f"L{_at(centre, inner, end)}A{inner:.2f} {inner:.2f} 0 {far} 0 {_at(centre, inner, arc.start)}Z"
    )
    words = f"{' › '.join(arc.path)}: {format_count(arc.count)} ({format_percent(arc.count / total if total else 0)})"
    tint = _TINTS[min(len(arc.path) - 1, len(_TINTS) - 1)]
    look = {"fill": colour(arc.hue), "fill_opacity": tint, "stroke": PAPER, "stroke_width": 1.5}
    return element("path", element("title", words), d=path, class_="arc", **look)


def _inside(arc: Arc, ring: tuple[float, float], centre: tuple[float, float]) -> Markup:
    """The name along the radius, in up to three lines, turned so that it never stands on its head."""
    inner, outer = ring
    radius, middle = (inner + outer) / 2, (arc.start + arc.end) / 2
    arc_px = 2 * math.pi * radius * (arc.end - arc.start)
    rows = wrap(arc.path[-1], outer - inner - 6, min(3, int(arc_px // 15))) if arc_px >= 15 else ()
    if any("…" in row for row in rows):
        return Markup("")
    flip = middle > 0.5
    angle = 360 * middle - 90 + (180 if flip else 0)
    lines = [
        label(
            centre[0] + (-radius if flip else radius),
            centre[1] + (place - (len(rows) - 1) / 2) * 14.5 + 4.5,
            words,
            text_anchor="middle",
            fill=INK,
            pointer_events="none",
        )
        for place, words in enumerate(rows)
    ]
    turned = f"rotate({angle:.2f} {centre[0]:.2f} {centre[1]:.2f})"
    return element("g", *lines, transform=turned) if lines else Markup("")


def _outside(arcs: Sequence[Arc], radius: float, centre: tuple[float, float], width: float) -> list[Markup]:
    """Names of the outer ring, level, left or right of the rings, moved apart where they would overlap."""
    parts = []
    for left in (False, True):
        side = [arc for arc in arcs if ((arc.start + arc.end) / 2 > 0.5) == left]
        side = [arc for arc in side if 2 * math.pi * radius * (arc.end - arc.start) >= 7]
        turns = [(arc.start + arc.end) / 2 for arc in side]
        rooms = [width / 2 - abs(_point(centre, radius + 16, turn)[0] - centre[0]) - 8 for turn in turns]
        long = any(text_width(arc.path[-1]) > room for arc, room in zip(side, rooms, strict=True))
        gap = 32 if long else 18
        heights = spread([_point(centre, radius + 16, turn)[1] for turn in turns], gap, 12, 2 * centre[1] - 12)
        for arc, turn, y in zip(side, turns, heights, strict=True):
            x = _clear_of(centre, radius + 16, turn, y)
            room = (x if left else width - x) - 8
            ends = f"M{_at(centre, radius + 2, turn)}L{x:.2f} {y:.2f}"
            parts.append(element("path", d=ends, fill="none", stroke=MUTED, stroke_opacity=0.6))
            look = {"text_anchor": "end" if left else "start"}
            rows = wrap(arc.path[-1], room, 2)
            parts += [
                label(x + (-4 if left else 4), y + 4.5 + 15 * (place - (len(rows) - 1) / 2), words, **look)
                for place, words in enumerate(rows)
            ]
    return parts


def _clear_of(centre: tuple[float, float], radius: float, turn: float, y: float) -> float:
    """Where a label at height y begins so that it does not touch the circle."""
    wanted = abs(_point(centre, radius, turn)[0] - centre[0])
    nearest = max(0.0, abs(y - centre[1]) - 9)
    reach = max(wanted, math.sqrt(max(0.0, radius**2 - nearest**2)))
    return centre[0] - reach if turn > 0.5 else centre[0] + reach
