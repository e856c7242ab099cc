"""The section of what was left out: counts by run and reason, each with an example; nothing vanishes uncounted."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.report import Cell, Column, Section, count_cell, format_count, paragraph, plural, table
from gmai.story.runs import Run
from gmai.types import Reject

_COUNTING = ("source ingest", "bench build")
"""Commands whose numbers say what came through, unit by unit."""
_UNITS = ("image", "pair", "annotation", "question", "record", "picture", "region", "sample")
"""Units in the order of their columns; others come after them."""


@dataclass
class _Tally:
    count: int
    first: Reject


def build_rejects_section(runs: Sequence[Run]) -> Section | None:
    """Section of rejects; None if no run of the report keeps any."""
    keeping = [run for run in runs if (run.path / "rejects.jsonl").exists()]
    if not keeping:
        return None
    tallies = {run.label: _tally(run) for run in keeping}
    total = sum(tally.count for found in tallies.values() for tally in found.values())
    lead = f"Left out: {plural(total, 'unit')}, each with a line in its run's folder that says why."
    data = {
        label: {f"{reason} ({unit})": tally.count for (reason, unit), tally in found.items()}
        for label, found in tallies.items()
    }
    body = _balance(keeping) + (_table(tallies) if total else paragraph("Nothing was left out."))
    return Section("rejects", "What was left out", body, lead, {"rejects": data, "total": total})


def _tally(run: Run) -> dict[tuple[str, str], _Tally]:
    found: dict[tuple[str, str], _Tally] = {}
    for reject in run.rejects():
        tally = found.setdefault((reject.reason, reject.unit), _Tally(0, reject))
        tally.count += reject.count
    return dict(sorted(found.items(), key=lambda item: (-item[1].count, item[0])))


def _table(tallies: dict[str, dict[tuple[str, str], _Tally]]) -> Markup:
    columns = [Column(name, tight=True) for name in ("Run", "Reason", "Unit")]
    columns += [Column("Count", numeric=True), Column("For example")]
    rows: list[list[Cell | str]] = [
        [label, reason, unit, count_cell(tally.count), f"{tally.first.id}: {tally.first.detail}"]
        for label, found in tallies.items()
        for (reason, unit), tally in found.items()
    ]
    return table(columns, rows, "Units left out, by run and reason")


def _balance(runs: Sequence[Run]) -> Markup:
    """What came through and what did not, a row for each run that counts both, a column for each unit."""
    counting = [run for run in runs if run.command in _COUNTING]
    known = {unit for run in counting for unit in (*run.stats["accepted"], *run.stats["rejected"])}
    units = sorted(known, key=lambda unit: (_UNITS.index(unit) if unit in _UNITS else len(_UNITS), unit))
    columns = [Column("Run", tight=True), *(Column(f"{unit}s", numeric=True) for unit in units)]
    rows = [[Cell(run.label), *(_balance_cell(run, unit) for unit in units)] for run in counting]
    return (
        table(columns, rows, "What came through, and below it what was left out and their sum") if rows else Markup("")
    )


def _balance_cell(run: Run, unit: str) -> Cell:
    if unit not in run.stats["accepted"] and unit not in run.stats["rejected"]:
        return Cell("–")
    kept, lost = run.stats["accepted"].get(unit, 0), run.stats["rejected"].get(unit, 0)
    note = f"+\u202f{format_count(lost)} = {format_count(kept + lost)}" if lost else ""
    return Cell(format_count(kept), sort=float(kept), note=note)
