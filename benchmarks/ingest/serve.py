"""One who is measured, in a process of its own: ``python -m benchmarks.ingest.serve ours.coco FOLDER``.

Makes ready, then does one round for every line it is given and answers with units, seconds and memory as JSON.
"""

import json
import logging
import os
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path


def main() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # peers print
    module, name = sys.argv[1].split(".")
    work = getattr(import_module(f"benchmarks.ingest.{module}"), name)(Path(sys.argv[2]))
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        units = work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        memory = _peak_mb()
        print(json.dumps({"units": units, "wall": wall, "cpu": cpu, "memory_mb": memory}), file=answers, flush=True)


def _peak_mb() -> float:
    """Largest resident memory so far; getrusage would begin with that of the parent."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    main()
