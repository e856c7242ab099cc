"""Reading of volumes on one core: slices of CT, memory of one volume out of many."""

import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import cv2
import nibabel
import numpy as np
import SimpleITK

from benchmarks.ingest.inputs import ct
from gmai.images import encode_png, find_volume_window, open_image, show_slice
from gmai.types import WindowPolicy

SLICES = 40


def rate(call: Callable[[], object], things: int, runs: int = 3) -> float:
    best = 0.0
    for _ in range(runs):
        start = time.perf_counter()
        call()
        best = max(best, things / (time.perf_counter() - start))
    return best


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
    array = ct(SLICES)
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
