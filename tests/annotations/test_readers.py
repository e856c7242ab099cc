"""Readers of annotation formats: every unit comes out as an item or as a reject with its reason."""

import io
import zipfile
from collections import Counter

import numpy as np
import pytest
from reading import read, reasons

import make
from gmai.annotations import FORMATS, RegionFile, find_reader, list_files
from gmai.errors import CardError, ConfigError, FormatError, ImageError
from gmai.types import QA, Box, MaskRef, Polygon, Report

LABELS = {"lesion": {"name": "nodule"}}


def image(identifier, name, **more):
    return {"id": identifier, "file_name": name, "width": 32, "height": 24, **more}


def marked(identifier, image_id=1, bbox=(1, 2, 5, 6), category=1, **more):
    return {"id": identifier, "image_id": image_id, "category_id": category, "bbox": list(bbox), **more}


def write_coco(root, images, annotations):
    for name in ("a.png", "b.png"):
        make.picture(root / "train" / name)
    make.coco(root / "train/_annotations.coco.json", images, annotations)


def test_coco_boxes_polygons_and_codes(tmp_path):
    ring = [1, 1, 9, 1, 9, 9]
    code = {"counts": [24 * 3, 4, 24 * 29 - 4], "size": [24, 32]}
    annotations = [marked(1), marked(2, category=2, segmentation=[ring]), marked(3, segmentation=code)]
    write_coco(tmp_path, [image(1, "a.png"), image(2, "b.png")], annotations)
    items, rejects = read(tmp_path, "coco", {"split_from_folder": True}, labels=LABELS)
    assert not rejects and [item.id for item in items] == ["train/a.png", "train/b.png"]
    box, polygon, mask = items[0].annotations
    assert isinstance(box, Box) and box.xyxy == (1, 2, 6, 8) and (box.label, box.raw) == ("nodule", "lesion")
    assert isinstance(polygon, Polygon) and polygon.rings == (tuple(ring),) and polygon.label == "cyst"
    assert isinstance(mask, MaskRef) and mask.size == (24, 32) and mask.rle
    assert box.record == "train/_annotations.coco.json#annotations/0"
    assert items[0].size == (32, 24) and items[0].split == "train" and items[0].units == {"image": 1, "annotation": 3}
    assert items[1].annotations == () and items[1].units == {"image": 1, "annotation": 0}


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (marked(1, image_id=77), "coco.dangling_image"),
        (marked(1, category=9), "coco.unknown_category"),
        (marked(1, bbox=(1, 2, 3)), "box.not_numbers"),
        (marked(1, bbox=(1, 2, 3, "4")), "box.not_numbers"),
        (marked(1, bbox=(1, float("nan"), 3, 4)), "box.not_finite"),
        (marked(1, bbox=(1, 2, float("inf"), 4)), "box.not_finite"),
        (marked(1, bbox=(1, 2, -3, 4)), "box.inverted"),
        (marked(1, bbox=(1, 2, 0, 4)), "box.degenerate"),
        (marked(1, segmentation=[[1, 2, 3, 4]]), "polygon.not_numbers"),
        (marked(1, segmentation=[[1, 2, 3, 4, 5, float("nan")]]), "polygon.not_numbers"),
        (marked(1, segmentation={"counts": [3], "size": [24, 32]}), "mask.code"),
        (marked(1, iscrowd=1), "coco.crowd"),
    ],
)
def test_an_unsound_coco_annotation_costs_itself_alone(tmp_path, annotation, reason):
    write_coco(tmp_path, [image(1, "a.png"), image(2, "b.png")], [annotation, marked(2)])
    items, rejects = read(tmp_path, "coco")
    assert reasons(rejects) == {f"annotation {reason}": 1}
    assert [len(item.annotations) for item in items] == [1, 0]


def test_coco_ids_are_unique_and_files_are_there(tmp_path):
    images = [
        image(1, "a.png"),
        image(2, "b.png"),
        image(2, "c.png"),
        image(3, "none.png"),
        image(4, "../../etc/x.png"),
    ]
    annotations = [marked(1), marked(1), marked(2, image_id=2), marked(3, image_id=3), marked(4, image_id=4)]
    write_coco(tmp_path, images, annotations)
    make.picture(tmp_path / "train/unlisted.png")
    items, rejects = read(tmp_path, "coco")
    assert [item.id for item in items] == ["train/a.png"]
    assert reasons(rejects) == {
        "annotation coco.duplicate_id": 1,
        "annotation coco.dangling_image": 1,
        "image coco.duplicate_image": 2,
        "image image.missing": 1,
        "annotation image.missing": 1,
        "image path.outside": 1,
        "annotation path.outside": 1,
        "image annotation.missing": 1,
    }


def test_coco_files_that_share_a_folder_of_pictures(tmp_path):
    for name in ("a.png", "b.png", "c.png"):
        make.picture(tmp_path / "images" / name)
    for name in ("a", "b"):
        make.coco(tmp_path / f"annotations/{name}.json", [image(1, f"{name}.png")], [marked(1)])
    options = {"annotations": "annotations/*.json", "images": "../images"}
    items, rejects = read(tmp_path, "coco", options)
    assert [item.id for item in items] == ["images/a.png", "images/b.png"]
    assert [lost.id for lost in rejects] == ["images/c.png"] and reasons(rejects) == {"image annotation.missing": 1}
    items, rejects = read(tmp_path, "coco", options, annotations="none")
    assert not rejects and items[2].id == "images/c.png" and items[2].annotations == ()
    make.coco(tmp_path / "annotations/again.json", [image(7, "b.png")], [marked(1, image_id=7)])
    items, rejects = read(tmp_path, "coco", options, annotations="none")
    assert sorted(item.id for item in items) == ["images/a.png", "images/b.png", "images/c.png"]
    assert reasons(rejects) == {"record coco.duplicate_file": 1, "annotation coco.duplicate_file": 1}


def test_a_file_that_is_no_coco_ends_the_run(tmp_path):
    for content in ("{", "[]", '{"images": 3}'):
        make.text(tmp_path / "_annotations.coco.json", content)
        with pytest.raises(FormatError):
            read(tmp_path, "coco")


def write_voc(root, name, boxes, **more):
    make.picture(root / f"JPEGImages/{name}.png")
    make.voc(root / f"Annotations/{name}.xml", f"{name}.png", boxes, **more)


def test_voc_boxes_and_first_pixel(tmp_path):
    write_voc(tmp_path, "a", [("lesion", 1, 2, 10, 12), ("cyst", 127.5, 3, 344, 9)])
    make.text(tmp_path / "sets/train.txt", "a\n")
    items, rejects = read(tmp_path, "voc", {"sets": "sets"}, labels=LABELS)
    assert not rejects and [box.xyxy for box in items[0].annotations] == [(1, 2, 10, 12), (127.5, 3, 344, 9)]
    assert items[0].annotations[0].label == "nodule" and items[0].split == "train" and items[0].size == (32, 24)
    items, _ = read(tmp_path, "voc", {"first_pixel": 1})
    assert items[0].annotations[0].xyxy == (0, 1, 10, 12)


def test_unsound_voc_boxes_cost_themselves_alone(tmp_path):
    boxes = [("a", 9, 2, 3, 8), ("a", 3, 3, 3, 9), ("a", "x", 1, 2, 3), ("", 1, 1, 4, 4), ("a", "nan", 1, 4, 4)]
    write_voc(tmp_path, "a", [*boxes, ("a", 1, 1, 4, 4)])
    items, rejects = read(tmp_path, "voc")
    assert len(items[0].annotations) == 1 and items[0].annotations[0].record == "Annotations/a.xml#object=5"
    assert reasons(rejects) == {
        "annotation box.inverted": 1,
        "annotation box.degenerate": 1,
        "annotation box.not_numbers": 1,
        "annotation annotation.no_label": 1,
        "annotation box.not_finite": 1,
    }


def test_voc_files_and_pictures_that_do_not_meet(tmp_path):
    write_voc(tmp_path, "a", [("x", 1, 1, 4, 4)])
    make.voc(tmp_path / "Annotations/b.xml", "gone.png", [("x", 1, 1, 4, 4)] * 2)
    make.voc(tmp_path / "Annotations/c.xml", "../../etc/passwd", [])
    make.voc(tmp_path / "Annotations/z.xml", "a.png", [("x", 1, 1, 4, 4)])
    make.picture(tmp_path / "JPEGImages/alone.png")
    items, rejects = read(tmp_path, "voc")
    assert [item.id for item in items] == ["JPEGImages/a.png"]
    assert reasons(rejects) == {
        "image image.missing": 1,
        "annotation image.missing": 2,
        "image path.outside": 1,
        "annotation voc.duplicate": 1,
        "image annotation.missing": 1,
    }
    items, _ = read(tmp_path, "voc", annotations="none")
    assert [item.id for item in items] == ["JPEGImages/a.png", "JPEGImages/alone.png"]


def test_hostile_or_broken_xml_costs_its_picture(tmp_path):
    bomb = '<!DOCTYPE a [<!ENTITY x "y">]><annotation><filename>a.png</filename></annotation>'
    for name, content in (("a", bomb), ("b", "<annotation>"), ("c", "<html/>")):
        make.picture(tmp_path / f"JPEGImages/{name}.png")
        make.text(tmp_path / f"Annotations/{name}.xml", content)
    make.text(tmp_path / "Annotations/d.xml", bomb, encoding="utf-16")
    items, rejects = read(tmp_path, "voc")
    assert not items
    assert reasons(rejects) == {"image xml.entities": 2, "image xml.invalid": 1, "image xml.html": 1}


def write_table(root, content, name="t.csv", encoding="utf-8", pictures=("a.png", "b.png")):
    for picture in pictures:
        make.picture(root / "images" / picture)
    make.text(root / name, content, encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_of_any_encoding_and_separator(tmp_path, encoding, separator):
    rows = "image,label\r\n肺炎_1.png,肺炎\r\nb.png,normal\r\n".replace(",", separator)
    write_table(tmp_path, rows, encoding=encoding, pictures=("肺炎_1.png", "b.png"))
    items, rejects = read(tmp_path, "class_table", {"table": "t.csv"})
    assert not rejects and [item.annotations[0].name for item in items] == ["肺炎", "normal"]


def test_label_columns_answer_their_own_kind_of_question(tmp_path):
    rows = "file,patient,grade,finding,part\na,p1,2,x|y,train\nb,p2,,x,test\n"
    write_table(tmp_path, rows)
    options = {"image": "file", "suffix": ".png", "labels": {"grade": "grade", "finding": "finding"}, "several": "|"}
    columns = {"subject": {"column": "patient"}, "split": {"column": "part"}}
    items, rejects = read(tmp_path, "class_table", options, labels={"2": {"name": "mild"}}, **columns)
    assert not rejects and [(item.subject, item.split) for item in items] == [("p1", "train"), ("p2", "test")]
    found = [(label.task, label.name, label.record) for label in items[0].annotations]
    assert found == [("grade", "mild", "t.csv:2#grade"), ("finding", "x", "t.csv:2#finding")] + [
        ("finding", "y", "t.csv:2#finding")
    ]
    assert items[0].units == {"image": 1, "annotation": 3} and items[1].units == {"image": 1, "annotation": 1}


def test_rows_that_cannot_be_used_are_counted(tmp_path):
    rows = (
        "image,label\na.png,x\na.png,y\nb.png,x\nb.png,x\nc.png\nd.png,\ngone.png,x\n../../e.png,x\n=HYPERLINK(1),x\n"
    )
    write_table(tmp_path, rows, pictures=("a.png", "b.png", "c.png", "d.png", "unnamed.png"))
    items, rejects = read(tmp_path, "class_table")
    assert [item.id for item in items] == ["images/b.png"]
    assert reasons(rejects) == {
        "image table.conflict": 1,
        "annotation table.conflict": 2,
        "annotation table.duplicate": 1,
        "image table.row": 1,
        "image path.outside": 1,
        "annotation path.outside": 1,
        "image annotation.missing": 2,
        "image image.missing": 2,
        "annotation image.missing": 2,
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('image,label\n"a.png,normal\nb.png,x\n', "table.quotes"),
        ("file,label\na.png,x\n", "table.columns"),
        ("image,image\na,b\n", "table.columns"),
        ("", "table.empty"),
    ],
)
def test_a_table_that_cannot_be_read_ends_the_run(tmp_path, content, reason):
    write_table(tmp_path, content)
    with pytest.raises(FormatError) as error:
        read(tmp_path, "class_table")
    assert error.value.reason == reason


def test_a_picture_is_taken_from_one_table_only(tmp_path):
    write_table(tmp_path, "image,label\na.png,x\n", "1.csv")
    write_table(tmp_path, "image,label\na.png,x\nb.png,y\n", "2.csv")
    items, rejects = read(tmp_path, "class_table")
    assert [item.id for item in items] == ["images/a.png", "images/b.png"]
    assert reasons(rejects) == {"annotation table.duplicate": 1}


def test_class_folders(tmp_path):
    for name in ("train/normal/a.png", "train/sick/b.png", "test/sick/c.png"):
        make.picture(tmp_path / name)
    make.text(tmp_path / "train/sick/notes.txt", "x")
    items, rejects = read(tmp_path, "class_folders", {"layout": "split/label"}, labels={"sick": {"name": "pneumonia"}})
    found = [(item.split, item.annotations[0].name) for item in items]
    assert not rejects and found == [("test", "pneumonia"), ("train", "normal"), ("train", "pneumonia")]


def test_medmnist_rows(tmp_path):
    make.medmnist(tmp_path / "x.npz")
    items, rejects = read(tmp_path, "medmnist", labels={"1": {"name": "pneumonia"}})
    assert not rejects and Counter(item.split for item in items) == {"train": 6, "val": 2}
    assert (items[1].member, items[1].index, items[1].annotations[0].name) == ("train_images", 1, "pneumonia")
    make.text(tmp_path / "x.npz", "no archive")
    with pytest.raises(FormatError):
        read(tmp_path, "medmnist")


def test_medmnist_labels_that_claim_too_much_are_refused_before_memory_is_asked_for(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**12, 28)})
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train_images.npy", header.getvalue().replace(b" 28)", b"8,9)"))
        archive.writestr("train_labels.npy", header.getvalue() + bytes(64))
    with pytest.raises(FormatError) as error:
        read(tmp_path, "medmnist")
    assert error.value.reason == "npz.too_large"


def test_index_masks_are_left_to_be_measured(tmp_path):
    for name in ("images/a.png", "images/b.png", "masks/a.png", "masks/alone.png"):
        make.picture(tmp_path / name)
    items, rejects = read(tmp_path, "masks", {"ignore": [255]})
    assert [(item.id, item.regions) for item in items] == [
        ("images/a.png", (RegionFile(path="masks/a.png", ignore=(255,)),))
    ]
    assert reasons(rejects) == {"image annotation.missing": 1, "image image.missing": 1}


def test_instance_masks_are_regions_of_their_own(tmp_path):
    for name in ("[c]1/images/x.png", "[c]1/masks/m2.png", "[c]1/masks/m1.png", "c2/images/y.png"):
        make.picture(tmp_path / name)
    options = {"layout": "instances", "images": "*/images/*.png", "masks": "{folder}/masks/*.png", "label": "cell"}
    items, rejects = read(tmp_path, "masks", options)
    assert [mask.uri for mask in items[0].annotations] == ["[c]1/masks/m1.png", "[c]1/masks/m2.png"]
    assert items[0].units == {"image": 1, "annotation": 2} and reasons(rejects) == {"image annotation.missing": 1}


def test_volumes_are_paired_by_name(tmp_path):
    for name in ("images/a.nii.gz", "images/b.nii.gz", "labels/a.nii.gz", "labels/c.nii.gz"):
        make.text(tmp_path / name, "")
    items, rejects = read(tmp_path, "volumes", {"images": "images/*.nii.gz"})
    assert [(item.id, *(file.path for file in item.regions)) for item in items] == [
        ("images/a.nii.gz", "labels/a.nii.gz")
    ]
    assert reasons(rejects) == {"pair annotation.missing": 1, "pair image.missing": 1}
    items, _ = read(tmp_path, "volumes", {"images": "images/*.nii.gz"}, annotations="none")
    assert [(item.id, *(file.path for file in item.regions)) for item in items] == [
        ("images/a.nii.gz", "labels/a.nii.gz"),
        ("images/b.nii.gz",),
    ]
    with pytest.raises(CardError, match="either"):
        read(tmp_path, "volumes")


class Seen:
    def __init__(self, path, series, instance):
        self.series, self.instance, self.shown = series, instance, path
        self.subject = self.study = "s"
        self.visit = ""
        self.modality = "CT"
        self.object, self.whole_series, self.grid = "image", series, ()


def look(path):
    name = path.rpartition("/")[2]
    if name.startswith("bad"):
        raise ImageError("not a DICOM file", where=path, reason="dicom.unreadable")
    return Seen(path, path.split("/")[1], "copy" if name in ("1.dcm", "2.dcm") else path)


def test_series_are_grouped_and_copies_counted_once(tmp_path):
    for name in ("ct/p1/0.dcm", "ct/p1/1.dcm", "ct/p1/2.dcm", "ct/p1/bad.dcm", "ct/p2/0.dcm", "ct/labels/p1.nii.gz"):
        make.text(tmp_path / name, "")
    items, rejects = read(tmp_path, "dicom_series", {"files": "ct/*/*.dcm"}, look, annotations="none")
    assert [item.files for item in items] == [("ct/p1/0.dcm", "ct/p1/1.dcm"), ("ct/p2/0.dcm",)]
    assert reasons(rejects) == {"image dicom.duplicate": 1, "image dicom.unreadable": 1}
    with pytest.raises(CardError, match="no annotations"):
        read(tmp_path, "dicom_series", {}, look)
    options = {"series": "ct/*/*.dcm", "labels": "ct/labels/{folder}.nii.gz"}
    items, rejects = read(tmp_path, "volumes", options, look)
    assert items[0].regions[0].path == "ct/labels/p1.nii.gz" and items[0].units == {"pair": 1, "image": 2}
    assert reasons(rejects)["pair annotation.missing"] == 1


def test_vqa_questions_by_picture(tmp_path):
    make.picture(tmp_path / "images/a.jpg")
    make.picture(tmp_path / "images/silent.jpg")
    rows = [
        ("a.jpg", "Is it big?", "Yes", "CLOSED "),
        ("a.jpg", "How many?", "3", "OPEN"),
        ("a.jpg", "How many?", "3", "OPEN"),
        ("a.jpg", "Is it left?", "Yes", ""),
        ("a.jpg", "is it left?", "no", ""),
        ("", "", "", ""),
        ("a.jpg", "Where?", "", ""),
        ("gone.jpg", "What?", "x", ""),
        ("../../etc/passwd", "What?", "x", ""),
    ]
    entries = ",".join(
        f'{{"image_name": "{i}", "question": "{q}", "answer": {a if a == "3" else repr(a).replace(chr(39), chr(34))}, '
        f'"answer_type": "{t}"}}'
        for i, q, a, t in rows
    )
    make.text(tmp_path / "qa.json", f"[{entries}]")
    items, rejects = read(tmp_path, "vqa")
    assert [(qa.question, qa.answer, qa.answer_type) for qa in items[0].annotations] == [
        ("Is it big?", "Yes", "CLOSED"),
        ("How many?", "3", "OPEN"),
    ]
    assert reasons(rejects) == {
        "question vqa.duplicate": 1,
        "question vqa.contradiction": 2,
        "question path.empty": 1,
        "question vqa.empty": 1,
        "image image.missing": 1,
        "question image.missing": 1,
        "question path.outside": 1,
        "image annotation.missing": 1,
    }


def test_text_questions_line_by_line(tmp_path):
    lines = [
        '{"id": "1", "question": "Q?", "answer": "A", "topic": "t"}',
        "{broken",
        '{"question": "Q?"}',
        '{"id": "1"}',
    ]
    make.text(tmp_path / "qa.jsonl", "\n".join([*lines, '{"id": 1, "question": "Q2?", "answer": "A"}']))
    items, rejects = read(tmp_path, "text_qa")
    assert len(items) == 1 and items[0].annotations[0].question_type == "t"
    expected = {"question json.invalid": 1, "question text.empty": 2, "question text.duplicate_id": 1}
    assert reasons(rejects) == expected


def test_text_questions_keyed_by_article(tmp_path):
    entry = '{"QUESTION": "Is it?", "CONTEXTS": ["One.", "Two."], "LONG_ANSWER": "Because.", "final_decision": "%s"}'
    make.text(tmp_path / "q.json", f'{{"11": {entry % "yes"}, "12": {entry % "perhaps"}}}')
    options = {"files": "q.json", "question": "QUESTION", "answer": "final_decision", "context": "CONTEXTS"}
    items, rejects = read(tmp_path, "text_qa", {**options, "explanation": "LONG_ANSWER", "options": ["yes", "no"]})
    asked, *texts = items[0].annotations
    assert isinstance(asked, QA) and asked.answer_type == "CLOSED" and asked.options == ("yes", "no")
    assert items[0].id == "11" and asked.record == "q.json#11"
    assert texts == [
        Report(text="One.\nTwo.", record="q.json#11", section="context"),
        Report(text="Because.", record="q.json#11", section="explanation"),
    ]
    assert reasons(rejects) == {"question text.answer": 1}


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_no_files_and_unknown_options_are_clear_errors(tmp_path, format):
    options = {"images": "x/*"} if format == "volumes" else {}
    with pytest.raises(FormatError, match="no file matches"):
        read(tmp_path, format, options, annotations="none")
    with pytest.raises(CardError, match="unknown key"):
        read(tmp_path, format, {"no_such_option": 1}, annotations="none")


def test_templates_and_patterns_of_a_card_are_checked(tmp_path):
    make.picture(tmp_path / "images/a.png")
    with pytest.raises(CardError, match=r"may name \{folder\}, \{stem\}"):
        read(tmp_path, "masks", {"masks": "{case}.png"})
    for pattern in ("", "/images/*", "../*"):
        with pytest.raises(CardError, match="does not stay below"):
            read(tmp_path, "masks", {"images": pattern})


def test_a_reader_of_ones_own_is_named_by_module_and_function(tmp_path):
    assert find_reader("gmai.annotations.voc:read") is find_reader("voc")
    with pytest.raises(ConfigError):
        find_reader("vok")


def test_files_are_listed_in_order_and_hidden_ones_left_out(tmp_path):
    for name in ("b.png", "a/c.png", ".hidden.png"):
        make.picture(tmp_path / name)
    assert list_files(tmp_path, "**/*.png") == ["a/c.png", "b.png"]


def test_formats_are_told_from_a_folder(tmp_path):
    write_voc(tmp_path / "v", "a", [("x", 1, 1, 4, 4)])
    write_coco(tmp_path / "c", [image(1, "a.png")], [marked(1)])
    write_table(tmp_path / "t", "image,label\na.png,x\n")
    make.medmnist(tmp_path / "m/x.npz")
    for name in ("f/p/a.png", "f/q/b.png", "k/images/a.png", "k/masks/a.png"):
        make.picture(tmp_path / name)
    make.dicom(tmp_path / "d/x/0")
    make.text(tmp_path / "j/q.jsonl", '{"question": "?", "answer": "!"}\n')
    make.text(tmp_path / "q/q.json", '[{"question": "?", "answer": "!", "image_name": "a.jpg"}]')
    for name in ("images", "labels"):
        make.text(tmp_path / f"n/{name}/a.nii.gz", "")
    folders = {"v": "voc", "c": "coco", "t": "class_table", "m": "medmnist", "f": "class_folders", "k": "masks"}
    folders |= {"d": "dicom_series", "j": "text_qa", "q": "vqa", "n": "volumes"}
    for folder, format in folders.items():
        found = FORMATS.get(format).detect(tmp_path / folder)
        assert found is not None and found.format == format, folder
        assert FORMATS.get(format).detect(tmp_path / "empty") is None
