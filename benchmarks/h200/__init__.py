"""``python -m benchmarks h200``: training InternVL3-8B's shape on one GPU, ours beside the published recipe.

    python -m benchmarks h200 --part check --out OUT
    python -m benchmarks h200 --part run --mode full --tiles 4 --order AC --seconds 450 --out OUT
    python -m benchmarks h200 --part tune --mode full --tiles 4 --seconds 450 --out OUT
    python -m benchmarks h200 --part table --out OUT

A part is one call, and ends by its limit of seconds. Each adds files to OUT; ``table`` makes ``h200.md`` and
``h200.json`` of all that lies there. ``--device cpu --shape tiny --steps 2 --warm-up 1`` tries all of it on a
processor. See :mod:`benchmarks.h200.rows` for the rows, :mod:`benchmarks.h200.contenders` for who trains on them.
"""

from __future__ import annotations

import argparse
import os
from importlib import import_module
from pathlib import Path

PARTS = {"check": "check", "run": "windows", "tune": "windows", "table": "table"}


def run(arguments: list[str]) -> None:
    os.environ.setdefault("PYTORCH_ALLOC_CONF", "expandable_segments:True")
    chosen = parser().parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    import_module(f"benchmarks.h200.{PARTS[chosen.part]}").main(chosen)


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m benchmarks h200")
    add = found.add_argument
    add("--part", choices=list(PARTS), required=True)
    add("--out", type=Path, default=Path(os.environ.get("OUT", "h200")), help="folder of results; $OUT if it is set")
    add("--mode", choices=["full", "lora"], default="full", help="language model and projector, or LoRA of rank 16")
    add("--tiles", choices=["1", "4", "7"], default="4", help="mean tiles a row, about")
    add("--order", default="AC", help="windows one after the other: A the published recipe, C ours")
    add("--seconds", type=float, default=450, help="limit of the call; windows share it")
    add("--warm-up", type=int, default=10, help="steps before those that are timed")
    add("--steps", type=int, default=50, help="timed steps of a window, if its time allows")
    add("--rows", type=int, default=2048, help="rows of the manifest")
    add("--shape", choices=["8b", "tiny"], default="8b")
    add("--device", default="cuda")
    add("--seed", type=int, default=0)
    add("--peak", type=float, default=None, help="10^12 bfloat16 operations a second; by default by the device's name")
    ours = found.add_argument_group("ours")
    ours.add_argument("--tokens", type=int, default=0, help="of a pack; 16,384 if not given, 8,192 for LoRA")
    ours.add_argument("--pack-tiles", type=int, default=48, help="tiles of a pack")
    ours.add_argument("--packs", type=int, default=2, help="of a step")
    ours.add_argument("--keep", action="store_true", help="without gradient checkpointing")
    ours.add_argument("--optimizer", default="", help="of full: adamw-bf16-stochastic if not given, or adamw8bit")
    return found
