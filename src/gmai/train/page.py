"""The page of one run of training, ``train.html``: losses, speed, plan beside actual, what trained, on what."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from gmai.report import (
    Cell,
    Column,
    Page,
    Section,
    Series,
    Tile,
    count_cell,
    curves,
    figure,
    figure_grid,
    format_count,
    format_number,
    format_percent,
    paragraph,
    plural,
    ring_hues,
    share_cell,
    sunburst,
    table,
)
from gmai.train.forecast import PLANNED
from gmai.train.meters import LogLine
from gmai.train.validation import Validation
from gmai.train.watch import ProbeLine
from gmai.types import Reject

STATEMENT = "Research use, not for diagnosis."
_RAISED = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")


@dataclass(frozen=True)
class RunNumbers:
    """Everything the page shows."""

    name: str
    stage: str
    lines: Sequence[LogLine]
    stats: Mapping[str, Any]
    """What ``stats.json`` holds."""
    measured: Mapping[str, Any]
    """What ``run.json`` holds under ``measured``."""
    validations: Sequence[Validation] = ()
    probes: Sequence[ProbeLine] = ()
    rejects: Sequence[Reject] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def training_page(run: RunNumbers) -> Page:
    """Build the page; a section without anything to show is left out."""
    found = [
        _loss(run),
        _speed(run),
        _plan(run),
        _parts(run),
        _mixture(run),
        _validation(run),
        _probes(run),
        _rejects(run),
        _settings(run),
    ]
    return Page(
        title=f"Training: {run.name}",
        kicker=f"stage {run.stage}",
        lead=_lead(run),
        sections=tuple(section for section in found if section is not None),
        statements=(STATEMENT,),
        tiles=_tiles(run),
    )


def _lead(run: RunNumbers) -> str:
    tokens, labels = (sum(getattr(line, name) for line in run.lines) for name in ("tokens", "labels"))
    read = f"{plural(tokens, 'token')} read, {plural(labels, 'token')} of them learned"
    if not labels:
        read = f"{plural(tokens, 'patch', 'patches')} seen"
    return f"{plural(len(run.lines), 'step')}, {read}, on {plural(run.measured.get('devices', 1), 'device')}."


def _tiles(run: RunNumbers) -> tuple[Tile, ...]:
    tiles = []
    if run.lines:
        tiles.append(Tile(format_number(_mean_end(run)), "loss", "mean of the last twentieth"))
    if run.validations:
        last = run.validations[-1]
        tiles.append(Tile(format_number(last.loss), "validation loss", f"n = {plural(last.labels, 'token')}"))
    speed = run.measured.get("tokens_per_second")
    if speed:
        tiles.append(Tile(format_count(speed), "tokens per second", "padding not counted"))
    if "mfu" in run.measured:
        note = f"of {format_count(run.measured['peak_tflops'])} TFLOPS a device"
        tiles.append(Tile(format_percent(run.measured["mfu"]), "MFU", note))
    if "wait_share" in run.measured:
        tiles.append(Tile(format_percent(run.measured["wait_share"]), "waiting for data", "share of all seconds"))
    return tuple(tiles)


def _mean_end(run: RunNumbers) -> float:
    last = run.lines[-max(1, len(run.lines) // 20) :]
    return sum(line.loss for line in last) / len(last)


def _loss(run: RunNumbers) -> Section | None:
    if not run.lines:
        return None
    series = [Series("training", tuple((line.step, line.loss) for line in run.lines))]
    if run.validations:
        series.append(Series("validation", tuple((one.step, one.loss) for one in run.validations)))
    caption = "Loss by step: every value faint, a running mean over it."
    if run.validations:
        caption += " The second curve is the loss on the validation split, weighted by tokens."
    body = figure(lambda width: curves(series, "Loss", width, 300 if width > 500 else 220), caption)
    data = {"first": run.lines[0].loss, "last": run.lines[-1].loss, "mean_of_last_twentieth": _mean_end(run)}
    return Section("loss", "Loss", body, data=data)


def _speed(run: RunNumbers) -> Section | None:
    if not run.lines:
        return None
    drawn: list[tuple[str, Callable[[LogLine], float]]] = [
        ("Tokens per second", lambda line: line.tokens / max(line.seconds, 1e-9)),
        ("Share of waiting", lambda line: min(1.0, line.wait_seconds / max(line.seconds, 1e-9))),
        ("Norm of the gradient", lambda line: line.gradient_norm),
        ("Memory, GiB", lambda line: line.memory_mb / 1024),
    ]
    if any(line.tiles for line in run.lines):
        drawn.insert(1, ("Tiles per second", lambda line: line.tiles / max(line.seconds, 1e-9)))
    if "mfu" in run.measured:
        share = 1 / (run.measured["devices"] * run.measured["peak_tflops"])
        drawn.insert(0, ("MFU", lambda line: line.tflop / max(line.seconds, 1e-9) * share))
    charts = [_rates(run.lines)]
    for place, (title, value) in enumerate(drawn, start=1):
        points = tuple((float(line.step), value(line)) for line in run.lines)
        charts.append(curves([Series("", points)], title, first=place))
    caption = "Learning rate and measured values by step: every value faint, a running mean over it."
    return Section("speed", "Rate, speed and memory", figure_grid(tuple(charts), caption), data=dict(run.measured))


def _rates(lines: Sequence[LogLine]) -> Markup:
    """Learning rates in a unit that leaves numbers between 0 and 10."""
    groups = {name: tuple((line.step, line.rates[name]) for line in lines) for name in lines[0].rates}
    groups = groups or {"": tuple((line.step, line.lr) for line in lines)}
    highest = max(rate for points in groups.values() for _, rate in points)
    power = math.floor(math.log10(highest)) if highest > 0 else 0
    series = [
        Series(name, tuple((float(step), rate / 10**power) for step, rate in points)) for name, points in groups.items()
    ]
    return curves(series, f"Learning rate, 10{str(power).translate(_RAISED)}")


def _plan(run: RunNumbers) -> Section | None:
    planned = dict(run.stats.get("plan", {}).get("totals", {}))
    if "hours" in run.measured.get("plan", {}):
        planned["hours"] = run.measured["plan"]["hours"]
    rows: list[list[Cell | str]] = []
    for key, (name, actual) in PLANNED.items():
        found = actual(run.lines, run.stats)
        if key in planned and found is not None:
            share = found / planned[key] if planned[key] else 0.0
            rows.append([name, _number(planned[key]), _number(found), share_cell(share) if planned[key] else ""])
    if not rows:
        return None
    columns = [Column("What"), *(Column(name, numeric=True) for name in ("Planned", "Actual", "Actual of planned"))]
    lead = "What was planned before anything was loaded, and what became of it."
    return Section("plan", "Plan and actual", table(columns, rows, "Plan and actual"), lead, {"planned": planned})


def _number(value: float) -> Cell:
    return Cell(format_number(value), sort=float(value))


def _parts(run: RunNumbers) -> Section | None:
    parts: Mapping[str, Mapping[str, Any]] = run.stats.get("parts", {})
    if not parts:
        return None
    columns = [Column("Part"), Column("Parameters", numeric=True), Column("Trains")]
    columns += [Column("Tensors", numeric=True), Column("Changed", numeric=True)]
    rows: list[list[Cell | str]] = [
        [
            name,
            count_cell(row["parameters"]),
            "yes" if row["trains"] else "no",
            *(count_cell(row[key]) for key in ("tensors", "changed")),
        ]
        for name, row in parts.items()
    ]
    lead = "Every tensor was held against what it was before: frozen ones are the same, bit by bit."
    return Section("parts", "What trained", table(columns, rows, "Parts of the model"), lead, {"parts": dict(parts)})


def _mixture(run: RunNumbers) -> Section | None:
    learned: Mapping[str, int] = run.stats.get("learned", {}).get("sets", {})
    sets = [
        dict(one) | {"category": one["category"] or "uncategorised", "learned": learned.get(one["name"], 0)}
        for one in run.stats.get("mixture", [])
    ]
    counts: dict[tuple[str, ...], int] = {(one["category"], one["name"]): one["learned"] for one in sets}
    if len(sets) == 1:
        return _kinds(run)
    if not any(counts.values()):
        return None
    total = sum(counts.values())
    caption = f"{plural(total, 'row')} by category (inner ring) and set (outer ring); the counts are in the table."
    shown = {path: count for path, count in counts.items() if count}
    body = _rings(shown, "Rows by category and set", ("category", "set"), "rows", caption)
    body += _set_table(sets, ring_hues(shown), total)
    return Section("mixture", "The mixture", body, data={"sets": sets})


def _kinds(run: RunNumbers) -> Section | None:
    """Of a single set: what its conversations were."""
    found: Mapping[str, int] = run.stats.get("learned", {}).get("conversations", {})
    counts: Counter[tuple[str, ...]] = Counter()
    for name, count in found.items():
        subset, form, kind = name.split(" ", 2)
        counts[subset, f"{kind} ({form})"] += count
    if not counts:
        return None
    caption = f"{plural(counts.total(), 'conversation')} by subset (inner ring) and kind (outer ring)."
    body = _rings(counts, "Conversations by subset and kind", ("subset", "kind"), "conversations", caption)
    hues = ring_hues(counts)
    ordered = sorted(counts.items(), key=lambda item: (hues[item[0][0]], -item[1], item[0]))
    rows: list[list[Cell | str]] = [
        [Cell(path[0], swatch=hues[path[0]]), path[1], count_cell(count), share_cell(count / counts.total())]
        for path, count in ordered
    ]
    columns = [Column("Subset", tight=True), Column("Kind")]
    columns += [Column("Conversations", numeric=True), Column("Share", numeric=True)]
    body += table(columns, rows, "What was learned from")
    return Section("mixture", "The mixture", body, data={"conversations": dict(found)})


def _rings(
    counts: Mapping[tuple[str, ...], int], title: str, levels: tuple[str, str], unit: str, caption: str
) -> Markup:
    return figure(lambda width: sunburst(counts, title, levels, width, unit), caption)


def _set_table(sets: Sequence[Mapping[str, Any]], hues: Mapping[str, int], total: int) -> Markup:
    ordered = sorted(sets, key=lambda one: (hues.get(one["category"], len(hues)), -one["learned"], one["name"]))
    columns = [Column("Category", tight=True), Column("Set")]
    names = ("Ratio", "Passes", "In the set", "Planned", "Learned", "Share")
    columns += [Column(name, numeric=True) for name in names]
    rows: list[list[Cell | str]] = [
        [
            Cell(one["category"], swatch=hues.get(one["category"])),
            one["name"],
            _number(one["ratio"]),
            _number(one["passes"]),
            *(count_cell(one[name]) for name in ("available", "rows", "learned")),
            share_cell(one["learned"] / total),
        ]
        for one in ordered
    ]
    return table(columns, rows, "Passes over each set that the recipe asks for in an epoch, and its rows")


def _validation(run: RunNumbers) -> Section | None:
    if not run.validations:
        return None
    last = run.validations[-1]
    columns = [Column("Set"), *(Column(name, numeric=True) for name in ("Loss", "Tokens", "Rows"))]
    rows: list[list[Cell | str]] = [
        [name, _number(one.loss), count_cell(one.labels), count_cell(one.rows)] for name, one in last.sets.items()
    ]
    rows.append(["all", _number(last.loss), count_cell(last.labels), count_cell(last.rows)])
    caption = f"Loss on the validation split after step {last.step}, a mean over predicted tokens"
    data = {"steps": [{"step": one.step, "loss": one.loss, "labels": one.labels} for one in run.validations]}
    return Section("validation", "Validation", table(columns, rows, caption), data=data)


def _probes(run: RunNumbers) -> Section | None:
    if not run.probes:
        return None
    names = list(dict.fromkeys(name for one in run.probes for name in one.values))
    columns = [Column("Step", numeric=True), *(Column(name, numeric=True) for name in names)]
    rows: list[list[Cell | str]] = [
        [count_cell(one.step), *(_number(one.values[name]) if name in one.values else "" for name in names)]
        for one in run.probes
    ]
    data = {"steps": [{"step": one.step, **one.values} for one in run.probes]}
    return Section("probes", "Probes", table(columns, rows, "What the model could do after some steps"), data=data)


def _rejects(run: RunNumbers) -> Section | None:
    reasons = Counter((reject.unit, reject.reason) for reject in run.rejects)
    unused: Mapping[str, int] = run.stats.get("unused", {})
    rows: list[list[Cell | str]] = [
        [f"{unit}: {reason}", "rejected", count_cell(count)] for (unit, reason), count in reasons.most_common()
    ]
    rows += [[reason, "of no use to this stage", count_cell(count)] for reason, count in unused.items()]
    if not rows:
        words = "Nothing was left out: every picture could be read, every conversation fitted."
        return Section("rejects", "What was left out", paragraph(words), data={"rejected": 0})
    columns = [Column("Reason"), Column("How"), Column("Count", numeric=True)]
    lead = "Nothing is replaced: what cannot be read is left out and counted; each case is in rejects.jsonl."
    data = {
        "rejected": {f"{unit} {reason}": count for (unit, reason), count in reasons.items()},
        "unused": dict(unused),
    }
    return Section("rejects", "What was left out", table(columns, rows, "Left out, by reason"), lead, data)


def _settings(run: RunNumbers) -> Section | None:
    flat = dict(_flatten(run.settings))
    if not flat:
        return None
    rows: list[list[Cell | str]] = [[name, value] for name, value in flat.items()]
    body = table([Column("Setting"), Column("Value")], rows, "Settings of the run", sortable=False)
    return Section("settings", "Settings", body, data=dict(run.settings))


def _flatten(settings: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            found += _flatten(value, f"{before}{name}.")
        elif value not in (None, "", [], {}, ()):
            found.append((f"{before}{name}", str(value)))
    return found
