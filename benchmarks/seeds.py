"""The demo over several seeds: held-out accuracy by kind, the blind baseline, and the shallow ones, as Markdown.

``python -m benchmarks seeds OUT [SEED …]`` runs ``gmai demo`` into OUT/seed-N for each seed (a finished one is reused).
"""

import json
import subprocess
import sys
from pathlib import Path

ROWS = {
    "stage3": "trained model",
    "generate": "trained model, generated",
    "stage2": "after stage 2",
    "stage1": "after stage 1",
    "stage0-text": "after stage 0 (text)",
    "model": "untrained",
    "blind": "trained model, blind",
    "majority": "majority answer",
    "colour": "nearest mean colour",
    "thumbnail": "logistic regression 16×16",
}
KINDS = ("without modality", "finding", "location", "grade", "modality")


def read(folder: Path, name: str) -> dict[str, dict]:
    scores = json.loads((folder / "scores" / name / "scores.json").read_text())
    return {score["node"]: score for score in scores if score["axis"] in {"overall", "kind"}}


def cell(score: dict) -> str:
    return f"{score['accuracy']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"


def run(arguments: list[str]) -> None:
    out = Path(arguments[0])
    seeds = [int(seed) for seed in arguments[1:]] or [0, 1, 2]
    for seed in seeds:
        command = [
            sys.executable,
            "-m",
            "gmai",
            "demo",
            "-o",
            str(out / f"seed-{seed}"),
            "--seed",
            str(seed),
            "--quiet",
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for seed in seeds:
        folder = out / f"seed-{seed}"
        tables = {name: read(folder, name) for name in ROWS}
        counts = {kind: tables["stage3"][kind]["n"] for kind in KINDS}
        print(f"\nSeed {seed}\n\n| | " + " | ".join(f"{kind} (n {counts[kind]})" for kind in KINDS) + " |")
        print("|---" * (len(KINDS) + 1) + "|")
        for name, label in ROWS.items():
            print(f"| {label} | " + " | ".join(cell(tables[name][kind]) for kind in KINDS) + " |")
        blind, majority = tables["blind"]["without modality"], tables["majority"]["without modality"]["accuracy"]
        inside = blind["low"] <= majority <= blind["high"]
        print(f"\nThe blind interval {'contains' if inside else 'does NOT contain'} the majority baseline.")
    finals = [read(out / f"seed-{seed}", "stage3")["without modality"]["accuracy"] for seed in seeds]
    print(f"\nMean over seeds {sum(finals) / len(finals):.3f}, worst {min(finals):.3f}.")
