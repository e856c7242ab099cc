"""Axes: ticks at round numbers, and the map from values to pixels."""

import math
from dataclasses import dataclass

from markupsafe import Markup

from gmai.report.formats import format_count
from gmai.report.svg import MUTED, label, line


@dataclass(frozen=True)
class Scale:
    """A straight map from values ``low`` … ``high`` to pixels ``start`` … ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        span = self.high - self.low or 1.0
        return self.start + (value - self.low) / span * (self.end - self.start)


def nice_ticks(low: float, high: float, count: int = 5) -> tuple[float, ...]:
    """About ``count`` round numbers (1, 2 or 5 times a power of ten apart) from at or below low to at or above high."""
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"an axis needs finite ends, not {low} and {high}")
    if high <= low:
        high = low + 1.0
    rough = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(factor for factor in (1, 2, 5, 10) if rough <= factor * power * (1 + 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(number * step, 10) for number in range(first, last + 1))


def tick_text(value: float) -> str:
    """A tick's number, as short as it can be."""
    if abs(value) >= 1000:
        return format_count(value)
    return f"{value:g}"


def left_axis(scale: Scale, ticks: tuple[float, ...], left: float, right: float, *, percent: bool = False) -> Markup:
    """Hair lines across the chart with their numbers on the left."""
    parts = []
    for tick in ticks:
        y = scale(tick)
        words = f"{100 * tick:.0f}\u202f%" if percent else tick_text(tick)
        parts.append(line(left, y, right, y))
        parts.append(label(left - 8, y + 4, words, text_anchor="end", fill=MUTED))
    return Markup("").join(parts)


def bottom_axis(scale: Scale, ticks: tuple[float, ...], y: float, name: str) -> Markup:
    """Small marks with their numbers below, and the axis's name at the right end."""
    parts = [line(scale.start, y, scale.end, y, stroke=MUTED)]
    for place, tick in enumerate(ticks):
        x = scale(tick)
        last = place == len(ticks) - 1
        words = f"{name} {tick_text(tick)}" if last and name else tick_text(tick)
        parts.append(line(x, y, x, y + 4, stroke=MUTED))
        parts.append(label(x, y + 18, words, text_anchor="end" if last else "middle" if place else "start"))
    return Markup("").join(parts)
