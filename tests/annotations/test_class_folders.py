"""Class folders of any nesting, with pictures, volumes or series in them."""

import numpy as np
import pytest
from reading import look_below, read, reasons

import make
from gmai.annotations import FORMATS
from gmai.errors import CardError


def touch(root, *names):
    for name in names:
        make.text(root / name, "")


def labels(items):
    return {item.id: (item.split, item.subject, item.annotations[0].raw) for item in items}


@pytest.mark.parametrize(
    ("options", "name", "expected"),
    [
        ({}, "sick/a.png", (None, None, "sick")),
        ({"layout": "split/label"}, "train/sick/a.png", ("train", None, "sick")),
        ({"layout": "label/subject/**"}, "sick/p1/x/y/a.png", (None, "p1", "sick")),
        ({"layout": "**/label"}, "x/y/sick/a.png", (None, None, "sick")),
        ({"layout": "label/**"}, "sick/a.png", (None, None, "sick")),
        ({"layout": "*/label"}, "site 1/sick/a.png", (None, None, "sick")),
        ({"root": "part*/data", "layout": "split/label"}, "part 2/data/test/sick/a.png", ("test", None, "sick")),
        ({"layout": "**/label/**", "labels": ["sick", "well"]}, "x/sick/y/z/a.png", (None, None, "sick")),
    ],
)
def test_layouts(tmp_path, options, name, expected):
    touch(tmp_path, name)
    items, rejects = read(tmp_path, "class_folders", options)
    assert not rejects and labels(items) == {name: expected}
    assert items[0].units == {"image": 1, "annotation": 1} and items[0].annotations[0].record == f"{name}#folder"


def test_files_in_no_class_folder_are_counted(tmp_path):
    touch(tmp_path, "sick/a.png", "other/b.png", "c.png", "sick/deep/d.png", "README", "sick/notes.txt")
    items, rejects = read(tmp_path, "class_folders", {"labels": ["sick", "well"]})
    assert labels(items) == {"sick/a.png": (None, None, "sick")}
    assert reasons(rejects) == {"image class.no_folder": 3}


@pytest.mark.parametrize("layout", ["", "split", "label/label", "label/patient"])
def test_a_layout_that_is_none_is_an_error_of_the_card(tmp_path, layout):
    touch(tmp_path, "sick/a.png")
    with pytest.raises(CardError, match="layout"):
        read(tmp_path, "class_folders", {"layout": layout})


def test_series_and_volumes_have_the_class_of_their_folder(tmp_path):
    make.series(tmp_path / "sick/p1", np.arange(3 * 12 * 16, dtype=np.int16).reshape(3, 12, 16))
    make.nifti(tmp_path / "well/v.nii.gz", np.zeros((4, 5, 6), np.int16))
    make.picture(tmp_path / "well/p.png")
    make.text(tmp_path / "well/broken.dcm", "no DICOM")
    items, rejects = read(tmp_path, "class_folders", {"layout": "label/**"}, look_below(tmp_path))
    found = {item.kind: (len(item.files), item.annotations[0].raw, item.units) for item in items}
    assert found == {
        "series": (3, "sick", {"image": 3, "annotation": 1}),
        "volume": (1, "well", {"image": 1, "annotation": 1}),
        "raster": (1, "well", {"image": 1, "annotation": 1}),
    }
    assert [lost.id for lost in rejects] == ["well/broken.dcm"]


def named_after_patients(tmp_path):
    for patient, name in (("MRN-0012345", "a"), ("MRN-0054321", "b")):
        make.dicom(tmp_path / patient / name / f"{name}.dcm", PatientID=patient, SeriesInstanceUID=f"1.2.{len(name)}")
    return tmp_path


def test_a_folder_named_after_an_identifier_is_no_class(tmp_path):
    root = named_after_patients(tmp_path)
    items, rejects = read(root, "class_folders", {"layout": "label/**"}, look=look_below(root))
    assert not items and reasons(rejects) == {"image class.identifier": 2, "annotation class.identifier": 2}
    assert "MRN" not in repr(rejects)


def test_a_folder_named_after_an_identifier_is_the_headers_subject(tmp_path):
    root = named_after_patients(tmp_path)
    items, _ = read(root, "class_folders", {"layout": "subject/label/**"}, look=look_below(root))
    assert sorted(item.annotations[0].raw for item in items) == ["a", "b"]
    assert len({item.subject for item in items}) == 2 and "MRN" not in repr([item.subject for item in items])


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("P1", "P2"), False),
        (("0001", "0002"), False),
        (("stage 1", "stage 2"), True),
        (("covid", "normal"), True),
    ],
)
def test_numbered_folders_of_series_are_patients_not_classes(tmp_path, names, classes):
    for name in names:
        make.dicom(tmp_path / name / "a.dcm", PatientID="none")
    assert (FORMATS.get("class_folders").detect(tmp_path) is not None) == classes


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("0", "1"), True),
        (("covid1", "covid2"), True),
        (("case grade 1", "case grade 2"), True),
        (("Case_001", "Case_002"), False),
        (("patient-7", "patient-12"), False),
        (("sub01", "sub02"), False),
    ],
)
def test_numbered_folders_of_pictures_are_classes_unless_a_word_says_patients(tmp_path, names, classes):
    for name in names:
        make.picture(tmp_path / name / "a.png")
    assert (FORMATS.get("class_folders").detect(tmp_path) is not None) == classes
