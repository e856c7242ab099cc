"""Scores as CSV, as users of VLMEvalKit look for them: one file for the whole, one for each axis."""

import csv
from collections.abc import Sequence
from pathlib import Path

from gmai.base import write_atomic
from gmai.evaluate.result_files import safe_name
from gmai.types import Score

COLUMNS = (
    "node",
    "n",
    "correct",
    "invalid",
    "accuracy",
    "low",
    "high",
    "clusters",
    "chance",
    "adjusted",
    "refusals",
    "errors",
)


def write_metrics(folder: Path, stem: str, scores: Sequence[Score]) -> list[Path]:
    """Write ``{stem}_acc.csv`` and ``{stem}_{axis}_acc.csv``; ``low`` and ``high`` are the 95 % interval."""
    axes: dict[str, list[Score]] = {}
    for item in scores:
        axes.setdefault(item.axis, []).append(item)
    written = []
    for axis, items in axes.items():
        middle = "" if axis == "overall" else f"_{axis.replace(' x ', '-x-').replace(' ', '-')}"
        path = folder / f"{safe_name(stem + middle)}_acc.csv"
        with write_atomic(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows([getattr(item, name) for name in COLUMNS] for item in items)
        written.append(path)
    return written
