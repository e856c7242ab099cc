"""A table that unfolds: places of a tree, each with what several rows reached there, opened by a click or a key.

Without a script every place is shown. With it the table opens to the first level, sorts siblings by any column, and a
field finds places by any part of their name, with all that lies above them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.report.page import render


@dataclass(frozen=True)
class Spot:
    """One number of a place with its interval and what guessing would give, all shares."""

    value: float
    low: float
    high: float
    chance: float

    @property
    def style(self) -> str:
        """Where the stroke and its mark lie, in percent of the cell."""
        return f"--l:{100 * self.low:.1f};--h:{100 * self.high:.1f};--c:{100 * self.chance:.1f}"

    @property
    def side(self) -> str:
        """Whether the whole interval is above or below chance."""
        return "above" if self.low > self.chance else "below" if self.high < self.chance else ""


@dataclass(frozen=True)
class Branch:
    """One place: how deep it lies, and a spot for each column (None: nothing known)."""

    depth: int
    name: str
    level: str
    n: int
    spots: tuple[Spot | None, ...]


def drill(columns: Sequence[str], branches: Sequence[Branch], levels: Sequence[str], caption: str) -> Markup:
    """A table of places, each before those below it.

    Args:
        columns: names of the numbers.
        branches: the places.
        levels: names of the levels from 0.
        caption: what is shown.

    Raises:
        ValueError: a place with another number of spots than columns, or deeper than the one before allows.
    """
    depth = -1
    for branch in branches:
        if len(branch.spots) != len(columns) or not 0 <= branch.depth <= depth + 1:
            raise ValueError(f"{branch.name!r} has no place in the table {caption!r}")
        depth = branch.depth
    following = [*(branch.depth for branch in branches[1:]), 0]
    rows = [(branch, below > branch.depth) for branch, below in zip(branches, following, strict=False)]
    return render("drill.html", columns=columns, rows=rows, levels=levels, caption=caption)
