"""The section of the training stages: the loss of each, step by step, and what each trained."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from gmai.base import loads
from gmai.report import Cell, Column, Section, Series, count_cell, curves, figure_grid, format_number, table
from gmai.story.runs import Run
from gmai.story.stages import Stage


def build_training_section(stages: Sequence[Stage]) -> Section | None:
    """Section of the training runs in their order; None if there are none."""
    logs = [(stage, _read_lines(stage.run, "log.jsonl")) for stage in stages]
    drawn = [(stage, lines) for stage, lines in logs if lines]
    if not drawn:
        return None
    held = {stage.name: _read_lines(stage.run, "validation.jsonl") for stage, _ in drawn}
    charts = tuple(curves(_series(lines, held[stage.name]), stage.name) for stage, lines in drawn)
    caption = "Training loss by step: every value faint, a running mean over it. Each stage has its own loss and axes."
    if any(held.values()):
        caption += " Where a second curve is drawn, it is the loss on the validation split."
    lead = "Every stage is one recipe run by the same loop; stages differ in what they train and on what."
    data = [
        {"stage": stage.name, "steps": len(lines), "first_loss": lines[0]["loss"], "last_loss": lines[-1]["loss"]}
        for stage, lines in drawn
    ]
    body = figure_grid(charts, caption) + _table(drawn)
    return Section("training", "Training", body, lead, {"stages": data})


def _read_lines(run: Run, name: str) -> list[dict[str, Any]]:
    path = run.path / name
    if not path.exists():
        return []
    lines = [loads(line, where=str(path)) for line in path.read_bytes().splitlines() if line.strip()]
    return [line for line in lines if "loss" in line]


def _series(lines: Sequence[Mapping[str, Any]], held: Sequence[Mapping[str, Any]]) -> list[Series]:
    named = {"training": lines, "validation": held} if held else {"loss": lines}
    return [
        Series(name, tuple((float(line["step"]), float(line["loss"])) for line in some)) for name, some in named.items()
    ]


def _table(drawn: Sequence[tuple[Stage, Sequence[Mapping[str, Any]]]]) -> Markup:
    columns = [Column("Stage"), Column("What it trains"), Column("Steps", numeric=True), Column("Tokens", numeric=True)]
    columns += [Column(name, numeric=True) for name in ("First loss", "Last loss")]
    rows: list[list[Cell | str]] = []
    for stage, lines in drawn:
        tokens = sum(int(line.get("tokens", 0)) for line in lines)
        losses = [Cell(format_number(line["loss"]), sort=float(line["loss"])) for line in (lines[0], lines[-1])]
        rows.append([stage.name, stage.note, count_cell(len(lines)), count_cell(tokens), *losses])
    return table(columns, rows, "Training runs")
