"""Horizontal bars for counts, longest first or in the order given, each with its number."""

from collections.abc import Mapping

from markupsafe import Markup

from gmai.report.axes import Scale
from gmai.report.formats import format_count
from gmai.report.svg import INK, chart, colour, element, label, shorten


def bars(counts: Mapping[str, int], title: str, width: int = 720, hue: int = 0, *, in_order: bool = False) -> Markup:
    """Draw a bar per name, equal counts in the order of their names; ``in_order`` keeps the order of ``counts``."""
    rows = list(counts.items()) if in_order else sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    wide = width >= 560
    gutter = 230 if wide else 0
    step, bar = (26, 14) if wide else (40, 10)
    scale = Scale(0, max((count for _, count in rows), default=1), gutter, width - 72)
    parts = []
    for place, (name, count) in enumerate(rows):
        top = 6 + place * step
        y = top if wide else top + 18
        long = max(scale(count) - gutter, 1.5)
        rect = element("rect", x=gutter, y=y, width=long, height=bar, rx=2, fill=colour(hue), fill_opacity=0.75)
        anchor = {"text_anchor": "end"} if wide else {}
        words = label(gutter - 10 if wide else 0, top + 12, shorten(name, gutter or width), fill=INK, **anchor)
        number = label(gutter + long + 8, y + bar - 2.5 if wide else y + bar - 0.5, format_count(count))
        parts.append(element("g", element("title", f"{name}: {format_count(count)}"), words, rect, number))
    said = "; ".join(f"{name}: {count}" for name, count in rows)
    return chart(width, max(6 + step * len(rows), step), title, said, parts)
