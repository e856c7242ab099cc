"""Ingest of 1,000, 10,000 and 100,000 small pictures: memory must not grow with their number, nor seconds per picture.

    python -m benchmarks.ingest.scale [--counts 1000 10000 100000] [--workers 1]

The pictures are 64 x 64 PNGs of seeded noise in two class folders, made below a temporary folder. Peak memory is the
largest sum of proportional resident memory of the command and all its children.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import yaml

from benchmarks.process_tree import run_measured

CARD = {
    "name": "noise",
    "title": "Noise",
    "home": "https://example.org",
    "licence": "CC0-1.0",
    "modality": "X-ray",
    "department": "none",
    "format": "class_folders",
    "files": ["*/*.png"],
    "labels": {"a": {"name": "first"}, "b": {"name": "second"}},
    "tasks": {"finding": "none"},
}
PER_FOLDER = 1000


def make_pictures(root: Path, count: int) -> None:
    """Write ``count`` PNGs below ``root``, each of its own noise."""
    draw = np.random.default_rng(0)
    for number in range(count):
        folder = root / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{number:06d}.png"), draw.integers(0, 256, (64, 64), np.uint8))


def measure(work: Path, count: int, workers: int) -> tuple[float, float]:
    """Seconds and peak memory of one ingest of ``count`` pictures."""
    root = work / f"pictures-{count}"
    make_pictures(root, count)
    card = work / "card.yaml"
    card.write_text(yaml.safe_dump(CARD))
    command = [sys.executable, "-m", "gmai", "source", "ingest", str(card), "--root", str(root), "--quiet"]
    cost = run_measured([*command, "-o", str(work / f"raw-{count}"), "--workers", str(workers)])
    if cost.status:
        raise SystemExit(f"ingest ended with {cost.status}")
    return cost.seconds, cost.peak_mb


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    print("| pictures | seconds | ms a picture | peak memory, MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        for count in given.counts:
            seconds, peak = measure(Path(work), count, given.workers)
            print(f"| {count:,} | {seconds:.1f} | {1000 * seconds / count:.2f} | {peak:.0f} |", flush=True)


if __name__ == "__main__":
    main()
