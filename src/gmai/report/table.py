"""Tables of numbers: right-aligned, sortable by a click or the keyboard, readable on a phone by scrolling sideways."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.report.formats import format_count, format_interval, format_percent
from gmai.report.page import render
from gmai.report.svg import colour


@dataclass(frozen=True)
class Column:
    """A column: its name, and whether it holds numbers."""

    name: str
    numeric: bool = False
    note: str = ""
    """A remark in small type below."""
    tight: bool = False
    """True never breaks its cells into lines."""

    @property
    def look(self) -> str:
        """CSS classes of the column's cells."""
        return " ".join(name for name, given in (("number", self.numeric), ("tight", self.tight)) if given)


@dataclass(frozen=True)
class Cell:
    """What a cell shows and what it is sorted by; ``swatch`` is the place of a colour in the palette."""

    text: str
    sort: float | None = None
    swatch: int | None = None
    note: str = ""
    """A remark in small type below."""

    @property
    def colour(self) -> str:
        """CSS colour of the swatch."""
        return colour(self.swatch or 0)


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]], caption: str, *, sortable: bool = True
) -> Markup:
    """A table; the first cell of each row is its heading.

    Raises:
        ValueError: a row that is not as long as the columns.
    """
    made = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    if any(len(row) != len(columns) for row in made):
        raise ValueError(f"a row of the table {caption!r} does not have {len(columns)} cells")
    return render("table.html", columns=columns, rows=made, caption=caption, sortable=sortable)


def count_cell(value: int) -> Cell:
    """A whole number."""
    return Cell(format_count(value), sort=float(value))


def share_cell(share: float) -> Cell:
    """A percentage."""
    return Cell(format_percent(share), sort=share)


def interval_cell(low: float, high: float) -> Cell:
    """An interval in figures, sorted by its lower end."""
    return Cell(format_interval(low, high), sort=low)
