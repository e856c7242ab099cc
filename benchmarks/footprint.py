"""Wall time and peak memory of ``gmai demo``: the resident memory of all its processes, summed, sampled every 0.2 s.

Pages that processes share are counted once for each of them, so the figure is an upper bound.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def tree(root: int) -> list[int]:
    """Process ids below ``root``, itself included."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, front = [], [root]
    while front:
        found += front
        front = [child for parent in front for child in children.get(parent, [])]
    return found


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0


def run(arguments: list[str]) -> None:
    start = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "gmai", "demo", *arguments])
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(resident(pid) for pid in tree(process.pid)))
        time.sleep(0.2)
    seconds = time.monotonic() - start
    print(f"exit {process.returncode} · wall {seconds / 60:.2f} min · peak of the tree {peak / 2**30:.2f} GiB")
