"""Reading of pictures and volumes on one core: fingerprints of JPEG, slices of CT, memory of one volume out of many."""

import io
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import cv2
import nibabel
import numpy as np
import SimpleITK
from PIL import Image

from gmai.images import (
    decode_picture,
    difference_hash,
    encode_png,
    find_volume_window,
    hash_picture,
    open_image,
    show_slice,
)
from gmai.types import WindowPolicy

SLICES = 40


def rate(call: Callable[[], object], things: int, runs: int = 3) -> float:
    best = 0.0
    for _ in range(runs):
        start = time.perf_counter()
        call()
        best = max(best, things / (time.perf_counter() - start))
    return best


def photographs(count: int = 20) -> list[bytes]:
    """JPEG of 1024 x 1024 pixels and about 226 KB: smooth colours with grain."""
    random = np.random.default_rng(0)
    found = []
    for _ in range(count):
        smooth = cv2.resize(random.integers(40, 215, (12, 12, 3)).astype(np.float32), (1024, 1024), interpolation=3)
        grainy = np.clip(smooth + random.normal(0, 8.8, (1024, 1024, 3)), 0, 255).astype(np.uint8)
        out = io.BytesIO()
        Image.fromarray(grainy).save(out, "JPEG", quality=85)
        found.append(out.getvalue())
    return found


def plain_hash(data: bytes) -> np.ndarray:
    """The difference hash as imagehash takes it: Pillow decodes, converts and resizes the whole picture."""
    cells = np.asarray(Image.open(io.BytesIO(data)).convert("L").resize((9, 8), Image.Resampling.LANCZOS))
    return cells[:, 1:] > cells[:, :-1]


def ct() -> np.ndarray:
    """A volume (k, j, i) in Hounsfield units: a smooth body in air, with grain."""
    random = np.random.default_rng(0)
    k, j, i = np.ogrid[:SLICES, :512, :512]
    inside = ((j - 256) / 180) ** 2 + ((i - 256) / 230) ** 2 + 0 * k < 1
    return np.where(inside, random.normal(40, 25, (SLICES, 512, 512)), random.normal(-1000, 8, inside.shape)).astype(
        "i2"
    )


def show_all(path: Path) -> None:
    volume, _ = open_image(path).volume()
    window = find_volume_window(volume, WindowPolicy(mode="preset", preset="ct-abdomen"))
    for index in range(volume.length(2)):
        encode_png(show_slice(volume, 2, index, window))


def peak(call: Callable[[], object]) -> float:
    tracemalloc.start()
    call()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def run(arguments: list[str]) -> None:
    cv2.setNumThreads(1)
    jpegs = photographs()
    size = sum(map(len, jpegs)) / len(jpegs) / 1000
    print(f"fingerprints of JPEG, 1024 x 1024, {size:.0f} KB, a second")
    print(f"  hash_picture               {rate(lambda: [hash_picture(each) for each in jpegs], len(jpegs)):6.0f}")
    whole = rate(lambda: [difference_hash(decode_picture(each)) for each in jpegs], len(jpegs))
    print(f"  decoded whole              {whole:6.0f}")
    print(f"  as imagehash does          {rate(lambda: [plain_hash(each) for each in jpegs], len(jpegs)):6.0f}")
    array = ct()
    print(f"CT of {SLICES} slices to windowed PNG, slices a second, reading included")
    with tempfile.TemporaryDirectory() as folder:
        image = SimpleITK.GetImageFromArray(array)
        for name in ("a.nii", "b.nii.gz", "c.nrrd", "d.mha"):
            path = Path(folder) / name
            SimpleITK.WriteImage(image, str(path), useCompression=name != "a.nii")
            ours = rate(lambda path=path: show_all(path), SLICES)  # type: ignore[misc]
            itk = rate(lambda path=path: SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path))), 1)  # type: ignore[misc]
            read = rate(lambda path=path: open_image(path).volume(), 1)  # type: ignore[misc]
            print(f"  {name:10} {ours:6.0f}   read alone: {1000 / read:5.0f} ms, SimpleITK {1000 / itk:5.0f} ms")
        print("one volume of 20, 128 x 128 x 40 (1.25 MiB each): peak memory, MiB")
        many = np.random.default_rng(0).integers(0, 999, (128, 128, 40, 20)).astype("i2")
        for name in ("f.nii", "f.nii.gz"):
            path = Path(folder) / name
            nibabel.save(nibabel.Nifti1Image(many, np.eye(4)), path)
            print(f"  {name:10} {peak(lambda path=path: open_image(path).volume(7)):6.2f}")  # type: ignore[misc]
