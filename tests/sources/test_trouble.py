"""Malformed and hostile real files, each with the behaviour its list expects. Needs ``--data FOLDER``."""

import gzip
import json
import shutil

import nibabel
import numpy as np
import pytest

import make
from gmai.annotations import find_reader
from gmai.base import JobConfig, from_dict
from gmai.corpus import iter_samples
from gmai.errors import FormatError, ImageError
from gmai.images import difference_hash, find_window, hash_distance, open_image, peek, read_label_volume, read_picture
from gmai.sources import IngestConfig, ingest
from gmai.types import Reject, SourceCard, WindowPolicy

pytestmark = pytest.mark.data


@pytest.fixture
def made(data):
    return data / "trouble/made"


def reason_of(call, *arguments):
    with pytest.raises(ImageError) as error:
        call(*arguments)
    return error.value.reason


def told(picture):
    return picture.steps[0].parameters if picture.steps else {}


def test_pictures(made):
    images = made / "images"
    refused = {
        "truncated_a.jpg": "image.truncated",
        "zero_bytes.jpg": "image.empty",
        "text_named_jpg.jpg": "image.not_a_picture",
        "bomb_20000x20000.png": "image.too_large",
    }
    assert {name: reason_of(read_picture, images / name) for name in refused} == refused
    jpeg = read_picture(images / "jpeg_named_png_a.png")
    assert jpeg.own_bytes is not None and jpeg.own_bytes[:2] == b"\xff\xd8"
    assert told(read_picture(images / "one_pixel.png"))["tiny"] is True
    turned = read_picture(images / "exif_orientation.jpg")
    assert turned.orientation == 6 and turned.size == turned.stored_size[::-1]
    assert told(read_picture(images / "cmyk.jpg"))["mode"] == "CMYK"
    deep = read_picture(images / "gray16.png")
    assert told(deep)["window"] == "percentile" and (deep.pixels == 255).mean() < 0.05
    assert told(read_picture(images / "palette_alpha.png"))["mode"] == "P"
    assert "alpha" in told(read_picture(images / "grey_alpha.png"))
    assert told(read_picture(images / "animated.gif"))["frames"] == 2
    near = read_picture(images / "near_duplicate_q30.jpg")
    assert hash_distance(difference_hash(near.pixels), difference_hash(jpeg.pixels)) <= 6


def test_broken_pictures_of_pillow(data):
    """What Pillow can read whole is read, all else is an ImageError: nothing crashes."""
    folder = data / "trouble/pillow_broken"
    expected = json.loads((folder / "EXPECTED.json").read_text())
    outcomes = {True: 0, False: 0}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix not in {".md", ".json", ""}):
        try:
            read_picture(path)
            outcomes[True] += 1
        except ImageError as error:
            assert error.reason.startswith("image.") and error.reason != "image", path
            outcomes[False] += 1
    assert sum(outcomes.values()) >= len(expected) - 2 and min(outcomes.values()) >= 10


def voc_root(tmp_path, made, name):
    make.picture(tmp_path / "JPEGImages/BloodImage_00003.jpg", make.pixels(480, 640, 3))
    (tmp_path / "Annotations").mkdir()
    shutil.copy(made / "labels" / name, tmp_path / "Annotations/a.xml")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("voc_box_outside.xml", {}),
        ("voc_inverted.xml", {"box.inverted": 1}),
        ("voc_missing_image.xml", {"image.missing": 18, "annotation.missing": 1}),
        ("voc_float.xml", {}),
    ],
)
def test_voc(tmp_path, made, name, reasons):
    root = voc_root(tmp_path / "f", made, name)
    card = make.write_card(tmp_path / "card.yaml", format="voc", modality="Microscopy", department="Hematology")
    summary = ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    boxes = root.joinpath("Annotations/a.xml").read_text().count("<object>")
    if name == "voc_missing_image.xml":
        reasons = {"image.missing": 1 + boxes, "annotation.missing": 1}
    assert summary.reasons == reasons
    assert summary.accepted.get("annotation", 0) + summary.rejected.get("annotation", 0) == boxes
    if name == "voc_box_outside.xml":
        (stored,) = iter_samples(tmp_path / "raw")
        assert stored.sample.annotations[0].clipped and stored.sample.annotations[0].xyxy[2] == 640
        assert summary.accepted["annotation.clipped"] == 1


def read(root, format, options, look=None):
    card = from_dict(SourceCard, make.card(format=format, options=options))
    found = list(find_reader(format)(root, card, look))
    return [i for i in found if not isinstance(i, Reject)], [r for r in found if isinstance(r, Reject)]


def test_coco(tmp_path, made):
    for name in ("a.jpg", "b.jpg"):
        make.picture(tmp_path / name, make.pixels(10, 10, 3))
    shutil.copy(made / "labels/coco_bad.json", tmp_path / "coco_bad.json")
    items, rejects = read(tmp_path, "coco", {"annotations": "coco_bad.json"})
    assert not items, "two pictures share the only id, so no box can be laid to one of them"
    lost = [(one.unit, one.reason) for one in rejects]
    assert lost.count(("image", "coco.duplicate_image")) == 2 and sum(unit == "annotation" for unit, _ in lost) == 5


@pytest.mark.parametrize("name", ["gb18030.csv", "utf16.csv", "bom_crlf.csv", "semicolon.csv"])
def test_tables_of_any_encoding(tmp_path, made, name):
    for picture in ("肺炎_1.png", "b.png"):
        make.picture(tmp_path / picture)
    shutil.copy(made / "labels" / name, tmp_path / "t.csv")
    items, rejects = read(tmp_path, "class_table", {"image": "filename", "images": "."})
    assert not rejects and [item.annotations[0].name for item in items] == ["肺炎", "normal"]


def test_tables_that_are_wrong(tmp_path, made):
    for picture in ("a.png", "b.png"):
        make.picture(tmp_path / picture)
    expected = {
        "conflict.csv": {"image table.conflict", "annotation table.conflict", "image annotation.missing"},
        "formula.csv": {"image image.missing", "annotation image.missing", "image annotation.missing"},
        "ragged.csv": {"image table.row", "annotation table.row"},
    }
    for name, reasons in expected.items():
        shutil.copy(made / "labels" / name, tmp_path / "t.csv")
        _, rejects = read(tmp_path, "class_table", {"image": "filename", "images": "."})
        assert {f"{lost.unit} {lost.reason}" for lost in rejects} == reasons, name
    shutil.copy(made / "labels/broken_quotes.csv", tmp_path / "t.csv")
    with pytest.raises(FormatError) as error:
        read(tmp_path, "class_table", {"image": "filename", "images": "."})
    assert error.value.reason == "table.quotes"


def volume_of(path):
    return open_image(path).volume()[0]


def test_dicom(made):
    folder = made / "dicom"
    assert volume_of(folder / "no_preamble.dcm").voxels.shape[0] == 1
    refused = {
        "truncated_pixels.dcm": "dicom.truncated",
        "no_pixels.dcm": "dicom.no_pixels",
        "rows_mismatch.dcm": "dicom.truncated",
    }
    assert {name: reason_of(volume_of, folder / name) for name in refused} == refused
    assert reason_of(peek, folder / "not_dicom.dcm", "not_dicom.dcm").split(".")[0] in {"dicom", "image"}


def test_a_dicom_folder(tmp_path, made):
    """The whole folder through the line: most files are changed copies of one instance; no identifier anywhere."""
    card = make.write_card(
        tmp_path / "card.yaml",
        format="dicom_series",
        modality="CT",
        annotations="none",
        slices={"mode": "all"},
        options={"files": "**/*.dcm"},
    )
    summary = ingest(IngestConfig(card=str(card), root=made / "dicom", out=tmp_path / "raw", job=JobConfig(workers=0)))
    assert summary.accepted["image"] + summary.rejected["image"] == 12
    assert summary.reasons["dicom.not_dicom"] == 1
    samples = [stored.sample for stored in iter_samples(tmp_path / "raw")]
    found = repr(samples) + (tmp_path / "raw/rejects.jsonl").read_text()
    assert not [
        word for word in ("DOE", "JANE", "0012345", "19700101", "Invented", "1.3.6.1.4.1.5962") if word in found
    ]


def test_a_series_with_a_gap_and_a_copy(tmp_path, made):
    shutil.copytree(made / "dicom/series_gap", tmp_path / "f")
    card = make.write_card(
        tmp_path / "card.yaml",
        format="dicom_series",
        modality="CT",
        annotations="none",
        slices={"mode": "all"},
        options={"files": "*.dcm"},
    )
    summary = ingest(IngestConfig(card=str(card), root=tmp_path / "f", out=tmp_path / "raw", job=JobConfig(workers=0)))
    assert summary.reasons == {"dicom.duplicate": 1} and summary.accepted["picture"] == 5
    samples = [stored.sample for stored in iter_samples(tmp_path / "raw")]
    told = next(step.parameters for step in samples[0].provenance.steps if step.name == "dicom")
    assert told["gaps"] == 1 and told["step_mm"] == 5.0
    heights = [sample.images[0].uri for sample in samples]
    assert len(set(heights)) == 5 and len({sample.subject for sample in samples}) == 1


def test_nifti(tmp_path, made, data):
    folder = made / "nifti"
    refused = {
        "truncated.nii.gz": "nifti.truncated",
        "bad_magic.nii": "nifti.unreadable",
        "dim_bomb.nii": "nifti.too_large",
    }
    assert {name: reason_of(volume_of, folder / name) for name in refused} == refused
    assert reason_of(read_label_volume, folder / "label_float.nii.gz") == "labels.not_whole"
    nans = volume_of(folder / "nan_voxels.nii.gz")
    assert nans.steps[0].parameters["nan_voxels"] > 0 and find_window(nans.voxels, WindowPolicy()).width > 0
    assert not volume_of(folder / "no_form.nii.gz").oriented
    for case, label in (("label_shape_mismatch/label.nii.gz", "shape"), ("label_flipped_affine.nii.gz", "place")):
        root = tmp_path / label
        make.text(root / "images/x", "")
        shutil.copy(folder / "label_shape_mismatch/image.nii.gz", root / "images/a.nii.gz")
        make.text(root / "labels/x", "")
        shutil.copy(folder / case, root / "labels/a.nii.gz")
        card = make.write_card(root / "card.yaml", format="volumes", modality="MRI", options={"images": "images/*.gz"})
        summary = ingest(IngestConfig(card=str(card), root=root, out=root / "raw", job=JobConfig(workers=0)))
        assert summary.reasons == {f"volume.{label}_mismatch": 1} and summary.rejected == {"pair": 1}
    whole = sorted((data / "volumes/msd_hippocampus").rglob("images/*.nii.gz"))[0]
    assert gzip.decompress(whole.read_bytes())[344:347] == b"n+1"
    assert volume_of(whole).voxels.size == np.prod(nibabel.load(whole).shape)


def test_vqa(tmp_path, made):
    shutil.copy(made / "json/vqa_bad.json", tmp_path / "qa.json")
    make.text(tmp_path / "images/none", "")
    items, rejects = read(tmp_path, "vqa", {})
    assert not items
    lost = sorted((one.unit, one.reason) for one in rejects)
    assert lost == [
        ("image", "image.missing"),
        ("question", "path.empty"),
        ("question", "path.outside"),
        ("question", "vqa.contradiction"),
        ("question", "vqa.contradiction"),
    ]


def test_broken_lines_and_deep_json(tmp_path, made):
    shutil.copy(made / "json/broken_line.jsonl", tmp_path / "a.jsonl")
    _, rejects = read(tmp_path, "text_qa", {"files": "a.jsonl"})
    assert [one.reason for one in rejects].count("json.invalid") == 1
    for name in ("deep.json", "trailing_comma.json"):
        shutil.copy(made / "json" / name, tmp_path / name)
        with pytest.raises(FormatError):
            read(tmp_path, "text_qa", {"files": name})
