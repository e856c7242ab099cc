"""The board: several scored runs side by side, every number with its n and its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gmai.base import from_dict, input_key, open_run, output_files, read_json, write_json, write_text
from gmai.errors import ConfigError, ScoreError
from gmai.evaluate.config import BoardConfig
from gmai.evaluate.scoring import ScoreStats
from gmai.report import (
    Cell,
    Column,
    Page,
    Section,
    count_cell,
    format_interval,
    format_percent,
    render_page,
    share_cell,
    table,
)
from gmai.types import Score, record

_LEAD = (
    "Accuracy with its 95 % interval and number of questions; intervals are clustered by subject. Replies from which "
    "no option could be read are invalid and count as wrong. Chance is what drawing an option gets."
)
_CAPTION = "Accuracy (95 % interval, number of questions)"


@record
class Entry:
    """One row of the board: who answered how, and the scores."""

    name: str
    mode: str
    blind: bool
    questions: int
    invalid: int
    ties: int
    scores: tuple[Score, ...]

    @property
    def label(self) -> str:
        """What the row is called."""
        extras = [word for word in (self.mode if self.mode != self.name else "", "blind" if self.blind else "") if word]
        return f"{self.name} ({', '.join(extras)})" if extras else self.name


def board(config: BoardConfig) -> list[Entry]:
    """Tabulate scored runs into ``board.json``, ``board.md`` and ``board.html``, best first.

    Raises:
        ConfigError: no scores, a folder that is no finished scoring, or two rows of the same name.
        ScoreError: runs that were scored with different keys.
    """
    if not config.scores:
        raise ConfigError("nothing to tabulate", where="scores", fix="give output folders of gmai eval score")
    inputs = {str(place): input_key(path, "eval score") for place, path in enumerate(config.scores)}
    entries = _read_entries(config.scores)
    run = open_run(config.out, "eval board", config, inputs, resume=config.resume, same={})
    if not run.done:
        write_json(run.path / "board.json", entries)
        grids = _grids(entries)
        write_text(run.path / "board.md", _markdown(grids))
        write_text(run.path / "board.html", render_page(_page(grids, entries)))
        run.finish({"rows": len(entries), "questions": entries[0].questions}, output_files(run))
    return entries


def _read_entries(folders: Sequence[Path]) -> list[Entry]:
    entries, keys = [], set()
    for folder in folders:
        stats = from_dict(ScoreStats, read_json(folder / "stats.json"), where=str(folder), error=ConfigError)
        scores = from_dict(tuple[Score, ...], read_json(folder / "scores.json"), where=str(folder / "scores.json"))
        keys.add(stats.key)
        known = {name: getattr(stats, name) for name in ("name", "mode", "blind", "questions", "invalid", "ties")}
        entries.append(Entry(scores=scores, **known))
    if len(keys) > 1:
        raise ScoreError("the runs were scored with different keys", fix="compare runs of one benchmark")
    labels = [entry.label for entry in entries]
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise ConfigError(f"two rows are called {twice!r}", where="scores", fix="give one another --name")
    return sorted(entries, key=lambda entry: (-entry.scores[0].accuracy, entry.label))


@dataclass(frozen=True)
class _Grid:
    """One table, for Markdown and HTML alike."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def _grids(entries: Sequence[Entry]) -> list[_Grid]:
    """A row for each run in the first table, a row for each node in the others; one key gives all the same nodes."""
    axes: dict[str, list[Score]] = {}
    for item in entries[0].scores:
        axes.setdefault(item.axis, []).append(item)
    overall = axes.pop("overall")
    header = ("run", *(node.node for node in overall), "chance", "invalid", "ties")
    rows = tuple(
        (
            Cell(entry.label),
            *(_cell(_find(entry, node)) for node in overall),
            share_cell(overall[0].chance),
            count_cell(entry.invalid),
            count_cell(entry.ties),
        )
        for entry in entries
    )
    return [_Grid("Overall", header, rows), *(_node_grid(axis, nodes, entries) for axis, nodes in axes.items())]


def _node_grid(axis: str, nodes: Sequence[Score], entries: Sequence[Entry]) -> _Grid:
    header = (axis, *(entry.label for entry in entries), "chance")
    rows = tuple(
        (Cell(node.node), *(_cell(_find(entry, node)) for entry in entries), share_cell(node.chance)) for node in nodes
    )
    return _Grid(f"By {axis}", header, rows)


def _find(entry: Entry, wanted: Score) -> Score:
    return next(item for item in entry.scores if (item.axis, item.node) == (wanted.axis, wanted.node))


def _cell(item: Score) -> Cell:
    invalid = f", {item.invalid} invalid" if item.invalid else ""
    text = f"{format_percent(item.accuracy)} ({format_interval(item.low, item.high)}, n {item.n}{invalid})"
    return Cell(text, sort=item.accuracy)


def _markdown(grids: Sequence[_Grid]) -> str:
    parts = ["# Board", "", _LEAD, ""]
    for grid in grids:
        lines = [grid.header, ("---",) * len(grid.header), *(tuple(cell.text for cell in row) for row in grid.rows)]
        parts += [f"## {grid.title}", "", *("| " + " | ".join(map(_plain, line)) + " |" for line in lines), ""]
    return "\n".join(parts)


def _plain(text: str) -> str:
    return text.replace("|", "\\|")


def _page(grids: Sequence[_Grid], entries: Sequence[Entry]) -> Page:
    sections = []
    for number, grid in enumerate(grids):
        columns = [Column(name, numeric=place > 0) for place, name in enumerate(grid.header)]
        sections.append(Section(f"table{number}", grid.title, table(columns, grid.rows, _CAPTION)))
    return Page(title="Board", lead=_LEAD, sections=tuple(sections), kicker=f"{entries[0].questions} questions")
