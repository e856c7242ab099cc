"""The long tail: counts in the order of their size, on a logarithmic axis, so that the rare ones can be seen."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from gmai.report.axes import Scale, bottom_axis, nice_ticks
from gmai.report.curves import MAX_POINTS
from gmai.report.formats import format_count, plural
from gmai.report.svg import MUTED, chart, colour, element, label, line

HEIGHT = 300


def tail(counts: Sequence[int], title: str, width: int = 720, few: int = 10, unit: str = "samples") -> Markup:
    """Draw counts of 1 and more by rank; those below ``few`` stand in another colour.

    Raises:
        ValueError: nothing to draw, or a count below 1.
    """
    ranked = sorted(counts, reverse=True)
    if not ranked or ranked[-1] < 1:
        raise ValueError(f"no counts of 1 and more to draw for {title!r}")
    left, right, top, bottom = 62.0, width - 12.0, 30.0, HEIGHT - 26.0
    powers = range(math.ceil(math.log10(ranked[0])) + 1) if ranked[0] > 1 else range(2)
    up = Scale(-0.12, powers[-1], bottom, top)
    across = Scale(0, len(ranked), left, right)
    parts = [label(0, 15, f"{unit}, each line ten times the one below")]
    for power in powers:
        y = up(power)
        parts += [line(left, y, right, y), label(left - 8, y + 4, format_count(10**power), text_anchor="end")]
    ticks = tuple(tick for tick in nice_ticks(0, len(ranked), 4) if tick <= len(ranked))
    parts.append(bottom_axis(across, ticks, bottom, "rank"))
    common = sum(count >= few for count in ranked)
    parts += [_area(ranked, 0, common, across, up, 0), _area(ranked, common, len(ranked), across, up, 1)]
    if common < len(ranked):
        parts.append(_rare(len(ranked) - common, few, across(common), (top, bottom, right)))
    said = (
        f"{plural(len(ranked), 'name')}, from {format_count(ranked[0])} to {format_count(ranked[-1])} {unit}; "
        f"{len(ranked) - common} with fewer than {few}"
    )
    return chart(width, HEIGHT, title, said, parts)


def _area(ranked: Sequence[int], start: int, stop: int, across: Scale, up: Scale, hue: int) -> Markup:
    """Columns side by side, equal neighbours as one, at most :data:`MAX_POINTS` of them."""
    if start == stop:
        return Markup("")
    step = max(1, len(ranked) // MAX_POINTS)
    floor = up.start
    path = f"M{across(start):.1f} {floor:.1f}"
    for place in range(start, stop, step):
        end = min(place + step, stop)
        if end < stop and ranked[min(end, stop - 1)] == ranked[place]:
            continue
        path += f"V{up(math.log10(ranked[place])):.1f}H{across(end):.1f}"
    return element("path", d=f"{path}V{floor:.1f}Z", fill=colour(hue), fill_opacity=0.75)


def _rare(names: int, few: int, x: float, box: tuple[float, float, float]) -> Markup:
    top, bottom, right = box
    words = f"{plural(names, 'name')} below {few}"
    near = x > right - 160
    anchor = {"text_anchor": "end"} if near else {}
    mark = line(x, top, x, bottom, stroke=MUTED)
    return element("g", mark, label(x - 6 if near else x + 6, top + 15, words, **anchor))
