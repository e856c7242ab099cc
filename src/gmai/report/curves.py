"""Curves over steps, such as the loss: every value as it was, and over it a light running mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from gmai.report.axes import Scale, bottom_axis, left_axis, nice_ticks
from gmai.report.formats import format_number
from gmai.report.svg import INK, MUTED, chart, colour, element, label, shorten

MAX_POINTS = 400


@dataclass(frozen=True)
class Series:
    """A named line of (x, y) points in the order of x."""

    name: str
    points: tuple[tuple[float, float], ...]


def smooth(values: Sequence[float]) -> list[float]:
    """Mean over a window around each value, a twentieth of all wide; at the ends the window is what there is of it."""
    reach = len(values) // 40
    sums = [0.0, *accumulate(values)]
    windows = [(max(0, at - reach), min(len(values), at + reach + 1)) for at in range(len(values))]
    return [(sums[end] - sums[start]) / (end - start) for start, end in windows]


def thin(points: Sequence[tuple[float, float]], most: int = MAX_POINTS) -> list[tuple[float, float]]:
    """At most ``most`` points that keep every peak and dip: the lowest and highest of each of ``most / 2`` runs."""
    if len(points) <= most:
        return list(points)
    runs = most // 2
    kept: list[tuple[float, float]] = []
    for run in range(runs):
        piece = points[run * len(points) // runs : (run + 1) * len(points) // runs]
        kept += sorted({min(piece, key=lambda p: p[1]), max(piece, key=lambda p: p[1])})
    return kept


def curves(
    series: Sequence[Series], title: str, width: int = 400, height: int = 220, x_name: str = "step", first: int = 0
) -> Markup:
    """Draw series on one pair of axes, the vertical one from zero. ``first`` is the colour of the first series."""
    values = [y for one in series for _, y in one.points]
    steps = [x for one in series for x, _ in one.points]
    if not values:
        raise ValueError(f"no points to draw for {title!r}")
    ticks = nice_ticks(min(0.0, *values), max(values), 4)
    left, right, top, bottom = 46, width - 12, 34, height - 26
    across, up = Scale(min(steps), max(steps), left, right), Scale(ticks[0], ticks[-1], bottom, top)
    x_ticks = tuple(tick for tick in nice_ticks(min(steps), max(steps), 4) if min(steps) <= tick <= max(steps))
    parts = [label(4, 15, shorten(title, width - 110, 13), font_size=13, font_weight=600, fill=INK)]
    parts += [left_axis(up, ticks, left, right), bottom_axis(across, x_ticks, bottom, x_name)]
    for place, one in enumerate(series):
        parts.append(_curve(one, across, up, colour(first + place)))
    parts.append(_last(series, width, first))
    said = "; ".join(f"{one.name} from {one.points[0][1]:.3g} to {one.points[-1][1]:.3g}" for one in series)
    return chart(width, height, title, said, parts)


def _last(series: Sequence[Series], width: float, first: int) -> Markup:
    """Where each curve ends; several are told apart by a dash of their colour."""
    words = [Markup("ends at " if len(series) == 1 else "")]
    for place, one in enumerate(series):
        dash = element("tspan", "\u2014 ", fill=colour(first + place), font_weight=700) if len(series) > 1 else ""
        mean = format_number(smooth([y for _, y in one.points])[-1])
        words.append(Markup("{}{}{}").format(", " if place else "", dash, f"{one.name} {mean}".strip()))
    return label(width - 12, 15, Markup("").join(words), text_anchor="end", font_size=13, fill=MUTED)


def _curve(one: Series, across: Scale, up: Scale, tint: str) -> Markup:
    means = smooth([y for _, y in one.points])
    running = [(x, mean) for (x, _), mean in zip(one.points, means, strict=True)]
    return element(
        "g",
        element("title", one.name),
        element("path", d=_path(thin(one.points), across, up), fill="none", stroke=tint, stroke_opacity=0.35),
        element("path", d=_path(thin(running), across, up), fill="none", stroke=tint, stroke_width=2),
        stroke_linejoin="round",
    )


def _path(points: Sequence[tuple[float, float]], across: Scale, up: Scale) -> str:
    return "M" + "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in points)
