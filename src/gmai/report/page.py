"""A self-contained page: sections with figures and tables, styles and pictures inside, nothing fetched from anywhere.

The page's own policy forbids the browser to load anything, so a page can be archived, mailed and opened years later.
Every section carries beside its markup the numbers it shows, for the JSON twin.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gmai.report import formats

WIDE, NARROW = 840, 330
"""Widths in pixels at which a figure is drawn: for a screen or paper, and for a phone."""

_SCRIPTS = ("sort.js", "drill.js")


@dataclass(frozen=True)
class Section:
    """A part of the page; ``data`` holds the numbers it shows."""

    id: str
    title: str
    body: Markup
    lead: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tile:
    """A key figure: the number, what it is, and a remark such as its interval."""

    value: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class Page:
    """Everything on a page. ``statements`` stand at the top where nobody can miss them."""

    title: str
    lead: str
    sections: tuple[Section, ...]
    kicker: str = ""
    statements: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    foot: str = ""


@cache
def _templates() -> Environment:
    loader = PackageLoader("gmai.report", "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(count=formats.format_count, percent=formats.format_percent)
    return made


def render(template: str, **values: Any) -> Markup:
    """Fill one of the room's templates; every value that is not markup is escaped."""
    return Markup(_templates().get_template(template).render(**values))


def render_page(page: Page) -> str:
    """The whole page as HTML; the same page gives the same text."""
    folder = files("gmai.report") / "templates"
    style = Markup((folder / "style.css").read_text(encoding="utf-8"))
    script = Markup("").join(Markup((folder / name).read_text(encoding="utf-8")) for name in _SCRIPTS)
    return str(render("page.html", page=page, style=style, script=script))


def page_data(page: Page) -> dict[str, Any]:
    """The numbers of a page as plain data, section by section."""
    return {
        "title": page.title,
        "statements": list(page.statements),
        "tiles": [{"name": tile.name, "value": tile.value, "note": tile.note} for tile in page.tiles],
        "sections": {section.id: dict(section.data) for section in page.sections},
    }


def figure(draw: Callable[[int], Markup], caption: str | Markup) -> Markup:
    """A numbered figure: ``draw`` is called with both widths, and the page shows the one that fits."""
    return render("figure.html", wide=draw(WIDE), narrow=draw(NARROW), caption=caption)


def figure_grid(charts: tuple[Markup, ...], caption: str | Markup) -> Markup:
    """A numbered figure of several small charts side by side, one below the other on a phone."""
    return render("figure_grid.html", charts=charts, caption=caption)


def paragraph(text: str | Markup) -> Markup:
    """A paragraph of text."""
    return Markup("<p>{}</p>").format(text)


def subheading(text: str) -> Markup:
    """A heading inside a section."""
    return Markup("<h3>{}</h3>").format(text)
