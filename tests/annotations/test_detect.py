"""Formats are told from a folder with options that read it as it is, and do not claim one another's folders."""

import json
import os

import numpy as np
import openpyxl
import pytest
from reading import look_below, read, reasons

import make
from gmai.annotations import FORMATS
from gmai.annotations.paths import sample_files

VOC_BOX = ("lesion", 1, 2, 9, 8)
YOLO_LINE = "0 0.5 0.5 0.25 0.5\n"
NAMES = "names: [lesion]\n"
FORMATS_HERE = ("class_folders", "coco", "dota", "mask_table", "masks", "voc", "yolo")


def pictures(root, *names):
    for name in names:
        make.picture(root / name)


def coco(path, *names):
    images = [{"id": number, "file_name": name, "width": 32, "height": 24} for number, name in enumerate(names)]
    boxes = [{"id": number, "image_id": number, "category_id": 1, "bbox": [1, 2, 5, 6]} for number in range(len(names))]
    make.coco(path, images, boxes)


def coco_roboflow(root):
    for split in ("train", "valid"):
        pictures(root, f"{split}/a.png")
        coco(root / split / "_annotations.coco.json", "a.png")


def coco_years(root):
    for split in ("train2017", "val2017"):
        pictures(root, f"{split}/a.png")
        coco(root / f"annotations/instances_{split}.json", "a.png")


def coco_one_file(root):
    pictures(root, "images/x/a.png", "images/b.png")
    coco(root / "labels.json", "x/a.png", "b.png")


def coco_list_of_pictures_last(root):
    pictures(root, "a.png", "b.png")
    shapes = [{"id": n, "image_id": n % 2, "category_id": 1, "bbox": [1.5, 2, 5, 6]} for n in range(2)]
    noise = [{"id": n, "name": "x" * 50} for n in range(2, 2000)]
    images = [{"id": n, "file_name": name} for n, name in enumerate(("a.png", "b.png"))]
    content = {"annotations": shapes, "categories": [{"id": 1, "name": "lesion"}, *noise], "images": images}
    make.text(root / "all.json", json.dumps(content))


def voc_kit(root):
    pictures(root, "JPEGImages/a.png", "JPEGImages/b.png")
    make.voc(root / "Annotations/a.xml", "a.png", [VOC_BOX])
    make.voc(root / "Annotations/b.xml", "b.png", [VOC_BOX])
    make.text(root / "ImageSets/Main/train.txt", "a\n")


def voc_years(root):
    for year in ("VOC2007", "VOC2012"):
        pictures(root, f"{year}/JPEGImages/a.png")
        make.voc(root / year / "Annotations/a.xml", "a.png", [VOC_BOX])


def voc_beside(root):
    for split in ("train", "valid"):
        pictures(root, f"{split}/a.png")
        make.voc(root / split / "a.xml", "a.jpg", [VOC_BOX])


def voc_wrong_names(root):
    for name in ("a", "b"):
        pictures(root, f"images/{name}.png")
        make.voc(root / f"annotations/{name}.xml", "000001.jpg", [VOC_BOX])


def yolo_roboflow(root):
    make.text(root / "data.yaml", f"train: ../train/images\nval: ../valid/images\n{NAMES}")
    for split in ("train", "valid"):
        pictures(root, f"{split}/images/a.png")
        make.text(root / split / "labels/a.txt", YOLO_LINE)


def yolo_ultralytics(root):
    make.text(root / "set.yaml", "path: /content/x\ntrain: images/train\nval: images/val\nnames: {0: lesion}\n")
    for split in ("train", "val"):
        pictures(root, f"images/{split}/a.png")
        make.text(root / f"labels/{split}/a.txt", YOLO_LINE)


def yolo_beside(root):
    pictures(root, "a.png", "b.png")
    make.text(root / "classes.txt", "lesion\n")
    for name in ("a", "b"):
        make.text(root / f"{name}.txt", YOLO_LINE)


def yolo_no_yaml(root):
    pictures(root, "images/a.png", "images/b.png")
    for name in ("a", "b"):
        make.text(root / f"labels/{name}.txt", YOLO_LINE)


def dota(root):
    for split in ("train", "test"):
        pictures(root, f"{split}/images/a.png")
        make.text(root / split / "labelTxt/a.txt", "1 2 9 2 9 8 1 8 lesion 0\n")


def dota_beside_images(root):
    pictures(root, "images/a.png", "images/b.png")
    for name in ("a", "b"):
        make.text(root / f"labels/{name}.txt", "imagesource:x\ngsd:1\n1 2 9 2 9 8 1 8 lesion 0\n")


def mask(root, *names, mode="L"):
    for name in names:
        make.picture(root / name, np.eye(24, 32, dtype=np.uint8), mode=mode)


def masks_equal_names(root):
    pictures(root, "images/a.png", "images/b.png")
    mask(root, "masks/a.png", "masks/b.png")


def masks_with_endings(root):
    pictures(root, "train/images/a.jpg", "train/images/b.jpg")
    mask(root, "train/masks/a_segmentation.png", "train/masks/b_segmentation.png", mode="1")


def masks_by_class(root):
    pictures(root, "images/a.jpg", "images/b.jpg")
    mask(root, "masks/a_EX.png", "masks/a_OD.png", "masks/b_EX.png", "masks/b_OD.png", mode="1")


def masks_of_objects(root):
    for case in ("c1", "c2"):
        pictures(root, f"set/{case}/images/{case}.png")
        mask(root, f"set/{case}/masks/1.png", f"set/{case}/masks/2.png")


def masks_in_jpeg(root):
    pictures(root, "images/a.jpg", "images/b.jpg")
    mask(root, "masks/a.jpg", "masks/b.jpg")


def masks_in_colour(root):
    pictures(root, "images/a.jpg", "images/b.jpg")
    mask(root, "masks/a.png", "masks/b.png", mode="RGB")


def masks_beside(root):
    pictures(root, "benign/a.png", "normal/b.png")
    mask(root, "benign/a_mask.png", "normal/b_mask.png")


def mask_table(root):
    pictures(root, "images/a.png", "images/b.png")
    mask(root, "masks/1.png", "masks/2.png")
    rows = "1,a.png,lesion,masks/1.png,0,0,32,24\n2,b.png,lesion,masks/2.png,0,0,32,24\n"
    make.text(root / "t.csv", f"#,Filename,Class,Mask,Top,Left,Width,Height\n{rows}")


def folders(root):
    pictures(root, "sick/a.png", "well/b.png")


def folders_with_splits(root):
    pictures(root, "Data/train/sick/a.png", "Data/train/well/b.png", "Data/test/well/c.png", "Data/test/sick/d.png")


def folders_in_folders(root):
    pictures(root, "sick/p1/a.png", "sick/p2/b.png", "well/p3/c.png")


MINIATURES = {
    "coco": (coco_roboflow, coco_years, coco_one_file, coco_list_of_pictures_last),
    "voc": (voc_kit, voc_years, voc_beside, voc_wrong_names),
    "yolo": (yolo_roboflow, yolo_ultralytics, yolo_beside, yolo_no_yaml),
    "dota": (dota, dota_beside_images),
    "masks": (
        masks_equal_names,
        masks_with_endings,
        masks_by_class,
        masks_of_objects,
        masks_in_jpeg,
        masks_in_colour,
        masks_beside,
    ),
    "mask_table": (mask_table,),
    "class_folders": (folders, folders_with_splits, folders_in_folders),
}
CASES = [(format, build) for format, builders in MINIATURES.items() for build in builders]


@pytest.mark.parametrize(("format", "build"), CASES, ids=[build.__name__ for _, build in CASES])
def test_what_is_told_reads_the_whole_folder(tmp_path, format, build):
    build(tmp_path)
    found = {name: match for name in FORMATS_HERE if (match := FORMATS.get(name).detect(tmp_path))}
    assert list(found) == [format], f"claimed by {found}"
    match = found[format]
    assert match.format == format and (tmp_path / match.evidence).is_file()
    items, rejects = read(tmp_path, format, match.options, look_below(tmp_path))
    shown = {path for path in tmp_path.rglob("*.*") if path.suffix in {".png", ".jpg"}}
    images = {path for path in shown if "mask" not in path.as_posix().removeprefix(tmp_path.as_posix())}
    assert reasons(rejects) == {} and {tmp_path / item.files[0] for item in items} == images
    assert all(item.annotations or item.regions for item in items)


def test_nothing_is_told_from_folders_that_hold_something_else(tmp_path):
    make.text(tmp_path / "notes/a.txt", "0.5 0.5\n")
    make.text(tmp_path / "table.csv", "a,b\n1,2\n")
    make.text(tmp_path / "x.json", '{"images": []}')
    make.text(tmp_path / "x.xml", "<annotation><filename>gone.png</filename></annotation>")
    make.text(tmp_path / "empty.json", "")
    make.picture(tmp_path / "one/a.png")
    for name in FORMATS_HERE:
        assert FORMATS.get(name).detect(tmp_path) is None, name


def test_a_folder_is_sampled_and_never_read_whole(tmp_path):
    for number in range(60):
        make.text(tmp_path / f"a/{number:02d}.txt", "")
    for number in range(40):
        make.text(tmp_path / f"b/{number:02d}/x.txt", "")
    make.text(tmp_path / "c/d/e/f/g/h/deep.txt", "")
    make.text(tmp_path / ".hidden/x.txt", "")
    found = sample_files(tmp_path, each=5)
    assert [path for path in found if path.startswith("a/")] == [f"a/{number:02d}.txt" for number in range(5)]
    assert len([path for path in found if path.startswith("b/")]) == 5
    assert not [path for path in found if "deep" in path or "hidden" in path]


def test_files_of_several_endings_are_several_globs(tmp_path):
    pictures(tmp_path, "a.png", "b.jpg", "c.bmp")
    items, rejects = read(tmp_path, "plain", {"files": ["*.png", "*.[jp]*g"]}, look_below(tmp_path), annotations="none")
    assert [item.id for item in items] == ["a.png", "b.jpg"] and not rejects


def workbook(path, *sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def test_a_workbook_with_a_cover_and_pictures_by_number(tmp_path):
    pictures(tmp_path, *(f"{number}.png" for number in range(1, 5)))
    rows = [["ID", "Melanoma", "Nevus"], *([number, number % 2, 1 - number % 2] for number in range(1, 5))]
    workbook(tmp_path / "a.xlsx", ("Cover", [["Data of our lab"]]), ("Labels", rows))
    match = FORMATS.get("class_table").detect(tmp_path)
    assert match.options["sheet"] == "Labels" and match.options["image"] == "ID"
    items, rejects = read(tmp_path, "class_table", match.options)
    assert not rejects and len(items) == 4


def test_numbers_of_classes_are_not_taken_for_pictures(tmp_path):
    pictures(tmp_path, "0.png", "1.png")
    make.text(tmp_path / "t.csv", "class,text\n0,a\n1,b\n0,c\n")
    assert FORMATS.get("class_table").detect(tmp_path) is None


@pytest.mark.parametrize(
    ("image", "labels", "options"),
    [
        ("case/image.nii.gz", "case/mask.nii.gz", {"images": "**/image.nii.gz", "labels": "{parent}/mask.nii.gz"}),
        ("a/x.nrrd", "a/x-label.nrrd", {"images": "**/*.nrrd", "labels": "{parent}/{case}-label.nrrd"}),
        ("x.nii", "x_mask.nii", {"images": "**/*.nii", "labels": "{parent}/{case}_mask.nii"}),
    ],
)
def test_volumes_beside_their_masks(tmp_path, image, labels, options):
    for path in (image, labels):
        make.text(tmp_path / path, "")
    found = FORMATS.get("volumes").detect(tmp_path).options
    assert {name: found[name] for name in options} == options


def test_what_is_no_file_is_not_opened(tmp_path):
    pictures(tmp_path, "a/b.png")
    os.mkfifo(tmp_path / "a/pipe.png")
    assert sample_files(tmp_path) == ["a/b.png"]
