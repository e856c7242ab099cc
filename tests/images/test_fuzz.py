"""Damaged files of every kind are read or refused with a reason; no other exception, ever."""

import random

import cv2
import nibabel
import numpy as np
import pytest
import SimpleITK
from itk_truth import itk_image, numbers, oblique
from PIL import Image

import make
from gmai.errors import ImageError
from gmai.images import (
    encode_png,
    find_kind,
    find_volume_window,
    open_image,
    peek,
    read_label_picture,
    read_label_volume,
    read_picture,
    read_row,
    show_slice,
)
from gmai.types import WindowPolicy

SLOW = 1500
QUICK = 12


def volumes(folder):
    image = itk_image(numbers(), *oblique())
    for name, packed in (("a.nrrd", True), ("b.nrrd", False), ("c.mha", True), ("d.mha", False)):
        SimpleITK.WriteImage(image, str(folder / name), useCompression=packed)
    make.nifti(folder / "e.nii", numbers())
    make.nifti(folder / "f.nii.gz", np.stack([numbers(), numbers()], 3))
    nibabel.save(nibabel.MGHImage(numbers(), np.eye(4)), folder / "g.mgh")
    nibabel.save(nibabel.MGHImage(numbers(), np.eye(4)), folder / "h.mgz")
    nibabel.save(nibabel.AnalyzeImage(numbers(), np.eye(4)), folder / "i.img")


def pictures(folder):
    array = make.pixels(channels=3)
    for name in ("a.png", "b.jpg", "c.bmp", "d.gif", "e.webp", "f.tif", "g.ppm", "h.jp2"):
        make.picture(folder / name, array)
    make.picture(folder / "i.tif", array, compression="tiff_lzw")
    (folder / "j.png").write_bytes(cv2.imencode(".png", array.astype(np.uint16) * 257)[1].tobytes())
    (folder / "k.tif").write_bytes(cv2.imencode(".tif", array.astype(np.uint16) * 257)[1].tobytes())
    pages = [Image.fromarray(make.pixels(seed=seed)) for seed in range(3)]
    pages[0].save(folder / "l.gif", save_all=True, append_images=pages[1:])
    make.picture(folder / "m.jpg", array, mode="CMYK")


def arrays(folder):
    np.savez(folder / "a.npz", x=make.pixels()[None])
    np.savez_compressed(folder / "b.npz", x=make.pixels()[None].astype(np.float32))
    np.save(folder / "c.npy", make.pixels()[None])


def read_volume(path):
    if find_kind(path) not in {"nifti", "nrrd", "metaimage", "neuro"}:
        return
    volume, _ = open_image(path).volume()
    window = find_volume_window(volume, WindowPolicy())
    encode_png(show_slice(volume, 2, 0, window))
    read_label_volume(path)


def read_raster(path):
    read_picture(path)
    read_label_picture(path)


def read_archive(path):
    read_row(path, "" if path.suffix == ".npy" else "x", 0)


READS = {volumes: read_volume, pictures: read_raster, arrays: read_archive}


def damage(data, chance):
    """A few changed bytes, most of them in the header; sometimes a cut, a hole or a doubled piece."""
    raw = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        raw[chance.randrange(min(len(raw), chance.choice((64, 400, 10**9))))] = chance.choice(
            (0, 255, chance.randrange(256))
        )
    way = chance.randrange(8)
    if way == 0:
        return bytes(raw[: chance.randrange(len(raw))])
    if way == 1:
        start = chance.randrange(len(raw))
        return bytes(raw[:start] + raw[start + chance.randrange(1, 40) :])
    if way == 2:
        start = chance.randrange(len(raw))
        return bytes(raw[:start] + raw[max(start - 20, 0) :])
    return bytes(raw)


def fuzz(folder, build, times, seed):
    whole, broken = folder / "whole", folder / "broken"
    whole.mkdir()
    broken.mkdir()
    build(whole)
    chance, refused = random.Random(seed), 0
    for path in sorted(whole.iterdir()):
        for other in whole.glob(f"{path.stem}.*"):
            (broken / other.name).write_bytes(other.read_bytes())
        for _ in range(times):
            (broken / path.name).write_bytes(damaged := damage(path.read_bytes(), chance))
            for call in (READS[build], lambda each: peek(each, each.name)):
                try:
                    call(broken / path.name)
                except ImageError as error:
                    assert "." in error.reason, path.name
                    refused += 1
                except Exception as error:
                    (folder / "found").write_bytes(damaged)
                    raise AssertionError(f"{path.name}: {error!r}") from error
    assert refused > times


@pytest.mark.parametrize("build", READS, ids=lambda build: build.__name__)
def test_damaged_files(tmp_path, build):
    fuzz(tmp_path, build, QUICK, 0)


@pytest.mark.slow
@pytest.mark.parametrize("build", READS, ids=lambda build: build.__name__)
def test_many_damaged_files(tmp_path, build):
    fuzz(tmp_path, build, SLOW, 1)
