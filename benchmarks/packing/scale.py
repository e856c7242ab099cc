"""An index and a plan of a million rows: seconds of one core, and memory that is not the page cache's."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.packing.rows import make_index
from benchmarks.packing.table import COSTS
from gmai.train import BatchConfig, RowConfig, SetConfig
from gmai.train.index import RowIndex
from gmai.train.lengths import Measure
from gmai.train.mixture import Mixture, Needs
from gmai.train.order import Order
from gmai.train.plan import plan_steps

TILES = 12


def main(chosen: argparse.Namespace) -> None:
    count = chosen.rows or 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        for work in ("build", "plan"):
            code = f"from benchmarks.packing.scale import {work}; {work}({folder!r}, {count}, {chosen.seed})"
            subprocess.run([sys.executable, "-c", code], check=True)


def build(folder: str, count: int, seed: int) -> None:
    before, start = anonymous_mb(), time.process_time()
    make_index(Path(folder) / "index", count, TILES, seed)
    seconds, more = time.process_time() - start, anonymous_mb() - before
    print(f"index of {count:,} rows: {seconds:.0f} s, {more:.0f} MB more at its end")


def plan(folder: str, count: int, seed: int) -> None:
    index = RowIndex(Path(folder) / "index")
    one = SetConfig(name="mix", corpus=Path(folder))
    before, start = anonymous_mb(), time.process_time()
    rows = RowConfig(questions=None, chances={}, weights={})
    mixture = Mixture([one], [index], rows, Needs(longest=16_385, tiles=48))
    measure = Measure(mixture, seed, 16_384, COSTS, ("projector", "language"))
    batch = BatchConfig(tokens=16_384, tiles=48, packs=16)
    made = plan_steps(measure, Order(mixture, {}, seed), batch, None, 1.0)
    seconds = time.process_time() - start
    size = sum(path.stat().st_size for path in index.folder.iterdir()) / 1e9
    print(f"plan of {made.steps:,} steps: {seconds:.1f} s, {count / seconds * 60 / 1e6:.1f} million rows a minute")
    print(f"{anonymous_mb() - before:.0f} MB more; the index has {size:.2f} GB on disk")


def anonymous_mb() -> float:
    """Memory of this process that is not a file's."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Anonymous:"))
