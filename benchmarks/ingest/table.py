"""The table of ``python -m benchmarks ingest``: ours and the peers in turn on one core, the best of some rounds each.

    python -m benchmarks ingest [--only NAME …] [--rounds 3] [--peers .venv-peers/bin/python] [--times FILE.json]

Every one has a process of its own that is bound to one core; a first round, not counted, fills the caches. Units a
second are those of processor time, which other programs on the machine disturb little; times on the clock are in the
JSON file and, where they differ by more than a tenth, beside them.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import IO

from benchmarks.ingest import inputs
from benchmarks.ingest.cases import CASES, Case

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-peers/bin/python"
SHOWN = ("datumaro", "deid", "ImageHash", "openslide-python", "pycocotools", "pydicom", "scikit-image", "SimpleITK",
         "supervision", "tiffslide", "pillow")  # fmt: skip

_TELL = """
import json, sys
from importlib import metadata
print(json.dumps({name: metadata.version(name) for name in sys.argv[1:]}))
"""


class Racer:
    """One who is measured, and its best round."""

    def __init__(self, python: str, name: str, folder: Path) -> None:
        self.name, self.memory_mb, self.error = name, 0.0, ""
        self.times: list[dict[str, float]] = []
        self.process = subprocess.Popen(
            [python, "-m", "benchmarks.ingest.serve", name, str(folder)],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"},
        )  # fmt: skip

    def round(self, counted: bool) -> None:
        """One round; one who fails is out of the race."""
        if self.error:
            return
        try:
            _pipe(self.process.stdin).write("go\n")
            _pipe(self.process.stdin).flush()
            found = json.loads(_pipe(self.process.stdout).readline())
        except (ValueError, BrokenPipeError):
            self.error = _pipe(self.process.stderr).read().strip().rpartition("\n")[2] or "ended"
            return
        self.memory_mb = found["memory_mb"]
        if counted:
            self.times.append(found)

    def rate(self, clock: str = "cpu") -> float:
        """Units a second in the best round."""
        return max((each["units"] / each[clock] for each in self.times), default=0.0)

    def end(self) -> None:
        """Let it go."""
        self.process.communicate()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def race(case: Case, folder: Path, peers: str | None, rounds: int) -> tuple[Racer, list[Racer]]:
    """Make the inputs of a case and measure it, ours and the peers in turn."""
    getattr(inputs, case.name)(folder)
    ours = Racer(sys.executable, f"ours.{case.name}", folder)
    others = [Racer(peers, f"peers.{name}", folder) for name in case.peers] if peers else []
    for number in range(rounds + 1):
        for racer in (ours, *others):
            racer.round(number > 0)
    for racer in (ours, *others):
        racer.end()
    return ours, others


def rows(case: Case, ours: Racer, others: list[Racer]) -> list[str]:
    """The lines of a case."""
    if ours.error:
        return [f"| {case.title} | failed: {ours.error} | | | | |"]
    goal = "" if case.goal is None else f"{case.goal:g}"
    if case.memory_mb:
        goal += f", {case.memory_mb:g} MB"
    first = f"| {case.title}, {case.unit} | {goal} | {_rate(ours)} | {ours.memory_mb:.0f} |"
    found = []
    for other in others:
        name = other.name.partition(".")[2]
        if other.error:
            found.append(f"| `{name}` failed: {other.error} | |")
        else:
            ratio = _figure(ours.rate() / other.rate())
            found.append(f"| `{name}` {_rate(other)}, {other.memory_mb:.0f} MB | {ratio} |")
    lines = found or ["| | |"]
    return [f"{first if number == 0 else '| | | | |'} {line[2:]}" for number, line in enumerate(lines)]


def _rate(racer: Racer) -> str:
    cpu, wall = racer.rate(), racer.rate("wall")
    shown = _figure(cpu)
    return shown if wall > 0.9 * cpu else f"{shown} ({_figure(wall)} on the clock)"


def _figure(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def machine(peers: str | None) -> str:
    """Processor, load and versions, ours and the peers'."""
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.processor())  # fmt: skip
    own = {name: metadata.version(name) for name in ("numpy", "opencv-python-headless", "pydicom", "pillow")}
    lines = [f"{model}, {os.cpu_count()} cores, load {' '.join(f'{each:.1f}' for each in os.getloadavg())} "
             f"(1, 5, 15 minutes), Python {platform.python_version()}"]  # fmt: skip
    lines.append("gmai with " + ", ".join(f"{name} {version}" for name, version in own.items()))
    if peers:
        found = subprocess.run([peers, "-c", _TELL, *SHOWN], capture_output=True, text=True, check=True).stdout
        lines.append("peers: " + ", ".join(f"{name} {version}" for name, version in json.loads(found).items()))
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks ingest")
    parser.add_argument("--only", nargs="+", choices=[case.name for case in CASES])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default=str(PEERS) if PEERS.exists() else None, help="their interpreter")
    parser.add_argument("--times", type=Path, help="write every round as JSON")
    given = parser.parse_args(arguments)
    if given.peers is None:
        print("no peers: make bench-peers", file=sys.stderr)
    times = {}
    print(machine(given.peers) + "\n")
    print("| what | goal | gmai, a second | MB | peer, a second | ratio |\n|---|---|---|---|---|---|")
    for case in CASES:
        if given.only and case.name not in given.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            ours, others = race(case, Path(folder) / "in", given.peers, given.rounds)
        times[case.name] = {racer.name: racer.times for racer in (ours, *others)}
        print("\n".join(rows(case, ours, others)), flush=True)
    print(f"\nload at the end {' '.join(f'{each:.1f}' for each in os.getloadavg())}")
    if given.times:
        given.times.write_text(json.dumps(times, indent=1))
