"""Volumes and label maps, paired in every layout that is known, and by a card's own words."""

import json
from collections import Counter

import pytest

import make
from gmai.annotations import find_reader
from gmai.annotations.volumes import FORMAT
from gmai.base import from_dict
from gmai.errors import CardError, FormatError
from gmai.types import Reject, SourceCard


def touch(folder, *names):
    for name in names:
        make.text(folder / name, "")


def read(folder, options, **fields):
    card = from_dict(SourceCard, make.card(format="volumes", options=options, **fields), where="card", error=CardError)
    found = list(find_reader("volumes")(folder, card, lambda path: None))
    items = [each for each in found if not isinstance(each, Reject)]
    rejects = [each for each in found if isinstance(each, Reject)]
    return items, Counter({(each.unit, each.reason): each.count for each in rejects})


def test_one_file_for_each_structure(tmp_path):
    touch(tmp_path, "s1/ct.nii.gz", "s1/segmentations/liver.nii.gz", "s1/segmentations/left_kidney.nii.gz")
    touch(
        tmp_path, "s[2]/ct.nii.gz", "s[2]/segmentations/liver.nii.gz", "s3/segmentations/spleen.nii.gz", "s4/ct.nii.gz"
    )
    match = FORMAT.detect(tmp_path)
    assert match and match.options == {"images": "*/ct.nii.gz", "structures": "{parent}/segmentations/*.nii.gz"}
    items, lost = read(tmp_path, match.options)
    assert [(item.files, [(file.path, file.label) for file in item.regions]) for item in items] == [
        (
            ("s1/ct.nii.gz",),
            [("s1/segmentations/left_kidney.nii.gz", "left_kidney"), ("s1/segmentations/liver.nii.gz", "liver")],
        ),
        (("s[2]/ct.nii.gz",), [("s[2]/segmentations/liver.nii.gz", "liver")]),
    ]
    assert items[0].units == {"pair": 1, "annotation": 2} and items[0].regions[0].units == {"annotation": 1}
    assert lost == {("pair", "annotation.missing"): 1, ("annotation", "image.missing"): 1}


@pytest.mark.parametrize(
    ("labels", "channels"),
    [
        ({"0": "background", "1": "Anterior", "2": "Posterior"}, {"modality": {"0": "MRI"}}),
        ({"background": 0, "Anterior": 1, "Posterior": 2, "whole": [1, 2]}, {"channel_names": {"0": "MRI"}}),
        ({"0": "background", "1": "Anterior", "2": "Posterior"}, {"modality": ["MRI"]}),
    ],
)
def test_values_and_channels_are_named_by_the_data_set(tmp_path, labels, channels):
    touch(tmp_path, "imagesTr/h_1.nii.gz", "labelsTr/h_1.nii.gz", "imagesTr/._h_1.nii.gz")
    make.text(tmp_path / "dataset.json", json.dumps({"labels": labels, **channels}))
    match = FORMAT.detect(tmp_path)
    assert match and match.options["data_set"] == "dataset.json"
    (item,), lost = read(tmp_path, match.options)
    assert {name: item.regions[0].names[name] for name in "12"} == {"1": "Anterior", "2": "Posterior"} and not lost
    assert item.modality == "MRI" and item.units == {"pair": 1}
    (item,), _ = read(tmp_path, {**match.options, "names": {"2": "tail"}})
    assert item.regions[0].names["2"] == "tail", "the card has the last word"


def test_channels_of_a_case_share_its_label_map(tmp_path):
    touch(tmp_path, *(f"imagesTr/b_7_000{channel}.nii.gz" for channel in (0, 1)), "labelsTr/b_7.nii.gz")
    make.text(tmp_path / "dataset.json", json.dumps({"labels": {"tumour": 1}, "channel_names": {"0": "T1", "1": "T2"}}))
    match = FORMAT.detect(tmp_path)
    assert match and match.format == "volumes"
    items, lost = read(tmp_path, match.options)
    assert [(item.modality, item.regions[0].path) for item in items] == [
        ("T1", "labelsTr/b_7.nii.gz"),
        ("T2", "labelsTr/b_7.nii.gz"),
    ]
    assert not lost


def test_sequences_of_a_case_share_its_label_map(tmp_path):
    for case in ("BraTS_001", "BraTS_002"):
        touch(tmp_path, *(f"{case}/{case}_{name}.nii.gz" for name in ("flair", "t1", "t1ce", "t2", "seg")))
    touch(tmp_path, "BraTS_002/notes.nii.gz")
    match = FORMAT.detect(tmp_path)
    assert match is not None
    items, lost = read(tmp_path, match.options)
    assert Counter(item.regions[0].path for item in items) == {
        "BraTS_001/BraTS_001_seg.nii.gz": 4,
        "BraTS_002/BraTS_002_seg.nii.gz": 4,
    }
    assert {item.modality for item in items} == {"flair", "t1", "t1ce", "t2"}
    assert lost == {("pair", "volumes.no_case"): 1}, "a file that is neither image nor label map is counted"


@pytest.mark.parametrize("end", ["nii", "nrrd", "mha", "mhd", "nii.gz"])
@pytest.mark.parametrize(("image", "label"), [("_img", "_seg"), ("_image", "_label"), ("", "_seg")])
def test_images_and_label_maps_told_by_the_end_of_their_name(tmp_path, end, image, label):
    touch(tmp_path, f"x/a{image}.{end}", f"x/a{label}.{end}", f"x/b{image}.{end}")
    match = FORMAT.detect(tmp_path)
    assert match is not None
    items, lost = read(tmp_path, match.options)
    assert [(item.files[0], item.regions[0].path) for item in items] == [(f"x/a{image}.{end}", f"x/a{label}.{end}")]
    assert lost == {("pair", "annotation.missing"): 1}


def test_a_pattern_with_a_slash_sees_folders_and_its_groups_stand_in_labels(tmp_path):
    touch(tmp_path, "p1/Data/GADO_pre.nii.gz", "p1/Data/T1_pre.nii.gz", "p1/Masks/Consensus.nii.gz")
    touch(tmp_path, "p2/Data/T1_pre.nii.gz", "p3/Masks/Consensus.nii.gz")
    case = r"^(?P<case>p\d)/Data/(?P<modality>GADO|T1)_pre"
    items, lost = read(tmp_path, {"images": "*/Data/*.nii.gz", "labels": "{case}/Masks/Consensus.nii.gz", "case": case})
    found = {(item.files[0], item.regions[0].path, item.modality) for item in items}
    assert found == {
        ("p1/Data/GADO_pre.nii.gz", "p1/Masks/Consensus.nii.gz", "GADO"),
        ("p1/Data/T1_pre.nii.gz", "p1/Masks/Consensus.nii.gz", "T1"),
    }
    assert lost == {("pair", "annotation.missing"): 1, ("pair", "image.missing"): 1}


def test_what_a_card_says_wrong_is_said(tmp_path):
    touch(tmp_path, "images/a.nii.gz", "labels/a.nii.gz")
    with pytest.raises(CardError, match="regular expression"):
        read(tmp_path, {"images": "images/*.nii.gz", "case": "("})
    with pytest.raises(CardError, match="does not stay below"):
        read(tmp_path, {"images": "images/*.nii.gz", "labels": "../{stem}.nii.gz"})
    for content in (None, "{", "[]", '{"labels": 3}', '{"labels": {"a": "b"}}'):
        if content is not None:
            make.text(tmp_path / "dataset.json", content)
        with pytest.raises(FormatError, match="labels of the data set") as caught:
            read(tmp_path, {"images": "images/*.nii.gz", "data_set": "dataset.json"})
        assert caught.value.reason == "volumes.data_set" and str(tmp_path) not in str(caught.value)


def test_folders_of_pairs_are_found_below_a_folder_and_in_folders_of_splits(tmp_path):
    touch(tmp_path, "Task04/imagesTr/h_001.nii.gz", "Task04/labelsTr/h_001.nii.gz", "Task04/dataset.json")
    match = FORMAT.detect(tmp_path)
    wanted = {"images": "Task04/imagesTr/*.nii.gz", "labels": "Task04/labelsTr/{stem}.nii.gz"}
    assert match and match.options == {**wanted, "data_set": "Task04/dataset.json"}
    parted = tmp_path / "parted"
    touch(parted, "train/images/a.nii.gz", "train/labels/a.nii.gz", "test/images/a.nii.gz", "test/labels/a.nii.gz")
    match = FORMAT.detect(parted)
    items, lost = read(parted, match.options)
    assert not lost and [(item.files[0], item.regions[0].path) for item in items] == [
        ("test/images/a.nii.gz", "test/labels/a.nii.gz"),
        ("train/images/a.nii.gz", "train/labels/a.nii.gz"),
    ]
