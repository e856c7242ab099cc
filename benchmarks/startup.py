"""Start-up time of the command line: median of some runs after a warm-up, beside a bare interpreter."""

import statistics
import subprocess
import sys
import time


def measure(command: list[str], runs: int = 7) -> float:
    seconds = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def run(arguments: list[str]) -> None:
    bare = measure([sys.executable, "-c", "pass"])
    rows = {
        "gmai --help": ["--help"],
        "gmai source --help": ["source", "--help"],
        "gmai train --help": ["train", "--help"],
    }
    print(f"{'python -c pass':22} {bare:.2f} s")
    for name, flags in rows.items():
        print(f"{name:22} {measure([sys.executable, '-m', 'gmai', *flags]):.2f} s")
