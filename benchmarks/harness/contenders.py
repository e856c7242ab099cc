"""How each harness is started, and where it writes what it reached."""

import csv
import json
import sys
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

Started = tuple[list[str], dict[str, str]]
HERE = Path(__file__).parent


def gmai(tsv: Path, url: str, out: Path) -> Started:
    command = [sys.executable, "-m", "gmai", "eval", "run", "--data", str(tsv), "--model", f"openai:fake@{url}"]
    return [*command, "--in-flight", "32", "--mode", "all", "-o", str(out / "run"), "--quiet"], {}


def inspect(python: str, tsv: Path, url: str, out: Path) -> Started:
    return [python, str(HERE / "inspect_task.py"), str(tsv), url, str(out)], {"HOME": str(out)}


def vlmevalkit(python: str, checkout: str, tsv: Path, url: str, out: Path) -> Started:
    arguments = ["--data", tsv.stem, "--model", "fake", "--base-url", url, "--api-nproc", "32", "--mode", "all"]
    more = ["--judge", "exact_matching", "--work-dir", str(out / "run")]
    told = {"LMUData": str(tsv.parent), "PYTHONPATH": checkout, "HOME": str(out)}
    environment = {**told, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    return [python, f"{checkout}/run.py", *arguments, *more], environment


def peer(text: str) -> tuple[str, Callable[[Path, str, Path], Started]]:
    name, _, rest = text.partition("=")
    made = {"inspect": inspect, "vlmevalkit": vlmevalkit}[name]
    return name, partial(made, *rest.split(","))


def read_accuracy(name: str, out: Path) -> float:
    if name == "gmai":
        with (out / "run/pairs.csv").open() as lines:
            return float(next(csv.DictReader(lines))["accuracy"])
    if name == "inspect":
        return float(json.loads((out / "accuracy.json").read_text()))
    path = next(path for path in sorted((out / "run").rglob("*_acc.csv")) if not path.is_symlink())
    with path.open() as lines:
        row = next(csv.DictReader(lines))
    return float(row["Overall"])


def wait_for(url: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"no server at {url}")
