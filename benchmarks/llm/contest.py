"""One who is measured, in a process of its own: ``python -m benchmarks.llm.contest ours.gmai URL COUNT …``.

Imports come first and are not counted. Tells seconds, processor time, memory and the hash of the answers as JSON.
"""

import hashlib
import json
import logging
import os
import sys
import tempfile
import time
import warnings
from importlib import import_module
from pathlib import Path


def main() -> None:
    name, url, count, pictures, in_flight, libraries = sys.argv[1:]
    if (core := os.environ.get("CORE")) is not None:
        os.sched_setaffinity(0, {int(core)})
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # peers print
    module, function = name.split(".")
    ask = getattr(import_module(f"benchmarks.llm.{module}"), function)
    for library in filter(None, libraries.split(",")):
        import_module(library)
    with tempfile.TemporaryDirectory() as folder:
        seen, found = hashlib.sha256(), 0
        wall, cpu = time.perf_counter(), time.process_time()
        for text in ask(url, int(count), pictures == "pictures", int(in_flight), Path(folder)):
            seen.update(text.encode() + b"\n")
            found += 1
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    told = {"found": found, "wall": wall, "cpu": cpu, "memory_mb": peak_mb(), "hash": seen.hexdigest()}
    print(json.dumps(told), file=answers, flush=True)


def peak_mb() -> float:
    """Largest resident memory so far."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    main()
