"""``h200.md`` and ``h200.json`` from the windows and proofs that lie in a folder."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

EPOCH = 238_000
"""Samples of the published mix."""
SUMS = ("steps", "seconds", "samples", "tokens", "slots", "labels", "tiles_seen", "tflop")
COLUMNS = (
    ("mode", "mode"),
    ("tiles", "profile"),
    ("contender", ""),
    ("setting", "setting"),
    ("windows", "windows"),
    ("steps", "steps"),
    ("tiles_each", "tiles a row"),
    ("samples_s", "samples/s"),
    ("tokens_s", "tokens/s"),
    ("tiles_s", "tiles/s"),
    ("pad", "pad share"),
    ("mfu", "MFU"),
    ("peak_gib", "peak GiB"),
    ("hours", "hours for 238,000"),
    ("ratio", "C / A"),
    ("note", "note"),
)


def main(chosen: argparse.Namespace) -> None:
    windows = [json.loads(path.read_text()) for path in sorted(chosen.out.glob("window-*.json"))]
    checks = [json.loads(path.read_text()) for path in sorted(chosen.out.glob("check*.json"))]
    parts = {part: summarise([one for one in windows if one["part"] == part]) for part in ("run", "tune")}
    (chosen.out / "h200.json").write_text(json.dumps({**parts, "checks": checks, "windows": windows}, indent=1) + "\n")
    text = "\n".join(_text(parts, checks, windows))
    (chosen.out / "h200.md").write_text(text + "\n")
    print(text)


def summarise(windows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each mode, profile, contender and setting: windows of one kind are added up."""
    kinds: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for window in windows:
        kinds[tuple(window[name] for name in ("mode", "tiles", "contender", "setting", "device"))].append(window)
    rows = [_row(found) for found in kinds.values()]
    theirs = {(row["mode"], row["tiles"]): row["tflops"] for row in rows if row["contender"] == "A"}
    for row in rows:
        rate = theirs.get((row["mode"], row["tiles"]))
        if row["contender"] == "C" and rate:
            row["ratio"] = row["tflops"] / rate
    return rows


def _row(windows: list[dict[str, Any]]) -> dict[str, Any]:
    first = windows[0]
    row: dict[str, Any] = {name: first[name] for name in ("mode", "tiles", "contender", "setting", "device")}
    timed = [window for window in windows if window["seconds"]]  # one that broke off was not timed to its end
    total = {name: sum(window[name] for window in timed) for name in SUMS}
    rates = [window["samples"] / window["seconds"] for window in timed]
    row.update(windows=len(windows), steps=total["steps"], peak_gib=max(window["peak_gib"] for window in windows))
    row.update(note="; ".join(sorted({window["note"] for window in windows} - {""})), each_window=rates)
    row.update(samples_s=0.0, tflops=0.0, ratio=None, mfu=None)
    if total["seconds"] and total["samples"]:
        rate = total["samples"] / total["seconds"]
        peak = first["peak_tflops"]
        row.update(
            samples_s=rate,
            tflops=total["tflop"] / total["seconds"],
            tokens_s=total["tokens"] / total["seconds"],
            tiles_s=total["tiles_seen"] / total["seconds"],
            tiles_each=total["tiles_seen"] / total["samples"],
            pad=1 - total["tokens"] / total["slots"],
            mfu=total["tflop"] / (total["seconds"] * peak) if peak else None,
            tflop_each=total["tflop"] / total["samples"],
            hours=EPOCH / rate / 3600,
        )
    return row


def _text(parts: dict[str, list[dict[str, Any]]], checks: list[Any], windows: list[dict[str, Any]]) -> list[str]:
    lines = []
    if windows:
        one = windows[0]
        peak = f"peak {one['peak_tflops']:g} x 10^12 operations/s" if one["peak_tflops"] else "no peak known"
        lines += [f"{one['device']}, {one['versions']}, {one['parameters'] / 1e9:.2f} billion weights, {peak}.", ""]
        lines += ["MFU = operations of the model, forward and backward (gmai.models.cost), / (seconds x peak)."]
        lines += ["What checkpointing computes again is no work of the model; the head counts at predicted tokens."]
        lines += ["C / A is that of operations a second, since both met other rows of the same mix.", ""]
    for part, rows in parts.items():
        if rows:
            lines += [f"### {part}", "", "| " + " | ".join(title for _, title in COLUMNS) + " |"]
            lines += ["|" + "---|" * len(COLUMNS)]
            lines += ["| " + " | ".join(_cell(row.get(name)) for name, _ in COLUMNS) + " |" for row in rows]
            lines += [""]
    for check in checks:
        lines += [f"### check on {check['device']}", "", "| what | measured | value | limit |", "|---|---|---|---|"]
        for held in check["held"]:
            sign = "at least" if held["least"] else "at most"
            limit = "" if held["limit"] is None else f"{sign} {held['limit']:g}"
            lines += [f"| {held['what']} | {held['name']} | {held['value']:.3g} | {limit} |"]
        lines += ["", f"Held: {'all' if check['good'] else 'NOT ALL'}. {' '.join(check['notes'])}", ""]
    return lines


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value >= 0.1 else f"{value:.2g}"
    return str(value)


def read(folder: Path) -> dict[str, Any]:
    """What :func:`main` wrote."""
    found: dict[str, Any] = json.loads((folder / "h200.json").read_text())
    return found
