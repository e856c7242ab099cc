"""COCO, VOC, CSV, masks and PNG: what they say is what was drawn."""

import contextlib
import csv
import io
import json
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError
from pycocotools.coco import COCO

from gmai.phantoms import ULTRASOUND_LABELS, XRAY_CATEGORIES, Truth, read_truth
from gmai.phantoms.coco import build_annotation
from gmai.phantoms.histology import draw_histology
from gmai.phantoms.png import encode_png


def truths(hospital, source: str) -> list[Truth]:
    return [truth for truth in read_truth(hospital) if truth.source == source]


def test_png_keeps_every_grey_and_colour():
    rng = np.random.default_rng(0)
    for shape in ((7, 5), (7, 5, 3)):
        pixels = rng.integers(0, 256, shape, dtype=np.uint8)
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(pixels)))), pixels)


def test_coco_boxes_are_the_drawn_ones(hospital):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(hospital / "files/xray/annotations.json")
    assert {number: category["name"] for number, category in coco.cats.items()} == XRAY_CATEGORIES
    assert sorted(XRAY_CATEGORIES) == [1, 2, 3, 4]
    drawn = {truth.file.rpartition("/")[2]: truth for truth in truths(hospital, "phantom-xray")}
    assert {image["file_name"] for image in coco.imgs.values()} == set(drawn)
    outside = 0
    for annotation in coco.anns.values():
        truth = drawn[coco.imgs[annotation["image_id"]]["file_name"]]
        x, y, width, height = annotation["bbox"]
        assert annotation["area"] == width * height > 0
        if x >= truth.width:
            outside += 1
            continue
        assert (x, y, x + width, y + height) == truth.boxes[0].xyxy
        assert XRAY_CATEGORIES[annotation["category_id"]] == truth.finding
    assert outside == 1 and len(coco.anns) == len(drawn) + 1


def test_coco_annotation_is_x_y_width_height():
    annotation = build_annotation(7, 3, 2, (10, 20, 14, 26))
    assert annotation["bbox"] == [10, 20, 4, 6] and annotation["area"] == 24
    assert (annotation["id"], annotation["image_id"], annotation["category_id"]) == (7, 3, 2)


def test_voc_corners_count_from_one_and_include_the_last_pixel(hospital):
    folder = hospital / "files/histology"
    for truth in truths(hospital, "phantom-histology"):
        root = ElementTree.parse(folder / f"Annotations/{truth.subject}.xml").getroot()
        assert root.findtext("filename") == f"{truth.subject}.png" and root.findtext("folder") == "JPEGImages"
        assert (root.findtext("size/width"), root.findtext("size/depth")) == ("96", "3")
        boxes = []
        for item in root.iter("object"):
            xmin, ymin, xmax, ymax = (int(item.findtext(f"bndbox/{tag}")) for tag in ("xmin", "ymin", "xmax", "ymax"))
            boxes.append((item.findtext("name"), (xmin - 1, ymin - 1, xmax, ymax)))
        assert boxes == [(box.label, box.xyxy) for box in truth.boxes]


def test_colours_are_not_swapped(hospital):
    stored = np.asarray(Image.open(hospital / "files/histology/JPEGImages/histology0002.png"))
    assert np.array_equal(stored, draw_histology(3, 2).pixels)


def test_grades_name_their_pictures_and_one_that_is_missing(hospital):
    folder = hospital / "files/fundus"
    with (folder / "grades.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    drawn = {truth.file.rpartition("/")[2]: truth for truth in truths(hospital, "phantom-fundus")}
    assert len(drawn) == 12 and len({truth.subject for truth in drawn.values()}) == 6
    known = [row for row in rows if (folder / "images" / row["image"]).exists()]
    assert [(row["image"], row["patient"], row["grade"]) for row in known] == [
        (name, truth.subject, truth.grade) for name, truth in drawn.items()
    ]
    assert [row["image"] for row in rows if row not in known] == ["fundus0006_1.png"]


def test_masks_hold_the_class_of_the_finding(hospital):
    folder = hospital / "files/ultrasound"
    for truth in truths(hospital, "phantom-ultrasound"):
        mask = cv2.imread(str(folder / f"masks/{truth.subject}.png"), cv2.IMREAD_UNCHANGED)
        assert mask.shape == cv2.imread(str(folder / f"images/{truth.subject}.png"), cv2.IMREAD_UNCHANGED).shape
        assert {ULTRASOUND_LABELS[value] for value in np.unique(mask) if value} == {truth.finding}
        assert np.count_nonzero(mask) == truth.area_px


def test_the_truncated_picture_cannot_be_read_whole(hospital):
    problems = json.loads((hospital / "files/KNOWN_TROUBLE.json").read_text())
    (trouble,) = (item for item in problems if item["reason"] == "image.truncated")
    with pytest.raises((OSError, UnidentifiedImageError)), Image.open(hospital / "files" / trouble["file"]) as picture:
        picture.load()
