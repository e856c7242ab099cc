"""Near duplicates: the index beside brute force, whole corpora of made rows, and planted copies of real pictures.

``python -m benchmarks near [FOLDER [TEXTS…]]``; FOLDER holds pictures (PNG, JPEG, anywhere below), of which 1,500 at
most are taken, TEXTS are files with a text a line.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from gmai.corpus import find_near_texts, find_pairs, sign_text, split_words
from gmai.curate import VARIANTS, Likeness, compare_thumbs, print_picture
from gmai.curate.match import link_within
from gmai.curate.rows import Row
from gmai.curate.side import read_side, write_rows

MOST = 1500
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
    start = time.perf_counter()
    found = sum(len(pairs.first) for pairs in find_pairs(mine, distance))
    seconds = time.perf_counter() - start
    print(f"{count:9,} fingerprints, distance {distance}: {found:7,} pairs {seconds:7.2f} s, peak {peak():5.0f} MiB")


def brute(count: int, distance: int, part: int) -> None:
    mine = hashes(count)
    start = time.perf_counter()
    found = sum(int((np.bitwise_count(one ^ mine) <= distance).sum()) - 1 for one in mine[:part])
    seconds = (time.perf_counter() - start) * count / part / 2
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
                names = ("picture", f"made/{at}", 0, "made", f"p{at}", 1, f"{at:064d}", f"{at:064x}")
                prints = {"hashes": forms.astype(np.uint64).tobytes(), "boxes": boxes, "thumb": thumbs[at % 64]}
                rows.append(Row(*names, **prints))
            files.append(Path(folder) / f"{start:09d}.parquet")
            write_rows(files[-1], rows)
        begin = time.perf_counter()
        side = read_side("made", files, Path(folder) / "work")
        read = time.perf_counter() - begin
        links = sum(1 for _ in link_within(side, LIKE))
        seconds = time.perf_counter() - begin
        print(f"{count:9,} pictures in {len(VARIANTS)} forms: read {read:.1f} s, "
              f"linked {seconds - read:.1f} s ({links} links), peak {peak():.0f} MiB")  # fmt: skip


def peak() -> float:
    """Peak resident memory, pages of mapped files left out."""
    status = Path("/proc/self/status").read_text()
    mapped = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssFile"))
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - mapped) / 1024


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)


def cut(picture: np.ndarray, share: float, chance: np.random.Generator | None = None) -> np.ndarray:
    height, width = picture.shape
    rows, columns = max(int(height * share), 1), max(int(width * share), 1)
    top, left = (height - rows) // 2, (width - columns) // 2
    if chance is not None:
        top, left = int(chance.integers(0, height - rows + 1)), int(chance.integers(0, width - columns + 1))
    return np.ascontiguousarray(picture[top : top + rows, left : left + columns])


def square(picture: np.ndarray) -> np.ndarray:
    side = min(picture.shape)
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    return np.ascontiguousarray(picture[top : top + side, left : left + side])


def window(picture: np.ndarray, low: float, high: float, power: float = 1.0) -> np.ndarray:
    table = np.clip((np.arange(256) - low) / (high - low), 0, 1) ** power * 255
    return table.astype(np.uint8)[picture]


def ways() -> dict:
    chance = np.random.default_rng(1)
    return {
        "exact": lambda p: p.copy(),
        "resized to half": lambda p: cv2.resize(p, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        "resized to 224 x 224": lambda p: cv2.resize(p, (224, 224)),
        "recompressed, JPEG 75": lambda p: jpeg(p, 75),
        "recompressed, JPEG 30": lambda p: jpeg(p, 30),
        "windowed 20-230": lambda p: window(p, 20, 230),
        "windowed 50-200": lambda p: window(p, 50, 200),
        "gamma 0.6": lambda p: window(p, 0, 255, 0.6),
        "inverted": lambda p: 255 - p,
        "mirrored": lambda p: np.ascontiguousarray(p[:, ::-1]),
        "upside down": lambda p: np.ascontiguousarray(p[::-1]),
        "mirrored, JPEG 50": lambda p: jpeg(np.ascontiguousarray(p[:, ::-1]), 50),
        "middle square": square,
        "middle 87.5 % to 224 x 224": lambda p: cv2.resize(cut(p, 0.875), (224, 224)),
        "middle 92 %": lambda p: cut(p, 0.92),
        "middle 80 %": lambda p: cut(p, 0.8),
        "cut anywhere, 95 %": lambda p: cut(p, 0.95, chance),
        "cut anywhere, 90 %": lambda p: cut(p, 0.9, chance),
        "cut anywhere, 80 %": lambda p: cut(p, 0.8, chance),
    }


def find(copy, originals, plain, forms) -> dict[int, float]:
    """Originals that a copy is linked to, as an audit does: both ways, then by details."""
    found: dict[int, float] = {}
    most = np.full(len(VARIANTS), LIKE.distance_changed)
    most[0] = LIKE.distance
    for at, variant in np.argwhere(np.bitwise_count(copy.hashes[0] ^ forms) <= most):
        likeness = compare_thumbs(copy.thumb, originals[at].thumb, VARIANTS[variant], originals[at].boxes[variant])
        found[int(at)] = max(found.get(int(at), -1), likeness)
    for variant in range(5, len(VARIANTS)):
        for at in np.flatnonzero(np.bitwise_count(copy.hashes[variant] ^ plain) <= LIKE.distance_changed):
            likeness = compare_thumbs(originals[at].thumb, copy.thumb, VARIANTS[variant], copy.boxes[variant])
            found[int(at)] = max(found.get(int(at), -1), likeness)
    return {at: likeness for at, likeness in found.items() if likeness >= LIKE.details}


def planted(folder: Path) -> None:
    paths = sorted(path for ending in ("png", "jpg", "jpeg") for path in folder.rglob(f"*.{ending}"))
    chance = np.random.default_rng(0)
    chosen = [paths[at] for at in sorted(chance.permutation(len(paths))[:MOST])]
    pictures = [picture for path in chosen if (picture := cv2.imread(str(path), 0)) is not None and picture.std() > 8]
    start = time.perf_counter()
    originals = [make(picture) for picture in pictures]
    print(f"{len(originals)} pictures, {(time.perf_counter() - start) / len(originals) * 1e3:.1f} ms a fingerprint")
    plain = np.array([each.hashes[0] for each in originals])
    forms = np.array([each.hashes for each in originals])
    twins = [{at, *find(each, originals, plain, forms)} for at, each in enumerate(originals)]
    print(f"{sum(len(each) - 1 for each in twins) // 2} pairs of originals are linked among themselves")
    print(f"{'copy':28} {'recall':>7} {'precision':>9}   by hash alone (distance 0 to 4, as it is or changed)")
    for name, way in ways().items():
        right = wrong = hit = alone_hit = alone_right = alone_wrong = 0
        for at, picture in enumerate(pictures):
            copy = make(way(picture))
            linked = find(copy, originals, plain, forms)
            hit += at in linked
            right, wrong = right + len(linked.keys() & twins[at]), wrong + len(linked.keys() - twins[at])
            near = np.bitwise_count(copy.hashes[0] ^ forms).min(axis=1)
            near[:] = np.minimum(near, np.bitwise_count(copy.hashes[None, 5:] ^ plain[:, None]).min(axis=1))
            alone = set(np.flatnonzero(near <= LIKE.distance_unseen).tolist())
            alone_hit += at in alone
            alone_right, alone_wrong = alone_right + len(alone & twins[at]), alone_wrong + len(alone - twins[at])
        print(f"{name:28} {hit / len(pictures):7.3f} {right / max(right + wrong, 1):9.3f}   "
              f"{alone_hit / len(pictures):7.3f} {alone_right / max(alone_right + alone_wrong, 1):9.3f}")  # fmt: skip


def make(picture: np.ndarray):
    return print_picture(np.repeat(picture[..., None], 3, axis=2))


def texts(paths: list[Path]) -> None:
    """Lines of text files, with words dropped, swapped and put in another order."""
    lines = sorted({line for path in paths for line in path.read_text("utf-8").splitlines()})
    words = [found for line in lines if 8 <= len(found := split_words(line)) <= 200][:2000]
    chance = np.random.default_rng(0)
    signed = np.array([sign_text(each) for each in words])
    for name, share in (("every tenth word replaced", 0.1), ("every fifth word replaced", 0.2), ("every third", 1 / 3)):
        copies = [[f"x{n}" if chance.random() < share else word for n, word in enumerate(each)] for each in words]
        found = {(i, j) for one, two, _ in find_near_texts(np.array([sign_text(c) for c in copies]), signed, LIKE.words)
                 for i, j in zip(one.tolist(), two.tolist(), strict=True)}  # fmt: skip
        hit = sum((at, at) in found for at in range(len(words)))
        print(f"{name:28} recall {hit / len(words):.3f}, precision {hit / max(len(found), 1):.3f}, {len(words)} texts")


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
    if arguments:
        planted(Path(arguments[0]))
        texts([Path(each) for each in arguments[1:]])
