"""Ingest: every unit accepted or rejected, ids without labels, identifiers kept in, same bytes each time."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

import make
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.errors import CardError, RejectLimit
from gmai.images import decode_mask, decode_picture
from gmai.sources import IngestConfig, check_source, ingest, read_card
from gmai.types import MaskRef

HERE = JobConfig(workers=0)


def run(tmp_path, card, root=None, name="raw", job=HERE, **changes):
    return ingest(IngestConfig(card=str(card), root=root or tmp_path, out=tmp_path / name, changes=changes, job=job))


def stored(tmp_path, name="raw"):
    return list(iter_samples(tmp_path / name))


def rejects(tmp_path, name="raw"):
    return [json.loads(line) for line in (tmp_path / name / "rejects.jsonl").read_text().splitlines()]


def reasons(tmp_path, name="raw"):
    return {(lost["unit"], lost["reason"]): lost["count"] for lost in rejects(tmp_path, name)}


def everything(folder: Path, skip=("run.json",)) -> bytes:
    return b"\n".join(
        path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in skip
    )


@pytest.fixture
def xrays(tmp_path):
    """Twelve X-rays in COCO, of six patients, with a box each; one is cut in half, one box leaves its picture."""
    images, boxes = [], []
    for number in range(12):
        name = f"p{number // 2}_{number}.png"
        make.picture(tmp_path / "files" / name, make.pixels(seed=number))
        images.append({"id": number, "file_name": name, "width": 32, "height": 24})
        boxes.append({"id": number, "image_id": number, "category_id": 1, "bbox": [2, 3, 10, 10]})
    make.truncated(tmp_path / "files/p0_0.png")
    boxes[2]["bbox"] = [20, 3, 50, 5]
    boxes[3]["bbox"] = [200, 3, 50, 5]
    make.coco(tmp_path / "files/a.json", images, boxes)
    labels = {"lesion": {"name": "nodule"}, "cyst": {"name": "cyst"}, "grade1": {"name": "mild", "task": "grade"}}
    return make.write_card(
        tmp_path / "card.yaml",
        options={"annotations": "a.json"},
        files=["a.json", "*.png"],
        labels=labels,
        subject={"pattern": r"(p\d+)_"},
        tasks={"finding": "Disease Diagnosis"},
        expected={"image": 12, "annotation": 12},
    )


def test_every_unit_is_accepted_or_rejected(tmp_path, xrays):
    summary = run(tmp_path, xrays, tmp_path / "files")
    assert summary.accepted == {"annotation": 10, "annotation.clipped": 1, "image": 11, "picture": 11, "sample": 11}
    assert summary.reasons == {"box.outside": 1, "image.truncated": 2}
    stats = json.loads((tmp_path / "raw/stats.json").read_text())
    assert stats["units"]["annotation"] == {"accepted": 10, "rejected": 2, "total": 12, "expected": 12}
    assert {lost["detail"] for lost in rejects(tmp_path)} and str(tmp_path) not in everything(tmp_path / "raw").decode(
        errors="replace"
    )


def test_a_sample_says_what_it_is_and_where_it_comes_from(tmp_path, xrays):
    run(tmp_path, xrays, tmp_path / "files")
    by_name = {item.sample.images[0].uri: item for item in stored(tmp_path)}
    item = by_name["p1_2.png"]
    sample, image = item.sample, item.sample.images[0]
    assert sample.subject == "p1" and by_name["p1_3.png"].sample.subject == "p1"
    assert sample.annotations[0].xyxy == (20, 3, 32, 8) and sample.annotations[0].clipped
    assert sample.annotations[0].label == "nodule"
    assert by_name["p1_3.png"].sample.annotations == ()
    assert sample.classes == {"finding": ("nodule", "cyst"), "grade": ("mild",)}
    assert sample.tasks == {"finding": "Disease Diagnosis"} and sample.modality == "X-ray"
    assert sample.id.startswith("made/") and "p1" not in sample.id
    assert [step.name for step in sample.provenance.steps] == ["read", "annotations"]
    assert (image.width, image.height, image.kind, len(image.phash or "")) == (32, 24, "raster", 16)
    assert item.pictures[0] == (tmp_path / "files/p1_2.png").read_bytes()
    assert yaml.safe_load((tmp_path / "raw/card.yaml").read_text())["labels"]["lesion"]["name"] == "nodule"


def test_the_same_bytes_with_workers_and_after_an_interruption(tmp_path, xrays):
    small = replace(HERE, shard_size=4)
    run(tmp_path, xrays, tmp_path / "files", "a", small)
    run(tmp_path, xrays, tmp_path / "files", "b", replace(small, workers=2))
    assert everything(tmp_path / "a") == everything(tmp_path / "b")
    with pytest.raises(RejectLimit):
        run(tmp_path, xrays, tmp_path / "files", "c", replace(small, max_rejects=0))
    assert not (tmp_path / "c/manifest.json").exists()
    again = run(tmp_path, xrays, tmp_path / "files", "c", small)
    assert everything(tmp_path / "a") == everything(tmp_path / "c")
    assert run(tmp_path, xrays, tmp_path / "files", "c", small) == again


def test_a_check_counts_without_decoding(tmp_path, xrays):
    found = check_source(read_card(xrays), tmp_path / "files")
    assert found.found == {"annotation": 12, "image": 12} and found.agrees and not found.missing
    (tmp_path / "files/p5_11.png").unlink()
    found = check_source(read_card(xrays), tmp_path / "files")
    assert found.agrees and found.reasons == {"image.missing": 2}
    gone = check_source(read_card(xrays), tmp_path / "nowhere")
    assert gone.missing == ("a.json", "*.png") and not gone.agrees
    with pytest.raises(CardError, match=r"a\.json"):
        run(tmp_path, xrays, tmp_path / "nowhere")


def test_labels_the_card_does_not_list_keep_their_name_and_are_counted(tmp_path, xrays):
    changed = make.write_card(tmp_path / "c.yaml", options={"annotations": "a.json"}, labels={"cyst": {"name": "cyst"}})
    summary = run(tmp_path, changed, tmp_path / "files")
    assert summary.accepted["annotation.unmapped"] == 10
    assert {a.label for item in stored(tmp_path) for a in item.sample.annotations} == {"lesion"}


def test_annotations_turn_with_a_rotated_picture(tmp_path):
    make.rotated_jpeg(tmp_path / "f/stored.jpg", 6)
    make.rotated_jpeg(tmp_path / "f/shown.jpg", 6)
    make.rotated_jpeg(tmp_path / "f/other.jpg", 6)
    sizes = {"stored": (32, 24), "shown": (24, 32), "other": (64, 48)}
    images = [
        {"id": i, "file_name": f"{name}.jpg", "width": w, "height": h} for i, (name, (w, h)) in enumerate(sizes.items())
    ]
    boxes = [{"id": i, "image_id": i, "category_id": 1, "bbox": [2, 3, 10, 5]} for i in range(3)]
    boxes += [{"id": 9, "image_id": 0, "category_id": 1, "segmentation": [[2, 3, 12, 3, 12, 8]]}]
    make.coco(tmp_path / "f/a.json", images, boxes)
    run(tmp_path, make.write_card(tmp_path / "card.yaml", options={"annotations": "a.json"}), tmp_path / "f")
    found = {item.sample.images[0].uri: item.sample for item in stored(tmp_path)}
    assert found["shown.jpg"].annotations[0].xyxy == (2, 3, 12, 8)
    box, polygon = found["stored.jpg"].annotations
    assert box.xyxy == (24 - 8, 2, 24 - 3, 12) and polygon.rings == ((21, 2, 21, 12, 16, 12),)
    assert reasons(tmp_path) == {
        ("image", "annotation.size_mismatch"): 1,
        ("annotation", "annotation.size_mismatch"): 1,
    }


def test_index_masks_become_regions_and_other_sizes_are_refused(tmp_path):
    values = np.zeros((24, 32), np.uint8)
    values[2:6, 3:9], values[10:12, 20:30], values[20:, :] = 1, 2, 255
    for name in ("a", "b"):
        make.picture(tmp_path / f"f/images/{name}.png", make.pixels(channels=3))
    make.picture(tmp_path / "f/masks/a.png", values)
    make.picture(tmp_path / "f/masks/b.png", values[:20])
    options = {"images": "images/*.png", "ignore": [255]}
    labels = {"1": {"name": "cyst"}, "2": {"name": "stone"}}
    card = make.write_card(tmp_path / "card.yaml", format="masks", options=options, labels=labels)
    summary = run(tmp_path, card, tmp_path / "f")
    assert summary.accepted == {"image": 1, "picture": 1, "region": 2, "sample": 1}
    assert reasons(tmp_path) == {("image", "mask.size_mismatch"): 1}
    first, second = stored(tmp_path)[0].sample.annotations
    assert isinstance(first, MaskRef) and (first.label, first.value, second.label) == ("cyst", 1, "stone")
    assert np.array_equal(decode_mask(first.rle or "", first.size or (0, 0)), values == 1)


def test_instance_masks_fail_one_by_one(tmp_path):
    one = np.zeros((24, 32), np.uint8)
    one[3:5, 4:9] = 255
    make.picture(tmp_path / "f/c/images/c.png")
    make.picture(tmp_path / "f/c/masks/1.png", one)
    make.picture(tmp_path / "f/c/masks/2.png", one[:10])
    make.picture(tmp_path / "f/c/masks/3.png", np.zeros_like(one))
    options = {"layout": "instances", "images": "*/images/*.png", "masks": "{folder}/masks/*.png", "label": "cell"}
    summary = run(tmp_path, make.write_card(tmp_path / "card.yaml", format="masks", options=options), tmp_path / "f")
    assert summary.accepted["annotation"] == 1
    assert reasons(tmp_path) == {("annotation", "mask.size_mismatch"): 1, ("annotation", "mask.empty"): 1}


def write_ct(folder: Path, subject: str, finding: int, name="Doe^Jane", number="MRN-0012345", **elements):
    """Five slices of 16 x 12, patient right on the left; the lesion lies right and in front on slices 2 and 3."""
    volume = np.full((5, 12, 16), -1000, np.int16) + 1024
    volume[:, 2:10, 2:14] = 1064
    labels = np.zeros((16, 12, 5), np.uint8)
    labels[3:6, 2:5, 2] = finding
    labels[3:5, 2:5, 3] = finding
    identifiers = {"PatientName": name, "PatientID": number, "RescaleIntercept": -1024}
    uids = {"SeriesInstanceUID": f"1.2.9.{subject}.1", "StudyInstanceUID": f"1.2.9.{subject}"}
    for frame in range(5):
        uid = f"1.2.9.{subject}.1.{frame}"
        place = {"ImagePositionPatient": [-7, -5, 5 * frame], "SOPInstanceUID": uid}
        make.dicom(folder / f"ct/{subject}/{frame}.dcm", volume[frame], **place, **uids, **identifiers, **elements)
    affine = np.array([[-1, 0, 0, 7], [0, -1, 0, 5], [0, 0, 5, 0], [0, 0, 0, 1]], float)
    make.nifti(folder / f"ct/labels/{subject}.nii.gz", labels, affine)


@pytest.fixture
def ct(tmp_path):
    for number, subject in enumerate(("11", "12")):
        write_ct(tmp_path / "f", subject, number + 1)
    return make.write_card(
        tmp_path / "card.yaml",
        modality="CT",
        format="volumes",
        files=["ct/*/*.dcm"],
        options={"series": "ct/*/*.dcm", "labels": "ct/labels/{folder}.nii.gz"},
        labels={"1": {"name": "abscess"}, "2": {"name": "cyst"}},
        slices={"mode": "largest", "count": 1},
        window={"mode": "fixed", "centre": 40, "width": 400},
    )


def test_a_ct_series_gives_slices_with_the_lesion_where_it_is(tmp_path, ct):
    summary = run(tmp_path, ct, tmp_path / "f")
    assert summary.accepted == {"image": 10, "pair": 2, "picture": 2, "region": 2, "sample": 2}
    sample = stored(tmp_path)[0].sample
    image = sample.images[0]
    assert (image.kind, image.axis, image.index, image.sides) == ("dicom", 2, 2, ("L", "P"))
    assert image.spacing_mm == (1.0, 1.0) and image.window == (40.0, 400.0) and image.uri == "ct/11/2.dcm"
    mask = sample.annotations[0]
    assert mask.label == "abscess" and mask.record == "ct/labels/11.nii.gz#value=1&axis=2&index=2"
    rows, columns = np.nonzero(decode_mask(mask.rle, mask.size))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 4, 3, 5)
    grey = decode_picture(stored(tmp_path)[0].pictures[0])[..., 0]
    assert grey.shape == (12, 16) and grey[0, 0] == 0 and grey[5, 5] == 128
    assert sample.id.endswith("-z002") and [step.name for step in sample.provenance.steps][1:] == [
        "dicom",
        "slice",
        "window",
    ]


def test_no_identifier_reaches_any_output(tmp_path, ct):
    write_ct(tmp_path / "f", "Doe", 1)
    make.dicom(tmp_path / "f/ct/Doe/9.dcm", ImagePositionPatient=[-7, -5, 45], PixelData=None)
    run(tmp_path, ct, tmp_path / "f")
    texts = [item.sample for item in stored(tmp_path)]
    found = everything(tmp_path / "raw", skip=()).decode("latin-1").replace(str(tmp_path), "") + repr(texts)
    assert not [word for word in ("Doe", "Jane", "0012345", "19700101", "1.2.9", "1.2.3") if word in found]
    hidden = [sample for sample in texts if sample.images[0].uri.startswith("hidden/")]
    assert len(hidden) == 1 and hidden[0].annotations[0].uri.startswith("hidden/")
    assert {sample.subject for sample in texts} == {texts[0].subject}, "one patient, one subject"


def test_another_key_gives_other_subjects(tmp_path, ct, monkeypatch):
    run(tmp_path, ct, tmp_path / "f", "a")
    monkeypatch.setenv("GMAI_DEID_KEY", "secret")
    run(tmp_path, ct, tmp_path / "f", "b")
    first, second = (stored(tmp_path, name)[0].sample for name in ("a", "b"))
    assert first.subject != second.subject and first.images == second.images
    assert b"secret" not in everything(tmp_path / "b", skip=())


def test_copies_gaps_and_lost_slices_are_counted(tmp_path, ct):
    (tmp_path / "f/ct/labels/12.nii.gz").unlink()
    copy = tmp_path / "f/ct/11/copy.dcm"
    copy.write_bytes((tmp_path / "f/ct/11/0.dcm").read_bytes())
    make.text(tmp_path / "f/ct/11/no.dcm", "not DICOM")
    make.picture(tmp_path / "f/ct/11/picture.dcm", format="PNG")
    summary = run(tmp_path, ct, tmp_path / "f")
    assert summary.accepted["image"] == 5 and summary.rejected == {"image": 8, "pair": 1}
    assert summary.reasons == {"annotation.missing": 6, "dicom.duplicate": 1, "dicom.not_dicom": 2}


def test_slices_by_policy(tmp_path, ct):
    counts = {}
    for mode, count in (("largest", 4), ("even", 2), ("all", 1)):
        summary = run(tmp_path, ct, tmp_path / "f", mode, slices={"mode": mode, "count": count})
        counts[mode] = summary.accepted["picture"]
        assert summary.accepted["image"] == 10 and summary.accepted["pair"] == 2
    assert counts == {"largest": 4, "even": 4, "all": 10}
    indices = [item.sample.images[0].index for item in stored(tmp_path, "even")]
    assert indices == [1, 3, 1, 3]


def test_an_empty_or_shifted_label_map_costs_its_pair(tmp_path, ct):
    affine = np.array([[-1, 0, 0, 7], [0, -1, 0, 5], [0, 0, 5, 0], [0, 0, 0, 1]], float)
    make.nifti(tmp_path / "f/ct/labels/11.nii.gz", np.zeros((16, 12, 5), np.uint8), affine)
    affine[0] *= -1
    make.nifti(tmp_path / "f/ct/labels/12.nii.gz", np.ones((16, 12, 5), np.uint8), affine)
    summary = run(tmp_path, ct, tmp_path / "f")
    assert summary.accepted == {} and summary.rejected == {"image": 10, "pair": 2}
    assert summary.reasons == {"slices.no_annotation": 6, "volume.place_mismatch": 6}


def test_arrays_and_texts(tmp_path):
    make.medmnist(tmp_path / "f/x.npz")
    card = make.write_card(tmp_path / "card.yaml", format="medmnist", labels={"0": {"name": "normal"}})
    summary = run(tmp_path, card, tmp_path / "f", "arrays")
    assert summary.accepted == {"annotation": 8, "annotation.unmapped": 4, "image": 8, "picture": 8, "sample": 8}
    sample = stored(tmp_path, "arrays")[7].sample
    assert (sample.split, sample.images[0].member, sample.images[0].index) == ("val", "val_images", 1)
    make.text(tmp_path / "t/q.jsonl", '{"id": "a", "question": "Q?", "answer": "A"}\n{"id": "b"}\n')
    card = make.write_card(tmp_path / "text.yaml", format="text_qa", modality="Text", department="none")
    summary = run(tmp_path, card, tmp_path / "t", "texts")
    assert summary.accepted == {"question": 1, "sample": 1} and summary.reasons == {"text.empty": 1}
    assert stored(tmp_path, "texts")[0].pictures == ()
