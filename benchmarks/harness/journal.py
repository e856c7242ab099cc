"""Our own time for as many answers as GMAI-MMBench has in TEST, and the journal beside a pickle of all each time.

VLMEvalKit writes every result so far into one pickle after each reply of a server; that routine is written again here
from its description.
"""

import pickle
import tempfile
import time
from pathlib import Path

from gmai.bench import write_tsv
from gmai.evaluate import RunConfig, run_model
from gmai.evaluate.journal import Journal
from gmai.types import Prediction

ANSWERS = 21_281
REPLIES = {"a letter": "B", "a sentence": "The answer is B, because of what is seen.", "2 kB": "word " * 400 + "B"}
CASES = (("a letter", 4_550), ("a letter", ANSWERS), ("2 kB", 4_550))
"""Replies and their number; a pickle of 21,281 long ones each time would write hundreds of GiB."""


def run(*, whole: bool, beside: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if whole:
            _whole(Path(folder))
        if beside:
            for name, count in CASES:
                _beside(Path(folder, f"{name} {count}"), f"{count:,} answers of {name}", REPLIES[name], count)


def _whole(folder: Path) -> None:
    columns = ("index", "question", *"ABCDE", "clinical vqa task", "department", "perceptual granularity", "modality")
    rows = (
        {name: f"{name} {n}" for name in columns} | {"index": n, "question": f"What is in picture {n}?"}
        for n in range(ANSWERS)
    )
    write_tsv(folder / "q.tsv", rows, columns)
    for name, reply in REPLIES.items():
        source = folder / f"{name.replace(' ', '_')}.py"
        source.write_text(f"def reply(pictures, prompt):\n    return {reply!r}\n")
        config = RunConfig(
            tsv=folder / "q.tsv", out=folder / f"out {name}", runner="function", function=f"{source}:reply"
        )
        wall, cpu = time.perf_counter(), time.process_time()
        run_model(config)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"| whole run, {name} | {cpu:.2f} | {wall:.2f} | {1000 * cpu / ANSWERS:.3f} |", flush=True)


def _beside(folder: Path, name: str, reply: str, count: int) -> None:
    folder.mkdir()
    answers = [Prediction(index=n, mode="generate", choice=None, text=f"{n} {reply}") for n in range(count)]
    wall, cpu = time.perf_counter(), time.process_time()
    with Journal(folder / "ours") as journal:
        for answer in answers:
            journal.add([answer])
    ours = time.perf_counter() - wall, time.process_time() - cpu
    wall, cpu = time.perf_counter(), time.process_time()
    with Journal(folder / "ours") as journal:
        assert sum(1 for _ in journal.answers()) == count
    again = time.perf_counter() - wall, time.process_time() - cpu
    size = (folder / "ours/journal-000.jsonl").stat().st_size
    wall, cpu, written, found = time.perf_counter(), time.process_time(), 0, {}
    for answer in answers:
        found[answer.index] = answer.text
        with (folder / "theirs.pkl").open("wb") as out:
            pickle.dump(found, out)
            written += out.tell()
    theirs = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"| {name} | {ours[1]:.2f} | {ours[0]:.2f} | {size / 1e6:.1f} MB | {again[1]:.2f} | "
        f"{theirs[1]:.1f} | {theirs[0]:.1f} | {written / 2**30:.1f} GiB |",
        flush=True,
    )
