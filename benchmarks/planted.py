"""Planted copies: which are found, and whether what is found is one, by the code that ``gmai corpus audit`` runs.

``python -m benchmarks planted PICTURES [--most N] [--texts PAIRS.tsv …] [--lines TEXTS …] [--volumes FOLDER]``.
PICTURES holds pictures (PNG, JPEG, anywhere below), of which N are taken by seed; of each a copy is made in every way.
A line of PAIRS is a text, the same in other words, and what is asked for; texts that ask for the same are the hard
negatives. FOLDER holds NIfTI volumes: a slice and its neighbour stand for two pictures of one subject under two names.
"""

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import nibabel
import numpy as np

from gmai.base import hash_bytes
from gmai.corpus import UnionFind, sign_text, split_words, text_key
from gmai.curate import Likeness, print_picture
from gmai.curate.match import link_between, link_within
from gmai.curate.rows import Row
from gmai.curate.side import Side, read_side, write_rows
from gmai.curate.wording import fold_text

LIKE = Likeness()
FLAT = 8
"""Standard deviation below which a picture is left out."""


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


def ways() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
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
        "cut anywhere, 60 %": lambda p: cut(p, 0.6, chance),
        "cut anywhere, 80 %, JPEG 50, to 224 x 224": lambda p: cv2.resize(jpeg(cut(p, 0.8, chance), 50), (224, 224)),
        "cut anywhere, 80 %, mirrored": lambda p: np.ascontiguousarray(cut(p, 0.8, chance)[:, ::-1]),
    }


def picture_row(name: str, picture: np.ndarray) -> Row:
    found = print_picture(np.repeat(picture[..., None], 3, axis=2))
    exact = hash_bytes(f"{picture.shape}".encode() + picture.tobytes())
    prints = {name: getattr(found, name).tobytes() for name in ("hashes", "boxes", "thumb", "points")}
    return Row("picture", name, 0, "made", name, picture.size, exact, flat=found.flat, **prints)


def text_row(name: str, text: str) -> Row:
    words = split_words(text)
    prints = {"signature": np.asarray(sign_text(words)).tobytes(), "terms": fold_text(words).tobytes()}
    return Row("text", name, 0, "made", name, len(words), text_key(words), alone=True, **prints)


def side(rows: Sequence[Row], work: Path) -> Side:
    folder = work / f"{len(list(work.iterdir()))}"
    folder.mkdir()
    write_rows(folder / "rows.parquet", rows)
    return read_side("made", [folder / "rows.parquet"], folder / "work")


def wilson(right: int, total: int) -> str:
    """A share with its 95 % interval."""
    if not total:
        return "-"
    share, z = right / total, 1.96
    middle, half = share + z * z / 2 / total, z * np.sqrt(share * (1 - share) / total + z * z / 4 / total**2)
    low, high = ((middle + sign * half) / (1 + z * z / total) for sign in (-1, 1))
    return f"{share:.3f} [{max(low, 0):.3f}, {min(high, 1):.3f}]"


def twins(originals: Side) -> UnionFind:
    """Originals that are copies of each other."""
    joined = UnionFind(len(originals.table))
    for link in link_within(originals, LIKE):
        joined.join(link.first, link.second)
    return joined


def row(name: str, copies: Side, originals: Side, known: UnionFind, like: Likeness = LIKE) -> str:
    """Recall and precision of one way of copying, as a line of the table."""
    linked = {(link.first, link.second) for link in link_between(copies, originals, like)}
    total = len(copies.table)
    hit = sum((at, at) in linked for at in range(total))
    right = sum(known.root(one) == known.root(other) for one, other in linked)
    return f"| {name} | {total} | {wilson(hit, total)} | {wilson(right, len(linked))} |"


def pictures_of(folder: Path, most: int) -> list[np.ndarray]:
    paths = sorted(path for ending in ("png", "jpg", "jpeg") for path in folder.rglob(f"*.{ending}"))
    chosen = [paths[at] for at in sorted(np.random.default_rng(0).permutation(len(paths))[:most])]
    read = (cv2.imread(str(path), 0) for path in chosen)
    return [picture for picture in read if picture is not None and picture.std() > FLAT]


def planted(folder: Path, most: int, work: Path, part: str) -> None:
    pictures = pictures_of(folder, most)
    start = time.process_time()
    originals = side([picture_row(f"{n}", picture) for n, picture in enumerate(pictures)], work)
    print(f"{len(pictures)} pictures, {(time.process_time() - start) / len(pictures) * 1e3:.1f} ms a fingerprint")
    known = twins(originals)
    again = sum(len(group) - 1 for group in known.groups().values())
    print(f"{again} originals are copies of others\n| copy | n | recall | precision |\n|---|---|---|---|")
    for name, way in ((name, way) for name, way in ways().items() if part in name):
        copies = side([picture_row(f"{n}", way(picture)) for n, picture in enumerate(pictures)], work)
        print(row(name, copies, originals, known), flush=True)


def slices(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """A slice and its neighbour at three heights of each volume."""
    for path in sorted(folder.rglob("*.nii*")):
        volume = np.asarray(nibabel.load(path).dataobj, np.float32)
        if volume.ndim == 3 and min(volume.shape) > 8 and len(np.unique(volume)) > 32:
            grey = np.clip(volume * (255 / np.percentile(volume, 99.5)), 0, 255).astype(np.uint8)
            for at in (volume.shape[2] // 3, volume.shape[2] // 2, volume.shape[2] * 2 // 3):
                yield np.ascontiguousarray(grey[..., at]), np.ascontiguousarray(grey[..., at + 1])


def neighbours(folder: Path, work: Path) -> None:
    pairs = list(slices(folder))
    here, there = (side([picture_row(f"{n}", each[at]) for n, each in enumerate(pairs)], work) for at in (0, 1))
    print(row("the next slice of the same volume", there, here, twins(here)))


def texts(path: Path, least: int, work: Path) -> None:
    """Recall over the pairs; precision over pairs that ask for the same, those that are written out as false."""
    with path.open(encoding="utf-8") as lines:
        pairs = [line for line in csv.reader(lines, delimiter="\t")]
    pairs = [pair for pair in pairs if min(len(split_words(text)) for text in pair[:2]) >= least]
    here, there = (side([text_row(f"{n}", pair[at]) for n, pair in enumerate(pairs)], work) for at in (0, 1))
    known = UnionFind(len(pairs))
    first: dict[str, int] = {}
    for at, pair in enumerate(pairs):
        for text in pair[:2]:
            known.join(at, first.setdefault(text_key(split_words(text)), at))
    asked = [pair[2] for pair in pairs]
    hard = sum(asked[a] == asked[b] and known.root(a) != known.root(b) for a in range(len(pairs)) for b in range(a))
    print(f"{path.name}: {len(pairs)} pairs of {least} words at least, {hard} hard negatives")
    for name, like in (("near words", Likeness(content=2.0)), ("near words or same content", LIKE)):
        print(row(name, here, there, known, like))
    for link in link_between(here, there, LIKE):
        if known.root(link.first) != known.root(link.second):
            print("  other pair:", link.how, link.likeness, pairs[link.first][0], "|", pairs[link.second][1])


def replaced(path: Path, work: Path) -> None:
    """Texts, one a line, with words replaced at random by words that occur nowhere."""
    lines = [line for line in dict.fromkeys(path.read_text("utf-8").splitlines()) if len(split_words(line)) >= 8]
    here = side([text_row(f"{n}", line) for n, line in enumerate(lines)], work)
    known = twins(here)
    for name, share in (("every tenth word replaced", 0.1), ("every fifth", 0.2), ("every third", 1 / 3)):
        chance = np.random.default_rng(0)
        copies = [
            " ".join(f"x{chance.integers(10**6)}" if chance.random() < share else word for word in split_words(line))
            for line in lines
        ]
        print(row(name, side([text_row(f"{n}", copy) for n, copy in enumerate(copies)], work), here, known))


def run(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks planted")
    parser.add_argument("pictures", type=Path, nargs="?")
    parser.add_argument("--most", type=int, default=1500)
    parser.add_argument("--ways", default="", help="only ways of copying with this in their name")
    parser.add_argument("--texts", type=Path, nargs="*", default=[])
    parser.add_argument("--lines", type=Path, nargs="*", default=[], help="files with a text a line, to replace words")
    parser.add_argument("--least", type=int, default=8, help="words of a text")
    parser.add_argument("--volumes", type=Path)
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as work:
        if given.pictures:
            planted(given.pictures, given.most, Path(work), given.ways)
        if given.volumes:
            neighbours(given.volumes, Path(work))
        for path in given.lines:
            replaced(path, Path(work))
        for path in given.texts:
            texts(path, given.least, Path(work))
