"""YOLO labels: boxes and outlines in shares of the picture, wherever the set was moved to."""

import pytest
from reading import look_below, read, reasons

import make
from gmai.errors import FormatError
from gmai.types import Box, Polygon

NAMES = "names: ['object', 'tumor']\n"


def write(root, yaml=f"train: ../train/images\nval: ../valid/images\n{NAMES}", **labels):
    make.text(root / "data.yaml", yaml)
    for name, content in labels.items():
        split, _, stem = name.partition("_")
        make.picture(root / split / "images" / f"{stem}.png")
        if content is not None:
            make.text(root / split / "labels" / f"{stem}.txt", content)


def read_yolo(root, options=None, **fields):
    return read(root, "yolo", options, look_below(root), **fields)


def test_boxes_and_outlines_mixed_and_paths_one_level_too_high(tmp_path):
    write(tmp_path, train_a="1 0.5 0.5 0.25 0.5\n0 0 0 0.5 0 0.5 1\n", valid_b="")
    items, rejects = read_yolo(tmp_path)
    assert not rejects and [(item.id, item.split) for item in items] == [
        ("train/images/a.png", "train"),
        ("valid/images/b.png", "val"),
    ]
    box, polygon = items[0].annotations
    assert isinstance(box, Box) and box.xyxy == (12, 6, 20, 18) and (box.label, box.raw) == ("tumor", "tumor")
    assert isinstance(polygon, Polygon) and polygon.rings == ((0, 0, 16, 0, 16, 24),)
    assert box.record == "train/labels/a.txt:1" and items[0].size == (32, 24) and items[0].grid == "stored"
    assert items[0].units == {"image": 1, "annotation": 2}
    assert items[1].annotations == () and items[1].units == {"image": 1, "annotation": 0}, "an empty file is a negative"


def test_lines_that_do_not_hold_cost_themselves_alone(tmp_path):
    lines = {
        "0 0.5 0.5 0.2 0.2": "",
        "7 0.5 0.5 0.2 0.2": "yolo.unknown_class",
        "0.5 0.5 0.5 0.2 0.2": "yolo.unknown_class",
        "-1 0.5 0.5 0.2 0.2": "yolo.unknown_class",
        "0 1.5 0.5 0.2 0.2": "yolo.range",
        "0 0.5 -0.5 0.2 0.2": "yolo.range",
        "0 0.5 0.5 0.2": "yolo.columns",
        "0 0.5 0.5 0.2 0.2 0.9": "yolo.columns",
        "0 0.5 0.5 0.2 0.2 0.1 0.1 0.1": "yolo.columns",
        "0 0,5 0,5 0,2 0,2": "yolo.not_numbers",
        "0 nan 0.5 0.2 0.2": "yolo.not_numbers",
        "x y z": "yolo.not_numbers",
        "0 0.5 0.5 0 0.2": "box.degenerate",
    }
    write(tmp_path, train_a="\n".join(lines) + "\n0 0.5 0.5 0.2 0.2\n", yaml=f"train: train/images\n{NAMES}")
    items, rejects = read_yolo(tmp_path)
    assert len(items[0].annotations) == 1
    found = {int(lost.id.rpartition(":")[2]): lost.reason for lost in rejects}
    expected = {number: reason for number, reason in enumerate(lines.values(), start=1) if reason}
    assert found == {**expected, len(lines) + 1: "yolo.duplicate"}
    assert all(lost.unit == "annotation" for lost in rejects)


def test_confidences_only_where_the_card_says_so(tmp_path):
    outline = "1 0 0 0.5 0 0.5 1 0.25"
    write(tmp_path, train_a=f"1 0.5 0.5 0.25 0.5 0.875\n{outline}\n0 0.5 0.5 0.2 0.2", yaml=f"train: train\n{NAMES}")
    items, rejects = read_yolo(tmp_path, {"confidence": True})
    assert not rejects and [each.record for each in items[0].annotations] == [
        "train/labels/a.txt:1#confidence=0.875",
        "train/labels/a.txt:2#confidence=0.25",
        "train/labels/a.txt:3",
    ]


def test_poses_are_refused(tmp_path):
    write(tmp_path, yaml=f"train: train/images\nkpt_shape: [17, 3]\n{NAMES}", train_a="0 0.5 0.5 0.2 0.2 0.1 0.1 2")
    with pytest.raises(FormatError) as error:
        read_yolo(tmp_path)
    assert error.value.reason == "yolo.keypoints"


@pytest.mark.parametrize("content", ["[1, 2", "a list", "train: x\n", "names: 3\n", "names: {a: b}\n"])
def test_a_yaml_file_without_names_ends_the_run(tmp_path, content):
    write(tmp_path, yaml=content, train_a="")
    with pytest.raises(FormatError) as error:
        read_yolo(tmp_path)
    assert error.value.reason == "yolo.yaml"


def test_labels_and_pictures_that_do_not_meet(tmp_path):
    write(tmp_path, train_a="0 0.5 0.5 0.2 0.2", train_b=None, train_c="0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2\n")
    make.text(tmp_path / "train/labels/alone.txt", "0 0.5 0.5 0.2 0.2\n\n0 0.1 0.1 0.1 0.1\n")
    make.text(tmp_path / "train/labels/classes.txt", "object\ntumor\n")
    make.text(tmp_path / "train/images/c.png", "no picture")
    items, rejects = read_yolo(tmp_path)
    assert [item.id for item in items] == ["train/images/a.png"]
    assert reasons(rejects) == {
        "record yolo.split_missing": 1,
        "image annotation.missing": 1,
        "image image.not_a_picture": 1,
        "annotation image.not_a_picture": 2,
        "image image.missing": 1,
        "annotation image.missing": 2,
    }
    items, _ = read_yolo(tmp_path, annotations="none")
    assert [item.id for item in items] == ["train/images/a.png", "train/images/b.png"]


def test_lists_of_pictures_and_pictures_they_leave_out(tmp_path):
    yaml = "path: /content/set\ntrain: lists/train.txt\nval: [lists/val.txt]\nnames: {0: object, 1: tumor}\n"
    write(tmp_path, yaml, all_a="1 0.5 0.5 0.2 0.2", all_b="", all_c="")
    make.text(tmp_path / "lists/train.txt", "./all/images/a.png\n/content/set/all/images/gone.png\n")
    make.text(tmp_path / "lists/val.txt", "/content/set/all/images/b.png\nall/images/a.png\n../../../etc/passwd\n")
    items, rejects = read_yolo(tmp_path)
    found = [(item.id, item.split) for item in items]
    assert found == [("all/images/a.png", "train"), ("all/images/b.png", "val")]
    assert items[0].annotations[0].raw == "tumor"
    assert reasons(rejects) == {"image image.missing": 2, "record yolo.two_splits": 1, "image labels.unlisted": 1}


def test_without_a_yaml_file_labels_may_lie_beside_their_pictures(tmp_path):
    make.picture(tmp_path / "set/a.png")
    make.text(tmp_path / "set/a.txt", "1 0.5 0.5 0.2 0.2\n")
    make.text(tmp_path / "set/classes.txt", "lung\nheart\n")
    options = {"data": "", "images": "set/*", "labels": ".", "classes": "set/classes.txt"}
    items, rejects = read_yolo(tmp_path, options)
    assert not rejects and items[0].annotations[0].raw == "heart"
    items, rejects = read_yolo(tmp_path, {**options, "classes": ""})
    assert items[0].annotations[0].raw == "1", "without names a class is its own number"


def test_shares_are_of_the_stored_or_of_the_turned_picture(tmp_path):
    write(tmp_path, yaml=f"train: train/images\n{NAMES}", train_a="0 0.5 0.25 0.5 0.25")
    (tmp_path / "train/images/a.png").unlink()
    make.rotated_jpeg(tmp_path / "train/images/a.jpg", 6)
    items, _ = read_yolo(tmp_path)
    assert items[0].size == (32, 24) and items[0].annotations[0].xyxy == (8, 3, 24, 9)
    items, _ = read_yolo(tmp_path, {"grid": "shown"})
    assert items[0].size == (24, 32) and items[0].annotations[0].xyxy == (6, 4, 18, 12)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_label_files_of_any_encoding(tmp_path, encoding):
    write(tmp_path, yaml=f"train: train/images\n{NAMES}", train_a="")
    make.text(tmp_path / "train/labels/a.txt", "0 0.5 0.5 0.2 0.2\r\n", encoding)
    items, rejects = read_yolo(tmp_path)
    assert not rejects and len(items[0].annotations) == 1
    (tmp_path / "train/labels/a.txt").write_bytes(b"\x89PNG\xff\xff")
    _, rejects = read_yolo(tmp_path)
    assert reasons(rejects) == {"image labels.encoding": 1}


@pytest.mark.data
def test_the_list_of_wrong_lines(tmp_path, data):
    write(
        tmp_path, yaml=f"train: train/images\n{NAMES}", train_a=(data / "trouble/made/labels/yolo_bad.txt").read_text()
    )
    items, rejects = read_yolo(tmp_path)
    assert len(items[0].annotations) == 1
    assert reasons(rejects) == {
        "annotation yolo.unknown_class": 1,
        "annotation yolo.range": 1,
        "annotation yolo.columns": 1,
        "annotation yolo.not_numbers": 2,
    }
