"""Wall time, processor time and peak memory of ``gmai demo`` with all its processes."""

import sys

from benchmarks.process_tree import run_measured


def run(arguments: list[str]) -> None:
    cost = run_measured([sys.executable, "-m", "gmai", "demo", *arguments])
    print(
        f"exit {cost.status} · wall {cost.seconds / 60:.2f} min · processor {cost.cpu_s / 60:.2f} min · "
        f"peak memory of all processes {cost.peak_mb / 1024:.2f} GiB"
    )
