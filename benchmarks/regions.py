"""Label maps of 1024 x 1024 pixels with five classes: decode, split, run-length code and facts, beside the plain way.

The plain way splits with numpy, encodes with pycocotools and measures area, box and centroid of the decoded pixels.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from pycocotools import mask as coco

from gmai.annotations import region_facts
from gmai.images import LabelVolume, encode_mask, read_label_picture
from gmai.types import ImageRef, MaskRef

PICTURES, SIZE, ROUNDS = 20, 1024, 3
IMAGE = ImageRef(
    uri="l", kind="raster", width=SIZE, height=SIZE, modality="CT", sha256="", asset="", spacing_mm=(0.5, 0.7)
)


def draw(seed: int) -> np.ndarray:
    """Five classes of one to three wavy blobs each."""
    rng = np.random.default_rng(seed)
    ys, xs = np.mgrid[:SIZE, :SIZE]
    drawn = np.zeros((SIZE, SIZE), np.uint8)
    for value in range(1, 6):
        for _ in range(rng.integers(1, 4)):
            y, x = rng.integers(100, SIZE - 100, 2)
            high, wide = rng.integers(40, 220, 2)
            edge = 1 + 0.1 * np.sin(7 * np.arctan2(ys - y, xs - x))
            drawn[((ys - y) / high) ** 2 + ((xs - x) / wide) ** 2 < edge] = value
    return drawn


def ours(path: Path) -> None:
    for value, name, inside in LabelVolume(read_label_picture(path)[None], False).cut(2, 0):
        code = encode_mask(inside)
        region_facts(MaskRef(label=name, record="", uri="l", value=value, rle=code, size=inside.shape), IMAGE)


def plain(path: Path) -> None:
    values = np.asarray(Image.open(path))
    for value in np.unique(values):
        if value:
            inside = values == value
            coco.encode(np.asfortranarray(inside.astype(np.uint8)))
            rows, columns = np.nonzero(inside)
            (rows.min(), rows.max(), columns.min(), columns.max(), rows.mean(), columns.mean(), len(rows))


def rate(work: Callable[[Path], None], paths: list[Path]) -> float:
    """Best of some rounds, in pictures a second of processor time, which other programs disturb little."""
    best = 0.0
    for _ in range(ROUNDS + 1):  # the first fills the caches
        start = time.process_time()
        for path in paths:
            work(path)
        best = max(best, len(paths) / (time.process_time() - start))
    return best


def run(arguments: list[str]) -> None:
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{seed}.png" for seed in range(PICTURES)]
        for seed, path in enumerate(paths):
            Image.fromarray(draw(seed)).save(path)
        print(f"gmai, with diameter and parts: {rate(ours, paths):6.1f} label maps/s")
        print(f"plain, without:                {rate(plain, paths):6.1f} label maps/s")
