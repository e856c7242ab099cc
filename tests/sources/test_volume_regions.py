"""Ingest of volumes with segmentations, structure sets and label maps: accepted and rejected make all that is there."""

import json
import shutil

import numpy as np
import pydicom
import pytest

import make
import make_regions
from gmai.annotations import FORMATS
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.images import decode_mask
from gmai.sources import IngestConfig, ingest

AFFINE = np.array([[-0.7, 0, 0, 30], [0, -1.1, 0, 20], [0, 0, 2.5, -40], [0, 0, 0, 1]], float)
SHAPE = (40, 30, 5)
VOXELS = np.random.default_rng(0).integers(-100, 300, SHAPE).astype(np.int16)
LESION, ORGAN = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
LESION[25:31, 4:9, 2:4] = 1
ORGAN[5:20, 10:25, 1:5] = 1
SQUARE = np.array([[4.5, 6.5], [14.5, 6.5], [14.5, 11.5], [4.5, 11.5]])
LARGEST = {"mode": "largest", "count": 1}


def run(tmp_path, format, root="files", **card):
    path = make.write_card(tmp_path / "card.yaml", format=format, modality="CT", files=["**/*"], **card)
    config = IngestConfig(card=str(path), root=tmp_path / root, out=tmp_path / "raw", job=JobConfig(workers=0))
    summary = ingest(config)
    units = json.loads((tmp_path / "raw/stats.json").read_text())["units"]
    return summary, {unit: (counts["accepted"], counts["rejected"]) for unit, counts in units.items()}


def samples(tmp_path):
    return [stored.sample for stored in iter_samples(tmp_path / "raw")]


def rejects(tmp_path):
    return [json.loads(line) for line in (tmp_path / "raw/rejects.jsonl").read_text().splitlines()]


def frames(mask, number=1):
    return [(number, k, mask[:, :, k].T) for k in range(SHAPE[2]) if mask[:, :, k].any()]


def series(tmp_path, name="ct", **common):
    common = {"SeriesInstanceUID": f"1.2.3.4.{len(name)}", **common}
    return make_regions.series_at(tmp_path / "files" / name, VOXELS, AFFINE, **common)


def masks(sample):
    return {each.label: decode_mask(each.rle, each.size).astype(bool) for each in sample.annotations}


def test_several_segmentations_of_one_series(tmp_path):
    images = series(tmp_path)
    make_regions.seg(tmp_path / "files/a.dcm", images, frames(LESION), ["lesion"])
    make_regions.seg(tmp_path / "files/b.dcm", images, frames(ORGAN), ["organ"])
    summary, units = run(tmp_path, "dicom_seg", slices=LARGEST, labels={"lesion": {"name": "nodule"}})
    assert units == {"image": (5, 0), "pair": (2, 0), "annotation": (2, 0)} and not summary.reasons
    (sample,) = samples(tmp_path)
    found = masks(sample)
    assert set(found) == {"nodule", "organ"} and sample.images[0].index in (2, 3)
    assert np.array_equal(found["nodule"], LESION[:, :, 2].T) and np.array_equal(found["organ"], ORGAN[:, :, 2].T)
    steps = [step.parameters for step in sample.provenance.steps if step.name == "dicom_seg"]
    assert [step["file"] for step in steps] == ["a.dcm", "b.dcm"] and all(len(step["sha256"]) == 64 for step in steps)
    record = next(each.record for each in sample.annotations if each.label == "organ")
    assert record == f"b.dcm#value=1&axis=2&index={sample.images[0].index}"


def test_a_segmentation_on_another_grid_costs_itself_alone(tmp_path):
    images = series(tmp_path)
    make_regions.seg(tmp_path / "files/a.dcm", images, frames(LESION), ["lesion"])
    shifted = make_regions.seg(tmp_path / "files/b.dcm", images, frames(ORGAN), ["organ", "other"])
    found = pydicom.dcmread(shifted)
    for group in found.PerFrameFunctionalGroupsSequence:
        group.PlanePositionSequence[0].ImagePositionPatient[0] += 0.3
    found.save_as(shifted)
    summary, units = run(tmp_path, "dicom_seg", slices=LARGEST)
    assert units == {"image": (5, 0), "pair": (1, 1), "annotation": (1, 2)}
    assert summary.reasons == {"volume.place_mismatch": 3} and set(masks(samples(tmp_path)[0])) == {"lesion"}
    (tmp_path / "files/a.dcm").unlink()
    shutil.rmtree(tmp_path / "raw")
    summary, units = run(tmp_path, "dicom_seg", slices=LARGEST)
    assert units == {"image": (0, 5), "pair": (0, 1), "annotation": (0, 2)} and not (tmp_path / "raw/samples").exists()


def test_what_finds_no_partner_is_counted(tmp_path):
    images, others = series(tmp_path), series(tmp_path, "other")
    series(tmp_path, "lonely", FrameOfReferenceUID="1.2.3.77")
    make_regions.seg(tmp_path / "files/a.dcm", images, frames(LESION), ["lesion"])
    make_regions.seg(tmp_path / "files/gone.dcm", others, [*frames(LESION), *frames(ORGAN, 2)], ["lesion", "organ"])
    for path in others:
        path.unlink()
    make.text(tmp_path / "files/notes.dcm", "no picture")
    summary, units = run(tmp_path, "dicom_seg", slices=LARGEST)
    assert units == {"image": (5, 6), "pair": (1, 1), "annotation": (1, 2)}
    assert summary.reasons == {"seg.no_series": 3, "annotation.missing": 5, "dicom.not_dicom": 1}
    assert {lost["id"] for lost in rejects(tmp_path) if lost["reason"] == "seg.no_series"} == {"gone.dcm"}


def test_a_segmentation_without_references_is_paired_by_its_frame_of_reference(tmp_path):
    images = series(tmp_path, FrameOfReferenceUID="1.2.3.55")
    series(tmp_path, "other", FrameOfReferenceUID="1.2.3.66")
    bare = {"references": False, "FrameOfReferenceUID": "1.2.3.55"}
    make_regions.seg(tmp_path / "files/a.dcm", images, frames(LESION), ["lesion"], **bare)
    _, units = run(tmp_path, "dicom_seg", slices=LARGEST)
    assert units == {"image": (5, 5), "pair": (1, 0), "annotation": (1, 0)}
    series(tmp_path, "second", FrameOfReferenceUID="1.2.3.55")
    shutil.rmtree(tmp_path / "raw")
    summary, units = run(tmp_path, "dicom_seg", slices=LARGEST)
    assert units["pair"] == (0, 1) and summary.reasons["seg.which_series"] == 2


def test_structure_sets_with_contours_of_slices_that_are_not_there(tmp_path):
    images = series(tmp_path)
    drawn = [("Heart", "CLOSED_PLANAR", square(k), k) for k in (1, 2, 3)]
    drawn += [("Liver", "CLOSED_PLANAR", square(4), 4), ("Point", "POINT", square(2)[:1], 2)]
    make_regions.rtstruct(tmp_path / "files/r.dcm", images, drawn)
    for path in images[3:]:
        path.unlink()
    summary, units = run(tmp_path, "rtstruct", slices={"mode": "annotated"}, labels={"Heart": {"name": "heart"}})
    assert units == {"image": (3, 0), "pair": (1, 0), "annotation": (1, 2), "contour": (2, 3)}
    assert summary.reasons == {"rtstruct.no_slice": 3, "rtstruct.not_closed": 2}
    assert [sample.images[0].index for sample in samples(tmp_path)] == [1, 2]
    for sample in samples(tmp_path):
        assert masks(sample)["heart"].sum() == 50 and masks(sample)["heart"][7:12, 5:15].all()


def square(k):
    indices = np.column_stack([SQUARE, np.full(4, float(k)), np.ones(4)])
    return (indices @ AFFINE.T)[:, :3] @ make_regions.LPS


def test_no_identifier_of_a_segmentation_reaches_an_output(tmp_path):
    images = series(tmp_path, "Doe_Jane")
    make_regions.seg(tmp_path / "files/Doe_Jane/MRN-0012345.dcm", images, frames(LESION), ["Doe Jane lesion"])
    drawn = [("JANE-GTV", "CLOSED_PLANAR", square(k), k) for k in (1, 2)]
    make_regions.rtstruct(tmp_path / "files/Doe_Jane/19700101.dcm", images, drawn)
    for format in ("dicom_seg", "rtstruct"):
        run(tmp_path, format, slices=LARGEST)
        (sample,) = samples(tmp_path)
        assert sample.annotations[0].label.startswith("hidden/") and sample.annotations[0].uri.startswith("hidden/")
        for path in (tmp_path / "raw").rglob("*"):
            if path.is_file() and path.name != "run.json":
                content = path.read_bytes().lower()
                assert not any(word in content for word in (b"jane", b"0012345", b"19700101", b"1.2.3.4")), path.name
        shutil.rmtree(tmp_path / "raw")


def test_one_file_for_each_structure_fails_one_by_one(tmp_path):
    folder = tmp_path / "files/s1"
    affine = np.diag([0.7, 1.1, 2.5, 1.0])
    make.nifti(folder / "ct.nii.gz", VOXELS, affine)
    make.nifti(folder / "segmentations/liver.nii.gz", ORGAN, affine)
    make.nifti(folder / "segmentations/lesion.nii.gz", LESION | ORGAN, affine)
    make.nifti(folder / "segmentations/absent.nii.gz", LESION * 0, affine)
    make.nifti(folder / "segmentations/shifted.nii.gz", LESION, affine + np.diag([0, 0, 0.4, 0]))
    make.text(folder / "segmentations/broken.nii.gz", "nothing")
    options = {"images": "*/ct.nii.gz", "structures": "{parent}/segmentations/*.nii.gz"}
    summary, units = run(tmp_path, "volumes", options=options, slices=LARGEST)
    assert units == {"pair": (1, 0), "annotation": (3, 2)}
    assert summary.reasons["volume.place_mismatch"] == 1 and len(summary.reasons) == 2
    (sample,) = samples(tmp_path)
    assert set(masks(sample)) == {"liver", "lesion"}
    assert (masks(sample)["lesion"] & masks(sample)["liver"]).any(), "structures of files of their own may overlap"


@pytest.mark.parametrize("end", ["nii.gz", "nrrd", "mha"])
def test_images_and_label_maps_of_any_volume_format(tmp_path, end):
    import SimpleITK

    for name, voxels in (("images/a", VOXELS), ("labels/a", LESION + 2 * ORGAN * (1 - LESION))):
        image = SimpleITK.GetImageFromArray(np.ascontiguousarray(voxels.transpose(2, 1, 0)))
        image.SetSpacing((0.7, 1.1, 2.5))
        path = tmp_path / "files" / f"{name}.{end}"
        path.parent.mkdir(parents=True, exist_ok=True)
        SimpleITK.WriteImage(image, str(path))
    make.text(tmp_path / "files/dataset.json", json.dumps({"labels": {"0": "background", "1": "lesion", "2": "organ"}}))
    options = {"images": f"images/*.{end}", "labels": f"labels/{{stem}}.{end}", "data_set": "dataset.json"}
    _, units = run(tmp_path, "volumes", options=options, slices=LARGEST)
    assert units == {"pair": (1, 0)}
    (sample,) = samples(tmp_path)
    index = sample.images[0].index
    found = masks(sample)
    assert np.array_equal(found["lesion"], LESION[:, :, index].T.astype(bool)) and sample.images[0].sides == ("L", "P")
    assert sample.images[0].spacing_mm == pytest.approx((1.1, 0.7))


def test_formats_are_told_from_a_folder(tmp_path):
    images = series(tmp_path)
    for name in ("dicom_seg", "rtstruct"):
        assert FORMATS.get(name).detect(tmp_path) is None
    make_regions.rtstruct(tmp_path / "files/r", images, [("a", "CLOSED_PLANAR", square(1), 1)] * 2)
    assert FORMATS.get("dicom_seg").detect(tmp_path) is None
    match = FORMATS.get("rtstruct").detect(tmp_path)
    assert match and (match.format, match.options, match.evidence) == ("rtstruct", {"files": "**/*"}, "files/r")
    (tmp_path / "files/r").unlink()
    for kind in ("BINARY", "LABELMAP"):
        make_regions.seg(tmp_path / "files/s.dcm", images, frames(LESION), SegmentationType=kind)
        match = FORMATS.get("dicom_seg").detect(tmp_path)
        assert match and (match.options, match.evidence) == ({"files": "**/*.dcm"}, "files/s.dcm")


SETS = {
    ("dcmqi_seg", "dicom_seg"): {"image": (6, 7), "pair": (3, 2), "annotation": (7, 2)},
    ("dicompyler_rt", "rtstruct"): {"image": (1, 1), "pair": (1, 0), "annotation": (1, 9), "contour": (4, 437)},
    ("rt_utils_mock", "rtstruct"): {"image": (2, 4), "pair": (2, 2), "annotation": (5, 8), "contour": (10, 28)},
}


@pytest.mark.data
@pytest.mark.parametrize(("folder", "format"), SETS)
def test_every_unit_of_a_public_set_is_accounted_for(tmp_path, data, folder, format):
    (tmp_path / "files").symlink_to(data / "dicom" / folder)
    _, units = run(tmp_path, format, slices=LARGEST)
    assert units == SETS[folder, format]
