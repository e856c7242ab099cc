"""The few lines of SVG every chart is written with: elements, text, and a chart that says in words what it shows.

Charts are inline in a page, so they take its colours from CSS variables (each with a fallback, so that a chart also
stands alone) and its type from the page. Numbers are rounded, so the same data gives the same bytes.
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from gmai.base import hash_bytes
from gmai.report.formats import trim

INK, MUTED, RULE, PAPER = "var(--ink,#1c2430)", "var(--muted,#5b6573)", "var(--rule,#d9dde3)", "var(--paper,#fff)"
_FALLBACK = ("#2f5d8a", "#b4562f", "#2b8577", "#8a4a80", "#8a7a1f", "#4f8fc0", "#a33b4e", "#5c7a3a")


def colour(index: int) -> str:
    """Colour of series ``index`` of the page's palette; it starts again after eight."""
    place = index % len(_FALLBACK)
    return f"var(--c{place + 1},{_FALLBACK[place]})"


def element(name: str, *children: str, **attributes: object) -> Markup:
    """One SVG element; ``stroke_width`` becomes ``stroke-width``, ``class_`` becomes ``class``, None is left out.

    Children that are not markup are escaped.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is not None:
            shown = trim(value) if isinstance(value, int | float) else str(value)
            parts.append(f'{key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    inside = "".join(str(escape(child)) for child in children)
    opening = " ".join(parts)
    return Markup(f"<{opening}>{inside}</{name}>" if inside else f"<{opening}/>")


def label(x: float, y: float, words: str, **attributes: object) -> Markup:
    """Text at (x, y), by default 13 px, muted, starting at x."""
    given: dict[str, object] = {"font_size": 13, "fill": MUTED, **attributes}
    return element("text", words, x=x, y=y, **given)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: object) -> Markup:
    """A straight line, by default a hair of the rule colour."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **{"stroke": RULE, "stroke_width": 1, **attributes})


def chart(width: float, height: float, title: str, description: str, children: Iterable[str]) -> Markup:
    """A whole chart: an image to assistive software, with its title and a description of what it shows."""
    body = Markup("").join(children)
    name = "g" + hash_bytes(f"{title}|{description}|{width}|{body}".encode())[:10]
    return element(
        "svg",
        element("title", title, id=f"{name}t"),
        element("desc", description, id=f"{name}d"),
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {trim(width)} {trim(height)}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{name}t {name}d",
    )


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move heights of labels apart, in their order, to be ``gap`` apart and, where there is room, in low … high.

    No other placing moves them less (least squares, by pooling neighbours that would overlap).
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    blocks: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        mean, size = wanted[index] - rank * gap, 1
        while blocks and blocks[-1][0] >= mean:
            before, count = blocks.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        blocks.append((mean, size))
    top = max(low, high - (len(order) - 1) * gap)
    starts = [min(max(mean, low), top) for mean, size in blocks for _ in range(size)]
    placed = [0.0] * len(order)
    for rank, (index, start) in enumerate(zip(order, starts, strict=True)):
        placed[index] = start + rank * gap
    return placed


def text_width(words: str, size: float = 13) -> float:
    """Roughly how many pixels a line of text takes, for deciding whether a label fits."""
    narrow = sum(words.count(letter) for letter in "iljtfrI.,:;'|()[] ")
    wide = sum(words.count(letter) for letter in "mwMW%@")
    return size * (0.56 * len(words) - 0.26 * narrow + 0.26 * wide)


def shorten(words: str, room: float, size: float = 13) -> str:
    """Cut a label with an ellipsis so that it takes at most ``room`` pixels; empty if not even three letters fit."""
    if text_width(words, size) <= room:
        return words
    kept = words
    while len(kept) > 3 and text_width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…" if len(kept) > 3 else ""


def wrap(words: str, room: float, lines: int, size: float = 13) -> tuple[str, ...]:
    """Break a label into at most ``lines`` lines of ``room`` pixels; the last is cut if it must be."""
    rows: list[str] = []
    for word in words.split():
        if rows and (text_width(f"{rows[-1]} {word}", size) <= room or len(rows) == lines):
            rows[-1] = f"{rows[-1]} {word}"
        else:
            rows.append(word)
    cut = tuple(shorten(row, room, size) for row in rows)
    return cut if all(cut) else ()
