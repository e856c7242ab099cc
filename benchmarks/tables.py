"""Benchmark files of several GB: indexing, the first question, any question, the hash, beside pandas; peak memory.

``python -m benchmarks tables WORK [--rows N…] [--picture-px N] [--repeats N]``. The files are drawn
(``gmai bench mini``) and kept in WORK. Each figure is the best of the repeats, each in a process of its own, the file
in the page cache; imports are not counted in seconds, but in memory.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from gmai.bench import MiniatureConfig, write_miniature

ROWS = (4550, 21281)
_OURS = """
from pathlib import Path
import numpy, pyarrow, gmai.bench.table
from gmai.bench import open_table
path = Path({path!r})
"""
TASKS = {
    "pandas.read_csv": ("import pandas", "pandas.read_csv({path!r}, sep='\\t')"),
    "index": (_OURS, "open_table(path)"),
    "first question": (_OURS, "open_table(path)[0].picture()"),
    "hash": (_OURS + "table = open_table(path)", "table.key"),
    "open with the index, first question": (_OURS, "open_table(path)[0].picture()"),
    "1,000 questions with their pictures, any order": (
        _OURS + "import random; table = open_table(path); some = random.Random(0).sample(table.indices, 1000)",
        "[table.find(index).picture() for index in some]",
    ),
    "a query": (
        _OURS + "from gmai.bench import parse_query; table = open_table(path)",
        "parse_query('department=Ophthalmology & !option~disc & options>2').select(table)",
    ),
    "every question and picture, in order": (
        _OURS + "table = open_table(path)",
        "[question.picture() and None for question in table]",
    ),
}
_FRESH = ("index", "first question")
"""Measured without a kept index."""
_MEASURE = """
import json, resource, time
{before}
wall, cpu = time.perf_counter(), time.process_time()
{task}
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(json.dumps([wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def measure(name: str, path: Path) -> list[float]:
    """Seconds, processor seconds and peak MB of one task in a process of its own."""
    if name in _FRESH or name == "hash":
        path.with_name(path.name + ".index").unlink(missing_ok=True)
    before, task = (text.format(path=str(path)) for text in TASKS[name])
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE.format(before=before, task=task)], capture_output=True, text=True, check=True
    )
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks tables")
    parser.add_argument("work", type=Path)
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS)
    parser.add_argument("--picture-px", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args(arguments)
    for rows in given.rows:
        path = given.work / f"{rows}x{given.picture_px}.tsv"
        if not path.exists():
            write_miniature(MiniatureConfig(out=path, rows=rows, picture_px=given.picture_px))
        print(f"\n{rows:,} questions, {path.stat().st_size / 1e9:.2f} GB\n")
        print(
            "| | seconds | processor s | peak MB | pandas over it, seconds | processor s |\n|---|---|---|---|---|---|"
        )
        pandas = "pandas.read_csv"
        runs: dict[str, list[list[float]]] = {name: [] for name in TASKS}
        for _ in range(given.repeats):
            for name in TASKS:
                runs[name].append(measure(name, path))
        best = {name: [min(column) for column in zip(*found, strict=True)] for name, found in runs.items()}
        for name, (wall, cpu, memory) in best.items():
            compared = name in ("index", "first question", "open with the index, first question")
            ratio = f"{best[pandas][0] / wall:.1f} | {best[pandas][1] / cpu:.1f}" if compared else " | "
            print(f"| {name} | {wall:.3f} | {cpu:.3f} | {memory:.0f} | {ratio} |", flush=True)
