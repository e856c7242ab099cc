"""Format plain: every file of a folder is a sample, a part of one, or a reject with its reason."""

import json

import nibabel
import numpy as np
import pytest
import SimpleITK
from PIL import Image

import make
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.errors import CardError, ImageError
from gmai.images import read_picture
from gmai.sources import IngestConfig, ingest


def read_all(tmp_path, root, **fields):
    """Ingest a folder: (summary, uri of each picture, id to reason of each reject)."""
    fields = {"format": "plain", "modality": "MRI", "annotations": "none", **fields}
    card = make.write_card(tmp_path / "card.yaml", **fields)
    summary = ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    lines = [json.loads(line) for line in (tmp_path / "raw/rejects.jsonl").read_text().splitlines()]
    assert str(tmp_path) not in repr(lines) and str(root) not in repr(lines)
    samples = [stored.sample for stored in iter_samples(tmp_path / "raw")]
    assert len({sample.id for sample in samples}) == len(samples)
    return summary, samples, {line["id"]: line["reason"] for line in lines}


def test_a_folder_of_everything(tmp_path):
    root = tmp_path / "files"
    array = (np.random.default_rng(0).random((6, 12, 10)) * 999).astype(np.int16)
    make.picture(root / "a/picture.png")
    make.text(root / "a/readme.txt", "nothing to see")
    make.nifti(root / "b/v.nii.gz", array)
    nibabel.save(nibabel.Nifti1Pair(array, np.eye(4)), root / "b/pair.img")
    nibabel.save(nibabel.AnalyzeImage(array, np.eye(4)), root / "b/old.img")
    (root / "b/lone.img").write_bytes(bytes(100))
    for name in ("c.mhd", "c.nhdr", "d.mha", "d.nrrd"):
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(array), str(root / "b" / name))
    make.series(root / "s", array)
    np.save(root / "e.npy", array)
    np.savez(root / "f.npz", pictures=array, labels=np.zeros((6, 1)))
    summary, samples, rejects = read_all(tmp_path, root, slices={"count": 1})
    assert rejects == {
        "a/readme.txt": "image.not_a_picture",
        "b/lone.img": "image.not_a_picture",
        "f.npz#labels": "npz.no_picture",
    }
    kinds = sorted((sample.images[0].uri, sample.images[0].kind) for sample in samples)
    single = [(uri, kind) for uri, kind in kinds if kind != "npz" and kind != "dicom"]
    assert single == [
        ("a/picture.png", "raster"),
        ("b/c.mhd", "metaimage"),
        ("b/c.nhdr", "nrrd"),
        ("b/d.mha", "metaimage"),
        ("b/d.nrrd", "nrrd"),
        ("b/old.hdr", "neuro"),
        ("b/pair.hdr", "nifti"),
        ("b/v.nii.gz", "nifti"),
    ]
    assert [kind for _, kind in kinds].count("npz") == 12 and [kind for _, kind in kinds].count("dicom") == 1
    assert summary.accepted["image"] == 8 + 12 + 6 and summary.rejected == {"image": 2, "record": 1}


def test_halves_alone_in_a_pattern_stand_for_their_pair(tmp_path):
    root = tmp_path / "files"
    root.mkdir()
    nibabel.save(nibabel.Nifti1Pair(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.eye(4)), root / "v.img")
    _, samples, rejects = read_all(tmp_path, root, options={"files": "*.img"}, slices={"count": 1})
    assert [sample.images[0].uri for sample in samples] == ["v.img"] and not rejects


def test_pages_are_the_first_or_all_of_one_subject(tmp_path):
    root = tmp_path / "files"
    root.mkdir()
    pages = [Image.fromarray(make.pixels(seed=seed)) for seed in range(3)]
    pages[0].save(root / "a.tif", save_all=True, append_images=pages[1:])
    _, (only,), _ = read_all(tmp_path / "first", root)
    assert only.provenance.steps[1].parameters == {"frames": 3, "frame": 0}
    summary, samples, _ = read_all(tmp_path / "all", root, options={"pages": "all"})
    assert [sample.images[0].index for sample in samples] == [0, 1, 2] and summary.accepted["image"] == 3
    assert len({sample.subject for sample in samples}) == 1


def test_voxels_outside_the_root_are_never_read(tmp_path):
    root = tmp_path / "files"
    make.picture(root / "a.png")
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.zeros((4, 4, 4), np.int16)), str(tmp_path / "v.mhd"))
    (root / "v.mhd").write_bytes((tmp_path / "v.mhd").read_bytes().replace(b"v.raw", b"../v.raw"))
    _, samples, rejects = read_all(tmp_path / "x", root)
    assert len(samples) == 1 and rejects == {"v.mhd": "metaimage.outside"}


def test_a_card_that_needs_annotations_is_told_so(tmp_path):
    make.picture(tmp_path / "files/a.png")
    with pytest.raises(CardError, match="bring no annotations"):
        read_all(tmp_path, tmp_path / "files", annotations="required")


SETS = {
    "classification/skimage_bundled": (4, {"README.txt": "image.not_a_picture"}),
    "volumes/niivue_images": (5, {}),
    "volumes/torchio_fernando": (
        3,
        {"LICENSE": "image.not_a_picture", "data/fernando/t1_to_mni.tfm": "image.not_a_picture"},
    ),
    "volumes/nibabel_testdata": (
        15,
        {
            "analyze.hdr": "neuro.part_missing",
            "bad_datatype+orig.HEAD": "neuro.part_missing",
            "nifti1.hdr": "nifti.part_missing",
            "nifti2.hdr": "nifti.part_missing",
            "phantom_truncated.PAR": "neuro.unreadable",
            "phantom_truncated.REC": "neuro.unreadable",
            "simple.trk": "image.not_a_picture",
        },
    ),
}
"""Folder to the files that give samples and those that cannot, beside its description."""


@pytest.mark.data
@pytest.mark.parametrize("name", sorted(SETS))
def test_every_file_of_a_public_set_is_accounted_for(tmp_path, data, name):
    count, refused = SETS[name]
    summary, samples, rejects = read_all(tmp_path, data / name, slices={"axes": [0, 1, 2], "count": 1})
    assert rejects == {"SOURCE.md": "image.not_a_picture", **refused}
    single = {sample.images[0].uri for sample in samples if sample.images[0].kind != "dicom"}
    assert summary.accepted["image"] == count == len(single) + len(list((data / name).glob("*.dcm")))
    volumes = [sample for sample in samples if sample.images[0].kind not in {"raster", "dicom"}]
    assert all(sample.images[0].spacing_mm and sample.images[0].window for sample in volumes)
    assert len(volumes) % 3 == 0


@pytest.mark.data
def test_broken_pictures_load_or_fail_as_their_list_says(data):
    folder = data / "trouble/pillow_broken"
    for name, expected in json.loads((folder / "EXPECTED.json").read_text()).items():
        if expected.startswith("loads"):
            width, height = map(int, expected.split()[-1].split("x"))
            assert sorted(read_picture(folder / name).size) == sorted((width, height)), name
        else:
            with pytest.raises(ImageError) as error:
                read_picture(folder / name)
            assert error.value.reason in {
                "image.truncated",
                "image.broken",
                "image.not_a_picture",
                "image.too_large",
            }, name


@pytest.mark.data
def test_the_made_pictures_and_volumes_through_the_line(tmp_path, data):
    _, samples, rejects = read_all(tmp_path / "images", data / "trouble/made/images")
    assert rejects == {
        "bomb_20000x20000.png": "image.too_large",
        "text_named_jpg.jpg": "image.not_a_picture",
        "truncated_a.jpg": "image.truncated",
        "zero_bytes.jpg": "image.empty",
    }
    assert len(samples) == 9
    _, samples, rejects = read_all(tmp_path / "nifti", data / "trouble/made/nifti", slices={"count": 1})
    assert rejects == {
        "bad_magic.nii": "nifti.unreadable",
        "dim_bomb.nii": "nifti.too_large",
        "truncated.nii.gz": "nifti.truncated",
    }
    assert len(samples) == 6
