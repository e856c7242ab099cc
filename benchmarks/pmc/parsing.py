"""Articles a second of processor time, ours beside pubmed_parser, and both on articles made hard by hand.

``python -m benchmarks pmc parsing FOLDER [--peer PYTHON] [--rounds 7]``: FOLDER holds ``.xml`` and ``.nxml`` files;
PYTHON is of an environment that has pubmed_parser. The two take turns, each round in a new process; of each number the
least is shown, for other work on the machine only ever adds. Reading the file counts, the start of Python does not.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.pmc.jats_cases import CASES

SCRIPT = Path(__file__).with_name("parse.py")
COMPARED = {"label", "caption", "title", "graphics"}


def measure(python, name, listing):
    done = subprocess.run([python, str(SCRIPT), name, str(listing)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout[done.stdout.index("{") :])


def right(case, found):
    """Whether the label, caption and pictures that a case names are found."""
    if isinstance(found, str) or len(found) != len(case.figures):
        return False
    for figure, expected in zip(found, case.figures, strict=True):
        words = " ".join(filter(None, (expected.get("title", ""), expected.get("caption", ""))))
        if "caption" in expected and figure["caption"] != words:
            return False
        if "label" in expected and figure["label"] != expected["label"]:
            return False
        if "graphics" in expected and tuple(figure["graphics"]) != expected["graphics"]:
            return False
    return True


def show(name, runs, groups, cases):
    found = runs[0]["found"]
    print(f"\n{name}: peak {min(run['peak_mb'] for run in runs):.0f} MB")
    for group, paths in groups.items():
        seconds = min(run["seconds"][group] for run in runs)
        crashed = sum(isinstance(found[path], str) for path in paths)
        figures = [figure for path in paths if not isinstance(found[path], str) for figure in found[path]]
        speed, unread = (1 / seconds if seconds else 0), f"{crashed:3} not read"
        counts = f"{sum(each['count'] for each in figures):4} figures, {sum(each['passages'] for each in figures):5}"
        print(f"  {group:24} {len(paths):4} articles {speed:8.0f} a second, {unread}, {counts} passages")
    compared = [path for path, case in cases.items() if any(COMPARED & set(each) for each in case.figures)]
    crashed = sum(isinstance(found[path], str) for path in cases)
    correct = sum(right(cases[path], found[path]) for path in compared)
    print(f"  hard articles: {crashed} of {len(cases)} not read; label, caption and pictures right in {correct} of the "
          f"{len(compared)} that name them")  # fmt: skip


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks pmc parsing")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", default="")
    parser.add_argument("--rounds", type=int, default=7)
    told = parser.parse_args(arguments)
    files = [path for path in sorted(told.folder.rglob("*")) if path.suffix in (".xml", ".nxml")]
    groups = {"all": [str(path) for path in files]}
    for path in files:
        groups.setdefault(path.relative_to(told.folder).parts[0], []).append(str(path))
    print(
        f"{len(files)} articles, {sum(path.stat().st_size for path in files) / 1024 / max(len(files), 1):.0f} KB each"
    )
    with tempfile.TemporaryDirectory() as folder:
        cases = {}
        for number, case in enumerate(CASES):
            path = Path(folder) / f"{number:03}.xml"
            path.write_text(case.xml, encoding="utf-8")
            cases[str(path)] = case
        listing = Path(folder) / "listing.json"
        listing.write_text(json.dumps({"groups": groups, "cases": list(cases)}))
        readers = [("ours", sys.executable)] + ([("pubmed_parser", told.peer)] if told.peer else [])
        runs = {name: [] for name, _ in readers}
        for _ in range(told.rounds):
            for name, python in readers:
                runs[name].append(measure(python, name, listing))
        for name, _ in readers:
            show(name, runs[name], groups, cases)
