"""Near duplicates: the index beside brute force, and whole corpora of made rows.

``python -m benchmarks near``; planted copies are looked for by ``python -m benchmarks planted``.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from gmai.base import hash_bytes
from gmai.corpus import find_pairs
from gmai.curate import VARIANTS, Likeness
from gmai.curate.match import link_within
from gmai.curate.rows import Row
from gmai.curate.side import read_side, write_rows

LIKE = Likeness()


def hashes(count: int) -> np.ndarray:
    """Random fingerprints, one in twenty a copy with three bits turned."""
    chance = np.random.default_rng(0)
    drawn = chance.integers(0, 1 << 63, count, dtype=np.uint64) * 2
    copies = drawn[: count // 20].copy()
    for _ in range(3):
        copies ^= np.uint64(1) << chance.integers(1, 64, len(copies)).astype(np.uint64)
    drawn[-len(copies) :] = copies
    return np.unique(drawn)


def index(count: int, distance: int) -> None:
    """One run of the index; prints its own time and peak memory."""
    mine = hashes(count)
    start = time.process_time()
    found = sum(len(pairs.first) for pairs in find_pairs(mine, distance))
    seconds = time.process_time() - start
    print(f"{count:9,} fingerprints, distance {distance}: {found:7,} pairs {seconds:7.2f} s, peak {peak():5.0f} MiB")


def brute(count: int, distance: int, part: int) -> None:
    mine = hashes(count)
    start = time.process_time()
    found = sum(int((np.bitwise_count(one ^ mine) <= distance).sum()) - 1 for one in mine[:part])
    seconds = (time.process_time() - start) * count / part / 2
    print(f"{count:9,} by brute force (numpy, from {part:,} rows, {found} pairs): {seconds:7.1f} s")


def whole(count: int) -> None:
    """Rows of a corpus made up: from shards on disk to links."""
    chance = np.random.default_rng(0)
    thumbs = [chance.integers(0, 256, (64, 64), np.uint8).tobytes() for _ in range(64)]
    boxes = np.tile(np.float32([0, 0, 1, 1]), (len(VARIANTS), 1)).tobytes()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        plain = hashes(count)
        chance.shuffle(plain)
        for start in range(0, len(plain), 20_000):
            rows = []
            for at in range(start, min(start + 20_000, len(plain))):
                forms = np.append(plain[at], chance.integers(0, 1 << 63, len(VARIANTS) - 1, np.uint64) * 2)
                names = (
                    "picture",
                    f"made/{at}",
                    0,
                    "made",
                    f"p{at}",
                    1,
                    hash_bytes(f"{at}".encode()),
                    f"{at + 1:064x}"[::-1],
                )
                prints = {"hashes": forms.astype(np.uint64).tobytes(), "boxes": boxes, "thumb": thumbs[at % 64]}
                rows.append(Row(*names, **prints))
            files.append(Path(folder) / f"{start:09d}.parquet")
            write_rows(files[-1], rows)
        begin = time.process_time()
        side = read_side("made", files, Path(folder) / "work")
        read = time.process_time() - begin
        links = sum(1 for _ in link_within(side, LIKE))
        seconds = time.process_time() - begin
        print(f"{count:9,} pictures in {len(VARIANTS)} forms: read {read:.1f} s, "
              f"linked {seconds - read:.1f} s ({links} links), peak {peak():.0f} MiB")  # fmt: skip


def peak() -> float:
    """Peak resident memory, pages of mapped files left out."""
    status = Path("/proc/self/status").read_text()
    mapped = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssFile"))
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - mapped) / 1024


def run(arguments: list[str]) -> None:
    if arguments[:1] == ["-"]:
        globals()[arguments[1]](*(int(each) for each in arguments[2:]))
        return
    for task in (
        *(("index", count, distance) for count in (100_000, 1_000_000) for distance in (3, 8)),
        ("brute", 100_000, 3, 2000),
        ("whole", 100_000),
        ("whole", 1_000_000),
    ):
        subprocess.run([sys.executable, "-m", "benchmarks", "near", "-", *map(str, task)], check=True)
