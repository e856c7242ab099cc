"""A corpus of a million rows through every command that reads all of it: seconds, processor time, peak memory.

``python -m benchmarks scale WORK [COUNT…] [--workers N]``; by default 10,000, 100,000 and 1,000,000 samples with a
picture. WORK is kept: a count that is there is not made again. A quarter as many samples are text alone. The pictures
are of 24 x 24 pixels, every one another, drawn by seed; one in a hundred is the mirrored copy of an earlier one, one in
a hundred its exact copy, both under a subject of their own. One text in fifty is an earlier one with two words changed.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from benchmarks.process_tree import run_measured
from gmai.base import hash_bytes, open_run, output_files, write_text
from gmai.corpus import StoredSample, write_samples
from gmai.types import QA, ImageRef, Label, Provenance, Sample, Step

COUNTS = (10_000, 100_000, 1_000_000)
PER_FILE = 16_384
SIDE_PX = 24
LIMIT_S = 5400
LABELS = ("nodule", "effusion", "cardiomegaly", "pneumonia")
CARD = """
name: {name}
title: Drawn
home: https://example.org
licence: CC0-1.0
modality: {modality}
department: Pulmonary Medicine
format: class_folders
files: ["**/*"]
labels: {{{labels}}}
"""


def pictures(count: int) -> Iterator[bytes]:
    """Clouds on one of four common grounds, and copies of earlier ones."""
    chance = np.random.default_rng(0)
    grounds = [_cloud(chance, 3) for _ in LABELS]
    earlier: list[np.ndarray] = []
    for number in range(count):
        if number % 100 < 2 and len(earlier) == 64:
            picture = earlier[number % 64]
            picture = picture[:, ::-1] if number % 100 else picture
        else:
            picture = 0.5 * grounds[number % 4] + _cloud(chance, 6) + 0.3 * _cloud(chance, SIDE_PX)
            picture = np.clip(128 + 50 * picture, 0, 255).astype(np.uint8)
            earlier = [*earlier[-63:], picture]
        yield cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()


def _cloud(chance: np.random.Generator, grain: int) -> np.ndarray:
    small = chance.standard_normal((grain, grain), np.float32)
    return small if grain == SIDE_PX else cv2.resize(small, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)


def texts(count: int) -> Iterator[str]:
    """Questions of twenty words, each word as common as words are, and changed copies of earlier ones."""
    chance = np.random.default_rng(1)
    words = np.array([f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("a", "e", "io", "u") for c in "lmnrstx"])
    words = np.char.add(np.repeat(words, 30), np.tile([f"{n:x}o" for n in range(30)], len(words)))
    common = 1 / (np.arange(len(words)) + 20)
    common = np.cumsum(common / common.sum())
    earlier: list[np.ndarray] = []
    for number in range(count):
        if number % 50 == 0 and len(earlier) == 64:
            drawn = earlier[number % 64].copy()
            drawn[[3, 11]] = words[:2]
        else:
            drawn = words[np.searchsorted(common, chance.random(20))]
            earlier = [*earlier[-63:], drawn]
        yield f"Does the {' '.join(drawn)}?"


def samples(count: int) -> Iterator[StoredSample]:
    """Samples with a picture."""
    for number, data in enumerate(pictures(count)):
        label = LABELS[number % 4]
        sha = hash_bytes(f"{number}".encode())
        image = ImageRef(
            uri=f"{label}/{number:07d}.png", kind="raster", width=SIDE_PX, height=SIDE_PX, modality="X-ray",
            sha256=sha, asset=hash_bytes(data),
        )  # fmt: skip
        yield StoredSample(
            sample=Sample(
                **_named("drawn", number, f"{number // 2}" if number % 100 > 1 else f"copy {number}"),
                modality="X-ray",
                images=(image,),
                annotations=(Label(name=label, record=f"{image.uri}#folder", raw=label),),
                tasks={"finding": "Disease Diagnosis"},
                classes={"finding": LABELS},
            ),
            pictures=(data,),
        )


def questions(count: int) -> Iterator[StoredSample]:
    """Samples of text alone."""
    for number, question in enumerate(texts(count)):
        said = QA(question=question, answer="yes", record=f"q.csv:{number + 2}", options=("yes", "no"))
        yield StoredSample(sample=Sample(**_named("asked", number, f"{number}"), modality="Text", annotations=(said,)))


def _named(source: str, number: int, subject: str) -> dict:
    name = hash_bytes(f"{source} {number}".encode())[:16]
    steps = (Step(name="read", parameters={"format": "class_folders"}),)
    provenance = Provenance(source=source, licence="CC0-1.0", original_id=f"{number:07d}", steps=steps)
    department = "Pulmonary Medicine"
    return {**{"id": f"{source}/{name}", "source": source, "subject": subject},
            **{"department": department, "provenance": provenance}}  # fmt: skip


def make(folder: Path, name: str, modality: str, items: Iterator[StoredSample]) -> Path:
    """Write an ingested folder, as ``gmai source ingest`` would; a finished one is kept."""
    run = open_run(folder, "source ingest", {"made": "for a benchmark"}, {})
    if not run.done:
        (folder / "samples").mkdir(exist_ok=True)
        labels = ", ".join(f"{label}: {{name: {label}}}" for label in LABELS)
        write_text(folder / "card.yaml", CARD.format(name=name, modality=modality, labels=labels))
        number = 0
        while part := list(islice(items, PER_FILE)):
            write_samples(folder / f"samples/{number:05d}.parquet", part)
            number += 1
        run.finish({}, output_files(run))
    return folder


def steps(work: Path, raw: list[Path], workers: int) -> dict[str, list[str]]:
    """The commands, in their order."""
    corpus, jobs = str(work / "corpus"), ["--workers", str(workers), "--quiet"]
    return {
        "convert": ["convert", *map(str, raw), "-o", corpus, "--set", "subsets=[caption,text]", *jobs],
        "corpus dedup, pieces too": ["corpus", "dedup", corpus, *jobs],
        "corpus dedup": ["corpus", "dedup", corpus, "--set", "like.cut_out=false", "--no-resume", *jobs],
        "corpus split": ["corpus", "split", corpus, "--quiet"],
        "corpus stats": ["corpus", "stats", corpus, "-o", str(work / "stats"), "--quiet"],
        "corpus export webdataset": ["corpus", "export", "webdataset", corpus, "-o", str(work / "export"), *jobs],
        "corpus build": ["corpus", "build", corpus, "-o", str(work / "part"), "--set", "sources=[drawn]", "--quiet"],
    }  # fmt: skip


def run(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale")
    parser.add_argument("work", type=Path)
    parser.add_argument("counts", type=int, nargs="*", default=COUNTS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--skip", nargs="*", default=[], help="of the commands, not these")
    parser.add_argument("--only", nargs="*", help="of the commands, these")
    given = parser.parse_args(arguments)
    print(
        "| command | pictures | wall, s | processor, s | peak memory, MB | of it not files |\n|---|---|---|---|---|---|"
    )
    for count in given.counts or COUNTS:
        work = given.work / f"{count}"
        raw = [
            make(work / "drawn", "drawn", "X-ray", samples(count)),
            make(work / "asked", "asked", "Text", questions(count // 4)),
        ]
        for name, command in steps(work, raw, given.workers).items():
            if name in given.skip or given.only and name not in given.only:
                continue
            cost = run_measured([sys.executable, "-m", "gmai", *command], LIMIT_S)
            told = f"{cost.seconds:.1f} | {cost.cpu_s:.1f} | {cost.peak_mb:.0f} | {cost.own_mb:.0f}"
            print(f"| `{name}` | {count:,} | {told} |" + (f" exit {cost.status}" if cost.status else ""), flush=True)
        for name in ("corpus/stats.json", "corpus/dedup/stats.json", "corpus/dedup/run.json"):
            if (work / name).exists():
                told = json.loads((work / name).read_text())
                print(
                    name, {key: told[key] for key in told if key not in ("variety", "config", "versions")}, flush=True
                )
