"""The staircase: accuracy after each stage of training with its interval, over the floors a model must rise above."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.report.axes import Scale, left_axis
from gmai.report.formats import format_count, format_interval, format_percent
from gmai.report.svg import INK, MUTED, PAPER, chart, colour, element, label, line, shorten, spread, text_width, wrap


@dataclass(frozen=True)
class Tread:
    """One stage: accuracy with its 95 % interval over n questions."""

    name: str
    accuracy: float
    low: float
    high: float
    n: int
    note: str = ""
    """What the stage trains; shown where there is room."""


@dataclass(frozen=True)
class Floor:
    """A baseline: a level, with its interval where it was measured (None for chance)."""

    name: str
    accuracy: float
    interval: tuple[float, float] | None = None
    banded: bool = False
    """True draws the interval as a band across the chart: the blind baseline."""


def staircase(treads: Sequence[Tread], floors: Sequence[Floor], title: str, width: int = 720) -> Markup:
    """Draw the stages as treads with whiskers, the baselines as lines named at the right or, if narrow, below."""
    wide = width >= 560
    left, right, top, height = 52 if wide else 44, width - (222 if wide else 6), 26, 360 if wide else 280
    scale = Scale(0.0, 1.0, height, top)
    parts = [left_axis(scale, (0.0, 0.25, 0.5, 0.75, 1.0), left, right, percent=True)]
    parts += [_floor(floor, index, scale, left, right) for index, floor in enumerate(floors)]
    names, bottom = _names(treads, left, right, height, wide)
    key, total = _key_right(floors, scale, right, bottom) if wide else _key_below(floors, left - 44, bottom + 12)
    parts += [_steps(treads, scale, left, right, wide), names, key]
    return chart(width, total, title, _describe(treads, floors), parts)


def _describe(treads: Sequence[Tread], floors: Sequence[Floor]) -> str:
    said = [
        f"{t.name}: {format_percent(t.accuracy)} ({format_interval(t.low, t.high)}, n {format_count(t.n)})"
        for t in treads
    ]
    said += [f"{floor.name}: {format_percent(floor.accuracy)}" for floor in floors]
    return "; ".join(said)


def _floor(floor: Floor, index: int, scale: Scale, left: float, right: float) -> Markup:
    tint = _tint(index)
    band = Markup("")
    if floor.banded and floor.interval:
        low, high = floor.interval
        box = {"x": left, "y": scale(high), "width": right - left, "height": scale(low) - scale(high)}
        band = element("rect", fill=tint, fill_opacity=0.16, **box)
    y = scale(floor.accuracy)
    return band + line(left, y, right, y, stroke=tint, stroke_width=1.5, stroke_dasharray=_dash(floor))


def _tint(index: int) -> str:
    return colour(index + 1)


def _dash(floor: Floor) -> str | None:
    if floor.interval is None:
        return "1.5 4"
    return None if floor.banded else "6 4"


def _steps(treads: Sequence[Tread], scale: Scale, left: float, right: float, wide: bool) -> Markup:
    room = (right - left) / max(len(treads), 1)
    parts = []
    path = ""
    for place, tread in enumerate(treads):
        x, y = left + place * room, scale(tread.accuracy)
        path += f"{'L' if place else 'M'}{x:.1f} {y:.1f}L{x + room:.1f} {y:.1f}"
    parts.append(element("path", d=path or "M0 0", fill="none", stroke=colour(0), stroke_width=2, stroke_opacity=0.55))
    for place, tread in enumerate(treads):
        parts.append(_whisker(tread, left + (place + 0.5) * room, scale, wide))
    return Markup("").join(parts)


def _whisker(tread: Tread, x: float, scale: Scale, wide: bool) -> Markup:
    high, low, y = scale(tread.high), scale(tread.low), scale(tread.accuracy)
    ink = {"stroke": colour(0), "stroke_width": 2}
    said = f"{tread.name}: {format_percent(tread.accuracy)}, 95\u202f% {format_interval(tread.low, tread.high)}"
    above = high - 9 > scale.end + 4
    words = format_percent(tread.accuracy, 1 if wide else 0)
    return element(
        "g",
        element("title", f"{said}, n {format_count(tread.n)}"),
        line(x, high, x, low, **ink),
        line(x - 6, high, x + 6, high, **ink),
        line(x - 6, low, x + 6, low, **ink),
        element("circle", cx=x, cy=y, r=5, fill=colour(0), stroke=PAPER, stroke_width=1.5),
        _halo(x, high - 9 if above else low + 20, words),
    )


def _halo(x: float, y: float, words: str) -> Markup:
    over = {"paint_order": "stroke", "stroke": PAPER, "stroke_width": 4, "stroke_linejoin": "round"}
    return label(x, y, words, text_anchor="middle", font_size=14, font_weight=600, fill=INK, **over)


def _names(treads: Sequence[Tread], left: float, right: float, y: float, wide: bool) -> tuple[Markup, float]:
    room = (right - left) / max(len(treads), 1)
    counts = [f"n\u202f=\u202f{format_count(tread.n)}" for tread in treads]
    notes = [(*(wrap(t.note, room - 8, 2) if wide else ()), n) for t, n in zip(treads, counts, strict=True)]
    deep = max((len(note) for note in notes), default=0)
    slant = any(text_width(tread.name) > room - 4 for tread in treads)
    bottom = y + (26 + 0.5 * max(text_width(tread.name) for tread in treads) if slant else 26 + 16 * deep)
    parts = []
    for place, (tread, note) in enumerate(zip(treads, notes, strict=True)):
        x = left + (place + 0.5) * room
        turned = f"rotate(-35 {x + 5:.1f} {y + 20:.1f})" if slant else None
        anchor = "end" if slant else "middle"
        look = {"fill": INK, "font_weight": 600 if wide else None, "transform": turned, "text_anchor": anchor}
        parts.append(label(x + 5 if slant else x, y + 20, tread.name, **look))
        if not slant:
            parts += [label(x, y + 37 + 16 * i, words, text_anchor="middle") for i, words in enumerate(note)]
    return Markup("").join(parts), bottom + 6


def _key_right(floors: Sequence[Floor], scale: Scale, right: float, bottom: float) -> tuple[Markup, float]:
    levels = [scale(floor.accuracy) for floor in floors]
    parts = []
    for index, (floor, level, y) in enumerate(
        zip(floors, levels, spread(levels, 19, scale.end, scale.start), strict=True)
    ):
        ends = f"M{right + 3:.1f} {level:.1f}L{right + 16:.1f} {y:.1f}L{right + 22:.1f} {y:.1f}"
        parts.append(element("path", d=ends, fill="none", stroke=_tint(index), stroke_width=1.25))
        parts.append(_floor_words(floor, right + 27, y + 4, 194))
    return Markup("").join(parts), bottom


def _key_below(floors: Sequence[Floor], left: float, top: float) -> tuple[Markup, float]:
    parts = []
    for index, floor in enumerate(floors):
        y = top + 14 + 21 * index
        parts.append(line(left, y, left + 24, y, stroke=_tint(index), stroke_width=2, stroke_dasharray=_dash(floor)))
        parts.append(_floor_words(floor, left + 32, y + 4, 300))
    return Markup("").join(parts), top + 14 + 21 * len(floors)


def _floor_words(floor: Floor, x: float, y: float, room: float) -> Markup:
    number = format_percent(floor.accuracy)
    return element(
        "text",
        element(
            "title",
            f"{floor.name}: {number}" + (f", 95\u202f% {format_interval(*floor.interval)}" if floor.interval else ""),
        ),
        element("tspan", number, font_weight=600, fill=INK),
        element("tspan", " " + shorten(floor.name, room - 46), fill=MUTED),
        x=x,
        y=y,
        font_size=13,
    )
