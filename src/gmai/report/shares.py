"""Stacked bars of equal length: what shares of each name fall to which part."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from gmai.report.formats import format_count, format_percent
from gmai.report.svg import INK, MUTED, PAPER, chart, colour, element, label, line, shorten, text_width


def shares(
    rows: Mapping[str, Mapping[str, int]],
    parts: Sequence[str],
    title: str,
    width: int = 720,
    whole: Mapping[str, float] | None = None,
) -> Markup:
    """Draw a bar per name in the order given, cut by ``parts``, with its total.

    Args:
        rows: name to part to count.
        parts: the parts from left to right, one colour each.
        title: what the chart is.
        width: in pixels.
        whole: the share of each part in everything, drawn as lines across all bars.
    """
    wide = width >= 560
    gutter = 230.0 if wide else 0.0
    long = width - 64 - gutter
    step, bar, head = (26, 14, 30) if wide else (40, 10, 30)
    drawn: list[Markup] = [_legend(parts)]
    for place, (name, counts) in enumerate(rows.items()):
        top = head + place * step
        y = top if wide else top + 18
        anchor = {"text_anchor": "end"} if wide else {}
        words = label(gutter - 10 if wide else 0, top + 12, shorten(name, gutter or width), fill=INK, **anchor)
        total = sum(counts.get(part, 0) for part in parts)
        number = label(gutter + long + 8, y + bar - (2.5 if wide else 0.5), format_count(total))
        drawn.append(element("g", words, *_pieces(name, counts, parts, total, (gutter, y, long, bar)), number))
    height = head + step * max(len(rows), 1)
    edge = gutter
    for part in parts[:-1] if whole else ():
        edge += long * (whole or {}).get(part, 0.0)
        drawn.append(line(edge, head - 6, edge, height - (step - bar) / 2, stroke=INK, stroke_dasharray="2 3"))
    said = "; ".join(f"{name}: " + ", ".join(f"{part} {n.get(part, 0)}" for part in parts) for name, n in rows.items())
    return chart(width, height, title, said, drawn)


def _pieces(
    name: str, counts: Mapping[str, int], parts: Sequence[str], total: int, box: tuple[float, float, float, float]
) -> list[Markup]:
    x, y, long, bar = box
    pieces = []
    for place, part in enumerate(parts):
        count = counts.get(part, 0)
        if count:
            span = long * count / total
            words = f"{name}, {part}: {format_count(count)} ({format_percent(count / total)})"
            look = {"fill": colour(place), "fill_opacity": 0.75, "stroke": PAPER, "stroke_width": 1}
            pieces.append(element("rect", element("title", words), x=x, y=y, width=span, height=bar, **look))
            x += span
    return pieces


def _legend(parts: Sequence[str]) -> Markup:
    drawn: list[Markup] = []
    x = 0.0
    for place, part in enumerate(parts):
        drawn.append(element("rect", x=x, y=4, width=11, height=11, rx=2, fill=colour(place), fill_opacity=0.75))
        drawn.append(label(x + 16, 14, part, fill=MUTED))
        x += 32 + text_width(part)
    return element("g", *drawn)
