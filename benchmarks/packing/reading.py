"""Rows through the whole input path with no model behind it: read, decoded, fitted, and handed over in order."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from benchmarks.packing.rows import contract
from benchmarks.process_tree import tree_cpu_s
from gmai.base import hash_bytes, open_run, output_files
from gmai.corpus import Corpus, SplitConfig, StoredSample, open_corpus, split_corpus, write_conversations, write_samples
from gmai.models import TinyShape, VisualContract, make_tiny, read_costs
from gmai.train import BatchConfig, FeedConfig, PictureConfig, RowConfig, SetConfig
from gmai.train.assembly import Assembler
from gmai.train.copies import open_copies
from gmai.train.feed import Feed
from gmai.train.indexing import open_index
from gmai.train.lengths import Measure
from gmai.train.mixture import Mixture, Needs
from gmai.train.order import Order
from gmai.train.plan import plan_steps
from gmai.types import Conversation, ImageRef, Provenance, Sample, Turn

SIDES = (1000, 800)
BUDGET = BatchConfig(tokens=16_384, tiles=48, packs=1)
CASES = ((0, False), (0, True), (1, True), (2, False), (2, True))
"""Workers, and whether samples are copied one by one first."""


def main(chosen: argparse.Namespace) -> None:
    count = chosen.rows or 1000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus, size = make_corpus(folder / "corpus", count)
        print(f"{count} rows, JPEG files of {SIDES[0]} x {SIDES[1]}, {size / count / 1000:.0f} kB each")
        print("| tiles a picture | workers | samples | rows/s | MB/s | processor ms a row |")
        print("|---|---|---|---|---|---|")
        for most in (1, 4):
            for workers, copied in CASES:
                read(corpus, folder, contract(most), workers, copied, size / count)


def read(corpus: Corpus, folder: Path, sees: VisualContract, workers: int, copied: bool, size: float) -> None:
    loaded = make_tiny(TinyShape(image_px=16, patch_px=4), ["What is it? a cyst"], 0)
    index = open_index(corpus, "train", loaded.scaffold, sees, folder / "index")
    store = open_copies(corpus, "train", folder / "index") if copied else corpus
    rows = RowConfig(questions=None, chances={}, weights={})
    needs = Needs(longest=16_384, tiles=48)
    mixture = Mixture([SetConfig(name="made", corpus=corpus.folder)], [index], rows, needs)
    plan = plan_steps(Measure(mixture, 0, BUDGET.tokens), Order(mixture, {}, 0), BUDGET, None, 2.0)
    still = PictureConfig(gain=0.0, level=0.0, shift_px=0)
    costs = read_costs(loaded.model)
    assembler = Assembler(mixture, plan, loaded.scaffold, costs, still, 0, BUDGET.tokens, True)
    batches = Feed(assembler, (store,), sees, FeedConfig(workers=workers), 0).batches()
    done = len(next(batches).packs[0].samples)  # processes have started
    wall, spent = time.perf_counter(), tree_cpu_s(os.getpid())
    tiles = counted = 0
    for batch in batches:
        for pack in batch.packs:
            counted += len(pack.samples)
            tiles += pack.tiles
    wall, spent = time.perf_counter() - wall, tree_cpu_s(os.getpid()) - spent
    read = counted - done * 2 * workers  # about so many were begun before the clock
    where = "one by one" if copied else "as stored"
    numbers = f"{read / wall:.0f} | {read / wall * size / 1e6:.1f} | {spent / read * 1000:.1f}"
    print(f"| {tiles / counted:.0f} | {workers} | {where} | {numbers} |", flush=True)


def make_corpus(folder: Path, count: int) -> tuple[Corpus, float]:
    """Noisy pictures, each with one question; returns the corpus and the bytes of all pictures."""
    run = open_run(folder, "convert", {"made": "by a benchmark"}, {})
    (folder / "samples").mkdir()
    (folder / "conversations").mkdir()
    size = 0.0
    for start in range(0, count, 500):
        samples = [make_sample(number) for number in range(start, min(start + 500, count))]
        size += sum(len(stored.pictures[0]) for stored in samples)
        write_samples(folder / f"samples/made-{start:05d}.parquet", samples)
        write_conversations(folder / f"conversations/{start:05d}.parquet", [ask(stored.sample) for stored in samples])
    run.finish({}, output_files(run))
    split_corpus(SplitConfig(corpus=folder, val=0.0, test=0.0))
    return open_corpus(folder), size


def make_sample(number: int) -> StoredSample:
    rng = np.random.default_rng(number)
    rough = cv2.resize(rng.integers(0, 255, (20, 24, 3), dtype=np.uint8), SIDES, interpolation=cv2.INTER_CUBIC)
    noisy = np.clip(rough.astype(np.int16) + rng.integers(-9, 10, rough.shape, dtype=np.int16), 0, 255)
    data = cv2.imencode(".jpg", noisy.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
    key = hash_bytes(data)
    sizes = {"width": SIDES[0], "height": SIDES[1]}
    image = ImageRef(uri=f"{number}.jpg", kind="raster", modality="CT", sha256=key, asset=key, **sizes)
    sample = Sample(
        id=f"made/{number}",
        source="made",
        subject=f"p{number}",
        modality="CT",
        department="none",
        provenance=Provenance(source="made", licence="MIT", original_id=str(number)),
        images=(image,),
    )
    return StoredSample(sample=sample, pictures=(data,))


def ask(sample: Sample) -> Conversation:
    turns = (Turn(role="user", text="What is it?"), Turn(role="assistant", text="a cyst"))
    return Conversation(
        id=f"{sample.id}#q",
        sample=sample.id,
        source=sample.source,
        subset="percept",
        kind="finding",
        task="none",
        modality="CT",
        department="none",
        turns=turns,
    )
