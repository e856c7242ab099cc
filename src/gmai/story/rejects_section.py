"""The section of what was left out: counts by run and reason, each with an example; nothing vanishes uncounted."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.report import Cell, Column, Section, count_cell, paragraph, plural, table
from gmai.story.runs import Run
from gmai.types import Reject

_COUNTING = ("source ingest", "bench build")
"""Commands whose numbers say what came through, unit by unit."""


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
    lead = f"{plural(total, 'unit')} of the input were left out, each with a line in its run's folder that says why."
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
    """What came through and what did not, by run and unit, for runs that count both."""
    columns = [Column("Run"), Column("Unit"), *(Column(name, numeric=True) for name in ("Accepted", "Left out", "Sum"))]
    rows: list[list[Cell | str]] = []
    for run in runs:
        if run.command in _COUNTING:
            accepted, rejected = run.stats["accepted"], run.stats["rejected"]
            for unit in sorted({*accepted, *rejected}):
                kept, lost = accepted.get(unit, 0), rejected.get(unit, 0)
                rows.append([run.label, unit, count_cell(kept), count_cell(lost), count_cell(kept + lost)])
    return table(columns, rows, "What came through and what did not") if rows else Markup("")
