"""Lists of replies read by our rules and by VLMEvalKit's: right, abstained or guessed, style by style.

Right: what a person who wrote the reply down says it answers, or nothing where it answers nothing. A wrong letter and a
letter where there is none are guesses. Folders: the lists the rules were made with by default; give others to try them.
"""

import json
import time
from collections import Counter
from pathlib import Path

from gmai.evaluate import EXTRACTOR, extract_choice
from gmai.evaluate.vlmevalkit import VERSION, extract_vlmevalkit

LISTS = Path("tests/evaluate/replies")


def judge(item: dict, extract) -> str:
    """``right``, ``abstained`` or ``guessed``."""
    form = item.get("form", "choice")
    found = extract(item["reply"], item["options"], form=form)
    in_words = form == "open" or form == "yes_no" and not item["options"]
    got = found.text if in_words else found.letter
    return "right" if got == item["expected"] else "abstained" if got is None else "guessed"


def tabulate(folder: Path) -> None:
    """Print a table with a row for each list of the folder."""
    rows, ours_all, theirs_all = [], Counter(), Counter()
    for path in sorted(folder.glob("*.jsonl")):
        items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        ours = Counter(judge(item, extract_choice) for item in items)
        covered = [item for item in items if item.get("form", "choice") == "choice"]
        theirs = Counter(judge(item, extract_vlmevalkit) for item in covered)
        ours_all, theirs_all = ours_all + ours, theirs_all + theirs
        rows.append((path.stem.replace("_", " "), ours, theirs))
    print(f"\n{folder}: ours {EXTRACTOR}, theirs {VERSION} (no judge, nothing drawn; one right option only)\n")
    print("| style | n | right | abstained | guessed | their n | right | none | wrong |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, ours, theirs in [*rows, ("all", ours_all, theirs_all)]:
        mine = f"{ours.total()} | {ours['right']} | {ours['abstained']} | {ours['guessed']}"
        kit = f"{theirs.total()} | {theirs['right']} | {theirs['abstained']} | {theirs['guessed']}"
        print(f"| {name} | {mine} | {kit if theirs else '0 | | |'} |")


def run(arguments: list[str]) -> None:
    """Print a table for each folder."""
    for folder in arguments or [str(LISTS)]:
        start = time.perf_counter()
        tabulate(Path(folder))
        print(f"\n{time.perf_counter() - start:.1f} s")
