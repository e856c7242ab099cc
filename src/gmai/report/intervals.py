"""A forest plot: accuracy with its interval for every node of a tree, on one axis, beside chance."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.report.axes import Scale
from gmai.report.formats import format_count, format_interval, format_percent
from gmai.report.svg import INK, MUTED, PAPER, RULE, chart, colour, element, label, line, shorten


@dataclass(frozen=True)
class Node:
    """One row: accuracy over n questions with its 95 % interval, and what guessing would give."""

    group: str
    name: str
    accuracy: float
    low: float
    high: float
    n: int
    chance: float


def forest(nodes: Sequence[Node], title: str, width: int = 720) -> Markup:
    """Draw nodes in their order under a heading per group; the grey stroke in each row is chance."""
    wide = width >= 560
    left, right = (250.0, width - 118.0) if wide else (6.0, width - 56.0)
    scale = Scale(0.0, 1.0, left, right)
    parts: list[Markup] = []
    y, group = 8.0, ""
    for node in nodes:
        if node.group != group:
            group, y = node.group, y + (34 if parts else 8)
            parts.append(label(0, y, group, font_size=13, font_weight=600, fill=INK))
            y += 0 if wide else 4
        y += 24 if wide else 40
        parts.append(_row(node, y, scale, width, wide))
    ruled = [_grid(scale, tick, y + 14) for tick in (0.0, 0.25, 0.5, 0.75, 1.0)]
    said = "; ".join(
        f"{n.group} {n.name}: {format_percent(n.accuracy)} ({format_interval(n.low, n.high)}, n {n.n})" for n in nodes
    )
    return chart(width, y + 36, title, said, [*ruled, *parts])


def _grid(scale: Scale, tick: float, bottom: float) -> Markup:
    x = scale(tick)
    anchor = "start" if tick == 0 else "end" if tick == 1 else "middle"
    words = label(x, bottom + 17, f"{100 * tick:.0f}\u202f%", text_anchor=anchor, font_size=13)
    return line(x, 26, x, bottom, stroke=RULE) + words


def _row(node: Node, y: float, scale: Scale, width: float, wide: bool) -> Markup:
    ink = {"stroke": colour(0), "stroke_width": 2}
    mark = y - 4 if wide else y
    chance = scale(node.chance)
    words = f"{format_percent(node.accuracy)}, 95\u202f% {format_interval(node.low, node.high)}"
    return element(
        "g",
        element("title", f"{node.name}: {words}, n {format_count(node.n)}, chance {format_percent(node.chance)}"),
        label(238 if wide else 0, y if wide else y - 13, _shown(node, wide, width), fill=INK, text_anchor=_end(wide)),
        line(chance, mark - 6, chance, mark + 6, stroke=MUTED, stroke_width=2, stroke_opacity=0.6),
        line(scale(node.low), mark, scale(node.high), mark, **ink),
        element("circle", cx=scale(node.accuracy), cy=mark, r=4.5, fill=colour(0), stroke=PAPER, stroke_width=1.5),
        label(width, mark + 4, _numbers(node, wide), text_anchor="end", font_size=13),
    )


def _end(wide: bool) -> str:
    return "end" if wide else "start"


def _shown(node: Node, wide: bool, width: float) -> str:
    if wide:
        return shorten(node.name, 222)
    return shorten(node.name, width - 90) + f"  ·  n {format_count(node.n)}"


def _numbers(node: Node, wide: bool) -> str:
    share = format_percent(node.accuracy)
    return f"{share}  ·  n {format_count(node.n)}" if wide else share
