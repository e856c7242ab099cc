"""What a command costs with all its processes: seconds, processor time, peak memory."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """Of one command and all processes below it."""

    status: int
    seconds: float
    cpu_s: float
    """Processor time, user and system, of every process that was seen."""
    peak_mb: float
    """Largest sum of proportional resident memory: pages that processes share count once."""
    own_mb: float
    """The same without pages of files, which the system may drop at any time."""


def run_measured(command: Sequence[str], limit_s: float | None = None) -> Cost:
    """Run a command to its end, or to ``limit_s``, and tell what it cost."""
    start = time.monotonic()
    process = subprocess.Popen(list(command))
    peak = own = 0.0
    used: dict[tuple[int, str], float] = {}
    while process.poll() is None:
        family = _family(process.pid)
        found = [_memory_mb(pid) for pid in family]
        peak, own = max(peak, sum(each[0] for each in found)), max(own, sum(each[1] for each in found))
        used |= {(pid, began): seconds for pid in family for began, seconds in _used_s(pid)}
        if limit_s is not None and time.monotonic() - start > limit_s:
            process.terminate()
        time.sleep(min(0.05 + (time.monotonic() - start) / 200, 0.5))
    return Cost(process.returncode, time.monotonic() - start, sum(used.values()), peak, own)


def tree_cpu_s(pid: int) -> float:
    """Processor time of a process, of those below it, and of those that they waited for."""
    total = 0
    for each in _family(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(value) for value in fields[11:15])
    return total / _TICKS


def _used_s(pid: int) -> list[tuple[str, float]]:
    """When a process began, and its processor time up to now; nothing of one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
    return [(fields[19], (int(fields[11]) + int(fields[12])) / _TICKS)]


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for parent in found:
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                found += [int(child) for child in Path(f"/proc/{parent}/task/{task}/children").read_text().split()]
        except OSError:
            continue
    return found


def _memory_mb(pid: int) -> tuple[float, float]:
    """Proportional memory of a process, all of it and its own."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    sizes = {name: int(size.split()[0]) / 1024 for name, _, size in (line.partition(":") for line in lines[1:])}
    return sizes.get("Pss", 0.0), sizes.get("Pss_Anon", 0.0) + sizes.get("Pss_Shmem", 0.0)
