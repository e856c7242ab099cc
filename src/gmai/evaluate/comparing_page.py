"""The page of a comparison: every node with both accuracies, the paired difference and its corrected p."""

from collections.abc import Sequence

from markupsafe import Markup

from gmai.evaluate.comparing import LEVEL, Comparison, Difference, format_p
from gmai.report import Cell, Column, Page, Section, Tile, count_cell, render_page, share_cell, table

_COLUMNS = ("node", "n", "clusters", "A", "B", "B − A", "95 % interval", "A only", "B only", "p", "p (Holm)", "McNemar")
_LEAD = (
    "The same questions, answered by both. The interval is of the paired difference and robust to subjects; p is of a "
    "permutation test that swaps the runs for whole subjects, corrected by Holm for all nodes tested. McNemar's test "
    "takes questions as independent, and is too sure where they are not."
)


def comparison_page(found: Comparison) -> str:
    """The whole page as HTML."""
    axes: dict[str, list[Difference]] = {}
    for one in found.nodes:
        axes.setdefault(one.axis, []).append(one)
    parts = enumerate(axes.items())
    sections = [Section(f"axis{place}", axis.capitalize(), _table(axis, rows)) for place, (axis, rows) in parts]
    whole = found.nodes[0]
    said = (
        f"{found.corrected} of {found.tested} nodes differ after correction. Without it {found.below} have p below "
        f"{LEVEL}; {found.by_chance:g} would by chance alone."
    )
    tiles = (
        Tile(f"{100 * whole.a:.1f} %", f"A: {found.a}"),
        Tile(f"{100 * whole.b:.1f} %", f"B: {found.b}"),
        Tile(f"{100 * whole.difference:+.1f}", "points, B − A", f"{100 * whole.low:+.1f} to {100 * whole.high:+.1f}"),
    )
    page = Page(
        title=f"{found.a} beside {found.b}",
        lead=_LEAD,
        sections=tuple(sections),
        kicker=f"{whole.n} questions, {whole.clusters} clusters",
        statements=(said,),
        tiles=tiles,
    )
    return render_page(page)


def _table(axis: str, rows: Sequence[Difference]) -> Markup:
    columns = [Column(name, numeric=place > 0) for place, name in enumerate(_COLUMNS)]
    return table(columns, [_row(one) for one in rows], f"By {axis}: accuracy of both and their paired difference")


def _row(one: Difference) -> tuple[Cell, ...]:
    few = " (few)" if one.few else ""
    return (
        Cell(one.node),
        count_cell(one.n),
        Cell(f"{one.clusters}{few}", sort=one.clusters),
        share_cell(one.a),
        share_cell(one.b),
        Cell(f"{100 * one.difference:+.1f}", sort=one.difference),
        Cell(f"{100 * one.low:+.1f} to {100 * one.high:+.1f}", sort=one.low),
        count_cell(one.only_a),
        count_cell(one.only_b),
        *(Cell(format_p(p), sort=p) for p in (one.p, one.holm, one.mcnemar)),
    )
