"""Every stored picture can be made again from its file and the steps that were told, byte for byte."""

import hashlib

import cv2
import nibabel
import numpy as np
import pytest
import SimpleITK
from PIL import Image

import make
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.errors import ImageError
from gmai.images import replay
from gmai.sources import IngestConfig, ingest
from gmai.types import ImageRef


def volume(shape=(8, 12, 10), dtype=np.int16, seed=0):
    return (np.random.default_rng(seed).random(shape) * 1000 + 50).astype(dtype)


def rasters(root):
    make.picture(root / "own.jpg", make.pixels(channels=3))
    make.rotated_jpeg(root / "turned.jpg", 6)
    make.picture(root / "deep.png", volume((20, 30), np.uint16))
    make.picture(root / "float.tif", volume((20, 30), np.float32))
    make.picture(root / "palette.gif", make.pixels(channels=3), mode="P")
    (root / "rgb16.png").write_bytes(cv2.imencode(".png", volume((20, 30, 3), np.uint16))[1].tobytes())
    frames = [make.pixels(seed=seed) for seed in range(3)]
    first, *rest = [Image.fromarray(frame) for frame in frames]
    first.save(root / "pages.tif", save_all=True, append_images=rest)
    return {"options": {"pages": "all"}}, 8 + 1


def volumes(root):
    array = volume()
    make.nifti(root / "four.nii.gz", np.stack([array, array + 7], 3), np.diag([-1, 2, 3, 1]))
    make.nifti(root / "scaled.nii", array.astype(np.float32) / 3)
    nibabel.save(nibabel.Nifti1Pair(array, np.eye(4)), root / "pair.img")
    nibabel.save(nibabel.MGHImage(array, np.eye(4)), root / "brain.mgz")
    image = SimpleITK.GetImageFromArray(array)
    for name in ("a.nrrd", "b.mha", "c.mhd", "d.nhdr"):
        SimpleITK.WriteImage(image, str(root / name))
    return {"slices": {"axes": [0, 2], "count": 2}}, 8 * 4


def second_volumes(root):
    array = volume()
    make.nifti(root / "four.nii.gz", np.stack([array, array[::-1] + 7], 3))
    make.nifti(root / "four.nii", np.stack([array, array[::-1] + 7], 3))
    return {"slices": {"mode": "all", "volume": 1}, "window": {"mode": "range"}}, 20


def arrays(root):
    np.savez(root / "a.npz", pictures=volume((3, 9, 9), np.float32), grey=volume((9, 9), np.uint16))
    np.savez_compressed(root / "b.npz", colour=make.pixels(channels=3)[None])
    np.save(root / "c.npy", volume((2, 9, 9)))
    return {}, 3 + 1 + 1 + 2


def series(root):
    make.series(root / "s", volume((6, 12, 16)), RescaleIntercept=-1024, WindowCenter=40, WindowWidth=400)
    return {"slices": {"axes": [2, 1]}, "modality": "CT"}, 6


def header_window(root):
    return series(root)[0] | {"window": {"mode": "header"}}, 6


def preset_window(root):
    return series(root)[0] | {"window": {"mode": "preset", "preset": "ct-lung"}}, 6


@pytest.mark.parametrize(
    "build",
    [rasters, volumes, second_volumes, arrays, series, header_window, preset_window],
    ids=lambda one: one.__name__,
)
def test_the_stored_picture_comes_back(tmp_path, monkeypatch, build):
    monkeypatch.setenv("GMAI_DEID_KEY", "a key")
    root = tmp_path / "files"
    root.mkdir()
    fields, count = build(root)
    card = make.write_card(
        tmp_path / "card.yaml", **{"format": "plain", "modality": "MRI", "annotations": "none", **fields}
    )
    summary = ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    assert summary.reasons == {} and summary.accepted["picture"] == count
    every = sorted(root.rglob("*.dcm"))
    for stored in iter_samples(tmp_path / "raw"):
        image = stored.sample.images[0]
        again = replay(every or [root / image.uri], image, stored.sample.provenance.steps)
        assert hashlib.sha256(again).hexdigest() == image.asset, image
        assert again == stored.pictures[0]
        assert image.sha256 == hashlib.sha256((root / image.uri).read_bytes()).hexdigest()


def test_what_is_cut_elsewhere_is_refused(tmp_path):
    path = make.picture(tmp_path / "a.png")
    fields = dict(uri="a.svs", width=1, height=1, modality="x", sha256="x", asset="x")
    with pytest.raises(ImageError) as error:
        replay([path], ImageRef(kind="slide", **fields), ())
    assert error.value.reason == "replay.kind"
