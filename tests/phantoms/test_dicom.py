"""CT series and label maps: read back by pydicom and nibabel, they agree on every voxel and on left and right."""

import json
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest

from gmai.phantoms import read_truth
from gmai.phantoms.classes import CT_FINDINGS, CT_LABELS
from gmai.phantoms.ct import draw_ct
from gmai.phantoms.dicom import INTERCEPT, Series, drop_pixels, encode_series
from gmai.phantoms.grid import build_grid
from gmai.phantoms.nifti import encode_labels
from gmai.phantoms.patient import build_patient, build_uid


def read_series(folder: Path) -> list[pydicom.Dataset]:
    slices = [pydicom.dcmread(path) for path in sorted(folder.glob("*.dcm"))]
    return sorted(slices, key=lambda dataset: dataset.ImagePositionPatient[2])


def patient_point(dataset: pydicom.Dataset, row: int, column: int) -> np.ndarray:
    """Patient coordinates (DICOM PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1) of a pixel's centre."""
    along_row, along_column = np.split(np.array(dataset.ImageOrientationPatient, float), 2)
    row_spacing, column_spacing = (float(value) for value in dataset.PixelSpacing)
    start = np.array(dataset.ImagePositionPatient, float)
    return start + along_row * column_spacing * column + along_column * row_spacing * row


def test_every_labelled_voxel_lands_on_the_pixel_it_marks(hospital):
    for truth in (truth for truth in read_truth(hospital) if truth.source == "phantom-ct"):
        slices = read_series(hospital / "files" / truth.file)
        image = nibabel.load(hospital / f"files/ct/labels/{truth.subject}.nii.gz")
        labels = np.asarray(image.dataobj)
        drawn = draw_ct(3, int(truth.subject[2:]))
        assert np.array_equal([dataset.pixel_array + dataset.RescaleIntercept for dataset in slices], drawn.volume_DHW)
        for i, j, k in np.argwhere(labels)[::37]:
            right_front_up = image.affine @ (i, j, k, 1)
            assert np.allclose(patient_point(slices[k], j, i) * (-1, -1, 1), right_front_up[:3])
            assert drawn.labels_DHW[k, j, i] == labels[i, j, k]
        assert truth.area_px == np.count_nonzero(labels)
        assert {CT_LABELS[value] for value in np.unique(labels) if value} == {truth.finding}


def test_left_of_the_patient_is_left_in_both(hospital):
    truths = [truth for truth in read_truth(hospital) if truth.source == "phantom-ct"]
    assert {truth.location.partition("-")[0] for truth in truths} == {"left", "right"}
    for truth in truths:
        image = nibabel.as_closest_canonical(nibabel.load(hospital / f"files/ct/labels/{truth.subject}.nii.gz"))
        assert nibabel.aff2axcodes(image.affine) == ("R", "A", "S")
        right, front, _ = nibabel.affines.apply_affine(image.affine, np.argwhere(np.asarray(image.dataobj))).mean(0)
        side, depth = truth.location.split("-")
        assert (right > 0) == (side == "right") and (front > 0) == (depth == "anterior")


def test_headers_are_whole_and_valid(hospital):
    folder = hospital / "files/ct/ct0000"
    slices = read_series(folder)
    first = slices[0]
    uids = [dataset.SOPInstanceUID for dataset in slices]
    assert len(set(uids)) == 8 and all(uid.is_valid and uid.startswith("2.25.") for uid in uids)
    assert len({dataset.SeriesInstanceUID for dataset in slices}) == 1
    assert first.file_meta.MediaStorageSOPInstanceUID == first.SOPInstanceUID
    assert first.pixel_array.dtype == np.int16 and first.pixel_array.shape == (96, 96)
    assert first.Modality == "CT" and first.RescaleIntercept == INTERCEPT and first.RescaleSlope == 1
    assert (first.WindowCenter, first.WindowWidth) == (40, 400) and first.SliceThickness == 5
    heights = [float(dataset.ImagePositionPatient[2]) for dataset in slices]
    assert np.allclose(np.diff(heights), 5) and [float(dataset.SliceLocation) for dataset in slices] == heights
    assert first.PatientName.family_name and first.PatientID.startswith("PGH") and len(first.PatientBirthDate) == 8


def test_some_series_are_numbered_out_of_order_and_files_follow_the_number(hospital):
    sorted_series = []
    for folder in sorted((hospital / "files/ct").glob("ct*"))[:9]:
        slices = [pydicom.dcmread(path) for path in sorted(folder.glob("*.dcm"))]
        assert [dataset.InstanceNumber for dataset in slices] == list(range(1, 9))
        heights = [float(dataset.ImagePositionPatient[2]) for dataset in slices]
        sorted_series.append(heights == sorted(heights))
    assert any(sorted_series) and not all(sorted_series)


def test_a_slice_without_pixels_keeps_its_header(hospital):
    (trouble,) = (item for item in known_trouble(hospital) if item["reason"] == "dicom.no_pixels")
    dataset = pydicom.dcmread(hospital / "files" / trouble["file"])
    assert dataset.Rows == 96 and "PixelData" not in dataset


def test_a_label_map_of_the_wrong_shape_is_a_valid_file(hospital):
    (trouble,) = (item for item in known_trouble(hospital) if item["reason"] == "volume.shape_mismatch")
    path = hospital / "files" / trouble["file"]
    assert nibabel.load(path).shape == (48, 48, 8)
    assert len(read_series(hospital / "files/ct" / path.name.partition(".")[0])) == 8


def known_trouble(hospital: Path) -> list[dict]:
    return json.loads((hospital / "files/KNOWN_TROUBLE.json").read_text())


def test_any_spacing_and_shape_survives(tmp_path):
    volume = np.arange(2 * 3 * 5, dtype=np.int16).reshape(2, 3, 5) - 15
    labels = np.zeros((2, 3, 5), np.uint8)
    labels[1, 2, 4] = 3
    grid = build_grid((2, 3, 5), (2.5, 0.75, 0.5), bottom_mm=-12.5)
    series = Series(volume_DHW=volume, grid=grid, patient=build_patient(0, "x"), uid="x", order=(1, 0))
    for name, data in zip("ab", encode_series(series), strict=True):
        (tmp_path / f"{name}.dcm").write_bytes(data)
    (tmp_path / "labels.nii.gz").write_bytes(encode_labels(labels, grid))
    slices = read_series(tmp_path)
    assert [dataset.InstanceNumber for dataset in slices] == [2, 1]
    assert np.array_equal([dataset.pixel_array + INTERCEPT for dataset in slices], volume)
    image = nibabel.load(tmp_path / "labels.nii.gz")
    assert np.asarray(image.dataobj)[4, 2, 1] == 3 and image.header.get_zooms() == pytest.approx((0.5, 0.75, 2.5))
    assert np.allclose(image.affine @ (4, 2, 1, 1), [*(patient_point(slices[1], 2, 4) * (-1, -1, 1)), 1])


def test_dropping_pixels_drops_nothing_else():
    drawn = draw_ct(0, 0)
    grid = build_grid(drawn.volume_DHW.shape, (5, 4, 4), 0)
    series = Series(volume_DHW=drawn.volume_DHW, grid=grid, patient=build_patient(0, "x"), uid="x", order=(0,))
    (data,) = encode_series(series)
    assert 0 < len(data) - len(drop_pixels(data)) - 96 * 96 * 2 < 20


def test_people_and_identifiers_are_invented_by_seed():
    people = {build_patient(0, f"s{number}") for number in range(40)}
    assert len({person.number for person in people}) == 40 and len({person.name for person in people}) > 20
    assert build_patient(0, "s1") == build_patient(0, "s1") != build_patient(1, "s1")
    assert all("19350101" <= person.birth_date < person.study_date for person in people)
    assert build_uid("a", 1) != build_uid("a", 2) and pydicom.uid.UID(build_uid("a")).is_valid
    assert set(CT_LABELS.values()) == set(CT_FINDINGS)
