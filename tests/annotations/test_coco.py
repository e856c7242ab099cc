"""COCO files of every layout, read member by member."""

import json
import tracemalloc

import pytest
from reading import read, reasons

import make
from gmai.annotations.json_members import CHUNK, iter_members
from gmai.errors import FormatError
from gmai.types import Box, MaskRef, Polygon, Report

BOX = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 5, 6]}


def image(identifier=1, name="a.png", **more):
    return {"id": identifier, "file_name": name, "width": 32, "height": 24, **more}


def write(path, images, annotations, **more):
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "lesion"}], **more}
    return make.text(path, json.dumps(content))


@pytest.mark.parametrize("place", ["train2017", "images/train2017"])
def test_splits_from_the_names_of_the_files(tmp_path, place):
    make.picture(tmp_path / place / "sub/a.png")
    make.picture(tmp_path / place.replace("train", "val") / "b.png")
    write(tmp_path / "annotations/instances_train2017.json", [image(name="sub/a.png")], [BOX])
    write(tmp_path / "annotations/instances_val2017.json", [image(name="b.png")], [])
    make.picture(tmp_path / place / "sub/unlisted.png")
    images = "../" + place.replace("train2017", "{split}")
    options = {"annotations": "annotations/instances_*.json", "images": images, "split_from_file": True}
    items, rejects = read(tmp_path, "coco", options)
    assert [(item.id.rpartition("/")[2], item.split, len(item.annotations)) for item in items] == [
        ("a.png", "train", 1),
        ("b.png", "val", 0),
    ]
    assert [lost.id for lost in rejects] == [f"{place}/sub/unlisted.png"]


def test_categories_may_come_first_and_count_from_0(tmp_path):
    make.picture(tmp_path / "a.png")
    content = {
        "categories": [{"id": 0, "name": "tumor"}],
        "annotations": [{**BOX, "category_id": 0}],
        "images": [image()],
    }
    make.text(tmp_path / "_annotations.coco.json", json.dumps(content))
    items, rejects = read(tmp_path, "coco")
    assert not rejects and items[0].annotations[0].raw == "tumor"


def test_captions_become_reports_and_keypoints_are_counted(tmp_path):
    make.picture(tmp_path / "a.png")
    caption = {"id": 1, "image_id": 1, "caption": " A mass in the left lung. "}
    make.text(tmp_path / "captions.json", json.dumps({"images": [image()], "annotations": [caption]}))
    items, rejects = read(tmp_path, "coco", {"annotations": "captions.json"})
    assert not rejects and items[0].annotations == (
        Report(text="A mass in the left lung.", record="captions.json#annotations/0", section="caption"),
    )
    points = {"id": 2, "image_id": 1, "category_id": 1, "keypoints": [1, 2, 2, 3, 4, 1], "num_keypoints": 2}
    write(tmp_path / "points.json", [image()], [{**BOX, "num_keypoints": 2, "keypoints": [1, 2, 2]}, points])
    items, rejects = read(tmp_path, "coco", {"annotations": "points.json"})
    assert len(items[0].annotations) == 1
    assert reasons(rejects) == {"keypoint coco.keypoints": 2, "annotation coco.keypoints": 1}


def test_the_licence_of_each_picture_is_kept(tmp_path):
    make.picture(tmp_path / "a.png")
    licences = [{"id": 3, "name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}]
    write(tmp_path / "_annotations.coco.json", [image(license=3)], [BOX], licenses=licences)
    assert read(tmp_path, "coco")[0][0].licence == "CC BY 4.0"


def test_several_files_about_the_same_pictures(tmp_path):
    make.picture(tmp_path / "a.png")
    write(tmp_path / "boxes.json", [image()], [BOX])
    ring = {**BOX, "id": 5, "image_id": 9, "segmentation": [[1, 1, 9, 1, 9, 9]]}
    write(tmp_path / "outlines.json", [image(9)], [ring])
    items, rejects = read(tmp_path, "coco", {"annotations": "*.json", "merge": True})
    assert not rejects and [type(each) for each in items[0].annotations] == [Box, Polygon]
    assert items[0].units == {"image": 1, "annotation": 2}
    write(tmp_path / "sized.json", [{**image(), "width": 99}], [BOX])
    items, rejects = read(tmp_path, "coco", {"annotations": "*.json", "merge": True})
    assert len(items) == 1 and reasons(rejects) == {"record coco.sizes": 1, "annotation coco.sizes": 1}


def test_codes_compressed_or_not(tmp_path):
    make.picture(tmp_path / "a.png")
    plain = {**BOX, "segmentation": {"counts": [24 * 3, 4, 24 * 29 - 4], "size": [24, 32]}}
    write(tmp_path / "_annotations.coco.json", [image()], [plain])
    (first,) = read(tmp_path, "coco")[0][0].annotations
    packed = {**BOX, "segmentation": {"counts": first.rle, "size": [24, 32]}}
    write(tmp_path / "_annotations.coco.json", [image()], [packed])
    assert isinstance(first, MaskRef) and read(tmp_path, "coco")[0][0].annotations == (first,)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1]", '{"a": [1,]}', '{"a": [1 2]}', '{"a" 1}', '{"a": 1} x', "{1: 2}", "{" * 3, '{"a": ' + "[" * 5000],
)
def test_what_is_no_json_object_is_an_error(tmp_path, content):
    with pytest.raises(FormatError) as error:
        list(iter_members(make.text(tmp_path / "x.json", content), "x.json"))
    assert error.value.reason in {"json.invalid", "json.root"} and "x.json" in str(error.value)


def test_members_are_the_same_wherever_the_text_is_cut(tmp_path, monkeypatch):
    content = {"n": 123456, "list": [{"a": 'é\\n"x', "b": [1.5e-3, -2]}, 12345, None], "e": [], "o": {}, "t": True}
    expected = [("n", 123456), *(("list", each) for each in content["list"]), ("o", {}), ("t", True)]
    path = make.text(tmp_path / "x.json", "\ufeff" + json.dumps(content, ensure_ascii=False, indent=1))
    for size in (1, 2, 3, 7, CHUNK):
        monkeypatch.setattr("gmai.annotations.json_members.CHUNK", size)
        assert list(iter_members(path, "x")) == expected


def test_a_large_file_never_lies_in_memory_whole(tmp_path):
    ring = [float(number % 30) for number in range(400)]
    annotations = [{**BOX, "id": number, "segmentation": [ring]} for number in range(1500)]
    path = write(tmp_path / "x.json", [image()], annotations)
    tracemalloc.start()
    try:
        count = sum(1 for _ in iter_members(path, "x.json"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 1502 and path.stat().st_size > 3_000_000 and peak < 1_500_000
