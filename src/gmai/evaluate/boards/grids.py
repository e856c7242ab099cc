"""The tables of a board, for Markdown and HTML alike: measured rows by key, quoted ones by benchmark and split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gmai.evaluate.boards.entries import Entry, Group
from gmai.evaluate.boards.published import Quoted
from gmai.evaluate.publishing import Node
from gmai.report import Cell, count_cell, format_interval, format_percent, share_cell
from gmai.types import Score

QUOTED = (
    "Quoted numbers were published by others: asked with other prompts, read by other rules, without an interval. They "
    "are not ranked with what was measured here."
)
GRADED = "Graded rows are what the key holder told: rounded to steps that hide single answers, small nodes left out."
NOT_TOLD = "not said"
AGAINST = "against best"


@dataclass(frozen=True)
class Grid:
    """One table."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def overall_grid(group: Group) -> Grid:
    """A row for each run, best first."""
    overall = _nodes(group.entries, "overall")
    header = ("model", "from", *overall, "chance", "invalid", "refused", "errors", AGAINST, "identity")
    rows = tuple(_entry_row(entry, overall) for entry in group.entries)
    rounded = any(entry.rounded for entry in group.entries)
    return Grid("Overall", header, rows, " ".join(note for note in (group.rule, GRADED if rounded else "") if note))


def beside_grid(rows: Sequence[Quoted]) -> Grid:
    """Quoted numbers to read beside measured ones: a table of their own, so that no sorting mixes them."""
    return replace(_quoted_list("accuracy", rows), title="Beside it, quoted", note=QUOTED)


def _entry_row(entry: Entry, overall: Sequence[str]) -> tuple[Cell, ...]:
    name = Cell(entry.label, note=entry.paper)
    found = [_cell(find(entry, "overall", node)) for node in overall]
    counts = [Cell("")] * 2 if entry.rounded else [count_cell(entry.refusals), count_cell(entry.errors)]
    chance = Cell("") if entry.whole is None else share_cell(entry.whole.chance)
    origin = Cell("graded" if entry.rounded else "measured")
    return (name, origin, *found, chance, count_cell(entry.invalid), *counts, _apart(entry), Cell(entry.identity[:8]))


def _apart(entry: Entry) -> Cell:
    words = {"": "", "best": "best", "no": "not separable", "yes": "below"}
    p = "" if entry.p is None else f"p {'< 0.001' if entry.p < 0.001 else f'= {entry.p:.3f}'}"
    return Cell(words[entry.apart], note=p)


def axis_grids(entries: Sequence[Entry]) -> list[Grid]:
    """A table for each axis, a row for each of its nodes, a column for each run."""
    axes = dict.fromkeys(score.axis for entry in entries for score in entry.scores if score.axis != "overall")
    return [_axis_grid(axis, entries) for axis in axes]


def _axis_grid(axis: str, entries: Sequence[Entry]) -> Grid:
    rows = []
    for node in _nodes(entries, axis):
        found = [find(entry, axis, node) for entry in entries]
        chance = next(score.chance for score in found if score is not None)
        rows.append((Cell(node), *(_cell(score) for score in found), share_cell(chance)))
    return Grid(f"By {axis}", (axis, *(entry.label for entry in entries), "chance"), tuple(rows))


def _nodes(entries: Sequence[Entry], axis: str) -> list[str]:
    most = sorted(entries, key=lambda entry: -len(entry.scores))
    return list(dict.fromkeys(score.node for entry in most for score in entry.scores if score.axis == axis))


def find(entry: Entry, axis: str, node: str) -> Score | Node | None:
    """The score of one node; None where it is not told."""
    return next((score for score in entry.scores if (score.axis, score.node) == (axis, node)), None)


def _cell(score: Score | Node | None) -> Cell:
    if score is None:
        return Cell("")
    lost = score.invalid if isinstance(score, Score) else 0
    invalid = f", {lost} invalid" if lost else ""
    digits = 1 if isinstance(score, Score) else 0
    interval = format_interval(score.low, score.high, digits)
    text = f"{format_percent(score.accuracy, digits)} ({interval}, n {score.n}{invalid})"
    return Cell(text, sort=score.accuracy)


def quote(row: Quoted) -> str:
    """A published number with the decimals it was published with."""
    return format_percent(row.share, row.digits)


def quoted_grids(rows: Sequence[Quoted]) -> dict[str, list[Grid]]:
    """Tables of quoted numbers by what they are of: a benchmark and its split, or no split where none is said."""
    of: dict[str, list[Quoted]] = {}
    for row in rows:
        of.setdefault(f"{row.benchmark}, {row.split or 'split ' + NOT_TOLD}", []).append(row)
    return {name: _grids_of(mine) for name, mine in of.items()}


def _grids_of(rows: Sequence[Quoted]) -> list[Grid]:
    by: dict[tuple[str, str], list[Quoted]] = {}
    for row in rows:
        by.setdefault((row.axis, row.metric), []).append(row)
    return [
        _quoted_list(metric, mine) if axis == "overall" else _quoted_grid(axis, metric, mine)
        for (axis, metric), mine in by.items()
    ]


def _quoted_list(metric: str, rows: Sequence[Quoted]) -> Grid:
    header = ("model", metric, "n", "source", "note")
    ordered = sorted(rows, key=lambda row: (-row.share, row.model))
    return Grid(
        metric.capitalize(),
        header,
        tuple(
            (
                Cell(row.model),
                Cell(quote(row), sort=row.share),
                Cell(NOT_TOLD) if row.n is None else count_cell(row.n),
                Cell(row.source),
                Cell(row.note),
            )
            for row in ordered
        ),
    )


def _quoted_grid(axis: str, metric: str, rows: Sequence[Quoted]) -> Grid:
    """Nodes by models; where sources contradict one another a cell shows every number with its source."""
    models = list(dict.fromkeys(row.model for row in rows))
    cells: dict[tuple[str, str], list[Quoted]] = {}
    for row in rows:
        cells.setdefault((row.node, row.model), []).append(row)
    nodes = list(dict.fromkeys(row.node for row in rows))
    table = tuple((Cell(node), *(_quoted_cell(cells, node, model) for model in models)) for node in nodes)
    of: dict[str, dict[str, None]] = {}
    for row in rows:
        of.setdefault(row.source, {})[row.model] = None
    sources = "; ".join(f"{source} ({', '.join(names)})" for source, names in of.items())
    notes = "; ".join(dict.fromkeys(row.note for row in rows if row.note))
    note = f"Sources: {sources}." + (f" Note: {notes}." if notes else "")
    return Grid(f"{metric.capitalize()} by {axis}", (axis, *models), table, note)


def _quoted_cell(cells: Mapping[tuple[str, str], Sequence[Quoted]], node: str, model: str) -> Cell:
    found = cells.get((node, model), ())
    if len({row.share for row in found}) > 1:
        return Cell(" / ".join(f"{quote(row)} ({row.source})" for row in found), sort=found[0].share)
    return Cell(quote(found[0]), sort=found[0].share) if found else Cell("")
