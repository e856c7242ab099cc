"""The board as Markdown and as one page: tables, and the tree of each benchmark to unfold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.evaluate.boards.drilling import LEVELS, Place
from gmai.evaluate.boards.entries import Group
from gmai.evaluate.boards.grids import AGAINST, QUOTED, Grid, axis_grids, beside_grid, overall_grid, quoted_grids
from gmai.evaluate.boards.published import Quoted
from gmai.report import (
    Branch,
    Column,
    Page,
    Section,
    Spot,
    drill,
    format_count,
    paragraph,
    plural,
    render_page,
    subheading,
    table,
)

LEAD = (
    "Accuracy with its 95 % interval and number of questions; intervals are clustered by subject. Replies from which "
    "no answer could be read are invalid and count as wrong. Chance is what drawing an answer gets."
)
_CAPTION = "Accuracy (95 % interval, number of questions)"
_DRILL = (
    "Accuracy at every place of the tree, with its 95 % interval in percent. The stroke is the interval on a scale of "
    "0 to 100 %, the mark in it is chance; green lies above chance, red below. Places of few questions say little."
)


@dataclass(frozen=True)
class Shown:
    """Everything on a board."""

    groups: tuple[Group, ...]
    quoted: tuple[Quoted, ...]
    beside: dict[str, tuple[Quoted, ...]]
    """Quoted numbers that stand beside a measured table, by its name."""
    places: dict[str, tuple[Place, ...]]
    """The tree of each measured table whose key is here."""


def write_markdown(shown: Shown) -> str:
    """Every table, in Markdown."""
    parts = ["# Board", "", LEAD, ""]
    for group in shown.groups:
        parts += [f"## {_plain(_title(group))}", ""]
        for grid in (*_top(shown, group), *axis_grids(group.entries)):
            parts += _lines(grid)
    for name, grids in quoted_grids(shown.quoted).items():
        parts += [f"## Quoted: {_plain(name)}", "", QUOTED, "", *(line for grid in grids for line in _lines(grid))]
    return "\n".join(parts)


def write_page(shown: Shown) -> str:
    """The page."""
    sections = [_group_section(number, group, shown) for number, group in enumerate(shown.groups)]
    for number, (name, grids) in enumerate(quoted_grids(shown.quoted).items()):
        body = Markup("").join(_show(grid, "Published numbers") for grid in grids)
        sections.append(Section(f"quoted{number}", f"Quoted: {name}", body, lead=QUOTED))
    told = [f"{group.data}: {plural(group.entries[0].questions, 'question')}" for group in shown.groups]
    return render_page(Page(title="Board", lead=LEAD, sections=tuple(sections), kicker=" · ".join(told)))


def _group_section(number: int, group: Group, shown: Shown) -> Section:
    parts = [_show(grid, _CAPTION) for grid in _top(shown, group)]
    places = shown.places.get(group.data, ())
    if places:
        parts.insert(1, subheading("Down the tree") + _drill(group, places))
    parts += [_show(grid, _CAPTION) for grid in axis_grids(group.entries)]
    return Section(f"table{number}", _title(group), Markup("").join(parts))


def _top(shown: Shown, group: Group) -> list[Grid]:
    beside = [row for row in shown.beside.get(group.data, ()) if (row.axis, row.metric) == ("overall", "accuracy")]
    return [overall_grid(group), *([beside_grid(beside)] if beside else [])]


def _title(group: Group) -> str:
    return f"{group.data} ({format_count(group.entries[0].questions)} questions)"


def _drill(group: Group, places: Sequence[Place]) -> Markup:
    branches = []
    for place in places:
        spots = tuple(Spot(one.accuracy, one.low, one.high, place.chance) for one in place.reached)
        name = place.path[-1] if place.path else "all"
        branches.append(Branch(len(place.path), name, place.level, place.n, spots))
    return drill([entry.label for entry in group.entries], branches, ("all", *LEVELS), _DRILL)


def _show(grid: Grid, caption: str) -> Markup:
    numeric = [any(row[place].sort is not None for row in grid.rows) for place in range(len(grid.header))]
    columns = [Column(name, numeric=at, tight=name == AGAINST) for name, at in zip(grid.header, numeric, strict=True)]
    note = [paragraph(grid.note)] if grid.note else []
    return Markup("").join([subheading(grid.title), *note, table(columns, grid.rows, caption)])


def _lines(grid: Grid) -> list[str]:
    texts = [[f"{cell.text}{f' ({cell.note})' if cell.note else ''}" for cell in row] for row in grid.rows]
    lines = [list(grid.header), ["---"] * len(grid.header), *texts]
    note = [grid.note, ""] if grid.note else []
    return [f"### {grid.title}", "", *note, *("| " + " | ".join(map(_plain, line)) + " |" for line in lines), ""]


def _plain(text: str) -> str:
    """Text in which nothing is markup."""
    return re.sub(r"([\\|<\[\]`*])", r"\\\1", text).replace("\n", " ")
