"""Tables about pictures: every file form, every kind of column, every way in which rows can be wrong."""

import gzip
import pickle
import zipfile
from itertools import pairwise

import openpyxl
import pytest
from entry_tables import detected, pictures, read, reasons, total, write

import make
from gmai.annotations import sheet
from gmai.annotations.entries import EntryOptions, find_split, read_entries
from gmai.errors import FormatError
from gmai.images import peek
from gmai.types import Box, Label, Measurement, Report

ROWS = [
    {"image": "a.png", "label": "pneumonia", "patient": "p1"},
    {"image": "b.png", "label": "normal", "patient": "p2"},
]


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx", "json", "jsonl", "parquet"])
def test_every_file_form_gives_the_same_items(tmp_path, ending):
    pictures(tmp_path, "images/a.png", "images/b.png")
    write(tmp_path / f"t.{ending}", ROWS)
    options = detected(tmp_path, "class_table")
    assert (options["table"], options["image"], options["images"]) == (f"t.{ending}", "image", "images")
    items, rejects = read(tmp_path, "class_table", options, subject={"column": "patient"})
    assert not rejects
    assert [(i.id, i.subject, i.annotations[0].name) for i in items] == [
        ("images/a.png", "p1", "pneumonia"),
        ("images/b.png", "p2", "normal"),
    ]


def test_a_gzipped_table_is_read(tmp_path):
    pictures(tmp_path, "images/a.png")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"image,label\na.png,x\n"))
    items, rejects = read(tmp_path, "class_table", {"table": "t.csv.gz"})
    assert len(items) == 1 and not rejects
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"image,label\na.png,x\n" * 99)[:-9])
    with pytest.raises(FormatError) as error:
        read(tmp_path, "class_table", {"table": "t.csv.gz"})
    assert error.value.reason == "entries.gzip"


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ('{"a.png": "x", "b.png": "y"}', {"labels": {"value": "finding"}}),
        ('{"a.png": ["x", "z"], "b.png": ["y"]}', {"labels": {"value": "finding"}}),
        ('{"a.png": {"label": "x"}, "b.png": {"label": "y"}}', {}),
        ('{"labels": [["a.png", "x"], ["b.png", "y"]]}', {"at": "labels", "image": "#1", "labels": {"#2": "finding"}}),
        ('{"info": 1, "rows": [{"image": "a.png", "label": "x"}, {"image": "b.png", "label": "y"}]}', {}),
    ],
)
def test_json_tables_of_any_shape(tmp_path, content, options):
    pictures(tmp_path, "images/a.png", "images/b.png")
    make.text(tmp_path / "t.json", content)
    items, rejects = read(tmp_path, "class_table", {"table": "t.json", **options})
    assert not rejects and [item.annotations[0].name for item in items] == ["x", "y"]


def test_flags_say_yes_no_or_nothing_and_what_is_uncertain_is_counted(tmp_path):
    pictures(tmp_path, *(f"images/{name}.png" for name in "abcd"))
    rows = "image,Edema,Effusion\na.png,1.0,0.0\nb.png,0,0\nc.png,-1.0,\nd.png,,\n"
    make.text(tmp_path / "t.csv", rows)
    labels = {"Edema": {"name": "edema"}, "Effusion": {"name": "effusion"}}
    options = detected(tmp_path, "class_table")
    assert options["flags"] == ["Edema", "Effusion"] and options["labels"] == {}
    items, rejects = read(tmp_path, "class_table", options, labels=labels)
    assert [([each.name for each in item.annotations], item.unsure) for item in items] == [(["edema"], ()), ([], ())]
    assert items[0].annotations[0] == Label(name="edema", record="t.csv:2#Edema", raw="Edema")
    assert reasons(rejects) == {"annotation label.uncertain": 1, "image annotation.missing": 2}
    items, _ = read(tmp_path, "class_table", options, labels=labels, annotations="none")
    assert [item.unsure for item in items] == [(), (), ("edema", "effusion"), ("edema", "effusion")]


def test_a_flag_that_says_something_else_is_a_reject_of_its_own(tmp_path):
    pictures(tmp_path, "images/a.png")
    make.text(tmp_path / "t.csv", "image,A,B\na.png,1,maybe so\n")
    items, rejects = read(tmp_path, "class_table", {"labels": {}, "flags": ["A", "B"]})
    assert len(items[0].annotations) == 1 and reasons(rejects) == {"annotation table.flag": 1}


def test_numbers_are_measurements_with_their_unit(tmp_path):
    pictures(tmp_path, "images/1377.png", "images/1378.png")
    make.text(tmp_path / "t.csv", "id,boneage,male\n1377,180,False\n1378,about 12,False\n")
    options = {"image": "id", "labels": {}, "measurements": {"boneage": "month"}}
    items, rejects = read(tmp_path, "class_table", options)
    assert items[0].annotations == (Measurement(name="boneage", value=180, unit="month", record="t.csv:2#boneage"),)
    assert reasons(rejects) == {"annotation table.number": 1, "image annotation.missing": 1}


def test_boxes_of_several_rows_and_blank_boxes(tmp_path):
    pictures(tmp_path, "images/a.png", "images/b.png", "images/c.png")
    rows = (
        "image_id,class_name,x_min,y_min,x_max,y_max\n"
        "a,nodule,1,2,9,8\na,cyst,3.5,4,8,7\na,cyst,3.5,4,8,7\nb,No finding,,,,\nc,nodule,1,,9,8\n"
    )
    make.text(tmp_path / "t.csv", rows)
    options = detected(tmp_path, "class_table")
    assert options["box_form"] == "xyxy" and options["suffix"] == ".png" and options["box_label"] == "class_name"
    items, rejects = read(tmp_path, "class_table", options)
    assert items[0].annotations == (
        Box(label="nodule", xyxy=(1, 2, 9, 8), record="t.csv:2#x_min", raw="nodule"),
        Box(label="cyst", xyxy=(3.5, 4, 8, 7), record="t.csv:3#x_min", raw="cyst"),
    )
    assert items[1].annotations == (Label(name="No finding", record="t.csv:5#class_name", raw="No finding"),)
    expected = {"annotation table.duplicate": 1, "annotation box.coordinates": 1, "image annotation.missing": 1}
    assert reasons(rejects) == expected
    assert total(items, rejects) == {"image": 3, "annotation": 5}


def test_the_bracketed_header_of_a_box_list(tmp_path):
    pictures(tmp_path, "images/a.png")
    make.text(tmp_path / "t.csv", "Image Index,Finding Label,Bbox [x,y,w,h],,,\na.png,Mass,10,4,5,6,,,\n")
    items, rejects = read(tmp_path, "class_table")
    assert not rejects and items[0].annotations[0].xyxy == (10, 4, 15, 10)


def test_boxes_are_told_from_a_table_in_any_order_of_columns(tmp_path):
    pictures(tmp_path, "JPEG/a.jpg")
    make.text(tmp_path / "test.csv", "filename,cell_type,xmin,xmax,ymin,ymax\na.jpg,WBC,2,9,3,8\n")
    items, rejects = read(tmp_path, "class_table")
    assert not rejects and (items[0].annotations[0].label, items[0].annotations[0].xyxy) == ("WBC", (2, 3, 9, 8))


def test_a_box_in_one_cell(tmp_path):
    pictures(tmp_path, "images/a.png")
    write(tmp_path / "t.csv", [{"image": "a.png", "label": "x", "bbox": "[1, 2, 3, 4.5]"}])
    items, _ = read(tmp_path, "class_table", {"labels": {}, "box": ["bbox"], "box_label": "label"})
    assert items[0].annotations[0].xyxy == (1, 2, 4, 6.5)


def test_texts_grades_and_the_columns_of_subject_study_split_and_modality(tmp_path):
    pictures(tmp_path, "images/a.png")
    note = "Multiple small bilateral areas of patchy opacification."
    row = {"image": "a.png", "dr grade": 2.0, "note": note, "s": "st1", "m": "Fundus", "part": "test", "who": "p"}
    write(tmp_path / "t.xlsx", [row])
    options = {"table": "t.xlsx", "labels": {"dr grade": "grade"}, "reports": {"note": "note"}}
    fields = {"subject": {"column": "who"}, "split": {"column": "part"}, "labels": {"2": {"name": "moderate"}}}
    items, rejects = read(tmp_path, "class_table", {**options, "study": "s", "modality": "m"}, **fields)
    assert not rejects and items[0].annotations == (
        Label(name="moderate", record="t.xlsx:2#dr grade", task="grade", raw="2"),
        Report(text=note, record="t.xlsx:2#note", section="note"),
    )
    assert (items[0].study, items[0].modality, items[0].split, items[0].subject) == ("st1", "Fundus", "test", "p")
    assert detected(tmp_path, "class_table")["reports"] == {"note": "note"}


def test_equal_raw_labels_of_two_columns_are_told_apart_by_the_card(tmp_path):
    pictures(tmp_path, "images/a.png")
    make.text(tmp_path / "t.csv", "image,dr,dme\na.png,1,1\n")
    labels = {"dr=1": {"name": "mild", "task": "grade"}, "dme=1": {"name": "edema far away", "task": "risk"}}
    items, _ = read(tmp_path, "class_table", {"labels": {"dr": "grade", "dme": "risk"}}, labels=labels)
    assert [(each.name, each.raw) for each in items[0].annotations] == [("mild", "dr=1"), ("edema far away", "dme=1")]


def test_rows_of_one_picture_are_merged_where_they_agree(tmp_path):
    pictures(tmp_path, "images/a.png", "images/b.png")
    make.text(tmp_path / "t.csv", "image,label,grade\na.png,x,\na.png,,2\nb.png,x,1\nb.png,x,2\n")
    options = {"labels": {"label": "finding", "grade": "grade"}}
    items, rejects = read(tmp_path, "class_table", options)
    assert [(each.raw, each.record) for each in items[0].annotations] == [
        ("x", "t.csv:2#label"),
        ("2", "t.csv:3#grade"),
    ]
    assert reasons(rejects) == {"image table.conflict": 1, "annotation table.conflict": 4}
    assert "disagree in grade" in rejects[0].detail
    items, rejects = read(tmp_path, "class_table", {**options, "rows": "more"})
    assert not rejects and [each.raw for each in items[1].annotations] == ["x", "1", "2"]


def test_pictures_are_found_without_ending_in_folders_and_by_template(tmp_path):
    pictures(tmp_path, "img_1/images/a.1.2.png", "img_2/images/b.png", "p1/s1/v.png", "Data/c.PNG")
    make.text(tmp_path / "t.csv", "image,label\na.1.2,x\nb.png,x\n")
    items, rejects = read(tmp_path, "class_table", {"images": "img_*/images"})
    assert not rejects and [item.id for item in items] == ["img_1/images/a.1.2.png", "img_2/images/b.png"]
    make.text(tmp_path / "t.csv", "who,visit,label\np1,s1,x\n")
    items, _ = read(tmp_path, "class_table", {"images": ".", "path": "{who}/{visit}/v.png", "pictures": "p1/*/*.png"})
    assert [item.id for item in items] == ["p1/s1/v.png"]
    make.text(tmp_path / "t.csv", "image,label\nset-v1/Data/c.png,x\n")
    items, _ = read(tmp_path, "class_table", {"images": ".", "strip": "set-v1/"})
    assert [item.id for item in items] == ["Data/c.PNG"]


def test_a_name_that_fits_two_files_is_a_reject(tmp_path):
    pictures(tmp_path, "images/a.png", "images/a.jpg")
    make.text(tmp_path / "t.csv", "image,label\na,x\n")
    _, rejects = read(tmp_path, "class_table", {})
    assert reasons(rejects)["image image.ambiguous"] == 1


def test_a_picture_may_be_dicom_or_a_volume(tmp_path):
    make.dicom(tmp_path / "images/a.dcm")
    make.nifti(tmp_path / "images/b.nii.gz", make.pixels(8, 8)[:, :, None].repeat(4, 2))
    make.text(tmp_path / "images/c.dcm", "no DICOM")
    make.text(tmp_path / "t.csv", "image,label\na,x\nb,y\nc,z\n")
    items, rejects = read(tmp_path, "class_table", {}, look=lambda path: peek(tmp_path / path, path))
    assert [(item.kind, item.files) for item in items] == [
        ("series", ("images/a.dcm",)),
        ("volume", ("images/b.nii.gz",)),
    ]
    assert items[0].subject and items[0].series and "0012345" not in str(items[0])
    assert total(items, rejects) == {"image": 3, "annotation": 3}


def test_formula_cells_and_dates_are_text(tmp_path):
    book = openpyxl.Workbook()
    for row in (["image", "label", None], ["a.png", "=1+1", None], [None, None, None], ["b.png", True, None]):
        book.active.append(row)
    book.create_sheet("other")
    book.save(tmp_path / "t.xlsx")
    pictures(tmp_path, "images/a.png", "images/b.png")
    items, _ = read(tmp_path, "class_table", {"table": "t.xlsx"})
    assert [(i.annotations[0].raw, i.annotations[0].record) for i in items] == [
        ("=1+1", "t.xlsx:2#label"),
        ("true", "t.xlsx:4#label"),
    ]
    with pytest.raises(FormatError) as error:
        read(tmp_path, "class_table", {"table": "t.xlsx", "sheet": "none"})
    assert error.value.reason == "table.sheet" and "Sheet, other" in error.value.fix


def test_workbooks_that_would_fill_the_memory_are_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "t.xlsx", ROWS)
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {y} "{f"&{x};" * 20}">' for x, y in pairwise("abcdefgh"))
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "bomb.xlsx", "w") as bomb:
        for name in whole.namelist():
            data = whole.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = f"<!DOCTYPE worksheet [{entities}]>".encode() + data.replace(b">", b">&h;", 1)
            bomb.writestr(name, data)
    monkeypatch.setattr(sheet, "MAX_UNPACKED_BYTES", 100)
    for name, reason in (("t.xlsx", "table.too_large"), ("bomb.xlsx", "table.too_large")):
        with pytest.raises(FormatError) as error:
            sheet.read_sheet(tmp_path / name, name)
        assert error.value.reason == reason
    monkeypatch.undo()
    with pytest.raises(FormatError) as error:
        sheet.read_sheet(tmp_path / "bomb.xlsx", "bomb.xlsx")
    assert error.value.reason == "table.xlsx" and "amplification" in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("t.pkl", pickle.dumps([1]), "entries.pickle"),
        ("t.csv", pickle.dumps([1]), "entries.pickle"),
        ("t.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "entries.xls"),
        ("t.xlsx", b"PK\x03\x04 no workbook", "table.xlsx"),
        ("t.parquet", b"PAR1" + b"\0" * 99, "entries.parquet"),
        ("t.json", b"[" * 5000 + b"]" * 5000, "json.invalid"),
        ("t.json", b"3", "entries.root"),
        ("t.csv", "image,label\ncaf\u00e9s.png,na\u00efve\n".encode("cp1252"), "table.encoding"),
    ],
)
def test_files_that_are_refused(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError) as error:
        list(read_entries(tmp_path / name, name, EntryOptions()))
    assert error.value.reason == reason


def test_a_western_encoding_is_read_where_it_is_named(tmp_path):
    (tmp_path / "t.csv").write_bytes("image,label\ncaf\u00e9.png,x\n".encode("cp1252"))
    (entry,) = read_entries(tmp_path / "t.csv", "t.csv", EntryOptions(encoding="cp1252"))
    assert entry.text("image") == "caf\u00e9.png"


def test_json_lines_by_another_name_and_with_a_mark(tmp_path):
    make.text(tmp_path / "t.json", '\ufeff{"q": 1}\n{"q": 2\n{"q": 3}\n')
    found = list(read_entries(tmp_path / "t.json", "t.json", EntryOptions()))
    assert [entry.text("q") for entry in found] == ["1", "", "3"] and found[1].reason == "json.invalid"


def test_splits_are_told_by_names_of_files_folders_and_parts():
    names = [
        "a/train.json#3",
        "validate.json#1",
        "x/Test/q.csv:4",
        "s.json#dev/12",
        "MTS-TrainingSet.csv:2",
        "qa.csv:1",
    ]
    assert [find_split(name) for name in names] == ["train", "val", "test", "val", "train", ""]


def test_a_table_of_questions_or_masks_is_not_taken_for_labels(tmp_path):
    from gmai.annotations import FORMATS

    pictures(tmp_path, "images/a.png")
    for row in (
        {"image": "a.png", "question": "What?", "answer": "x"},
        {"image": "a.png", "label": "x", "mask": "m.png"},
        {"name": "nobody.png", "label": "x"},
        {"image": "a.png", "width_px": 738, "height_px": 998},
    ):
        write(tmp_path / "t.csv", [row])
        assert FORMATS.get("class_table").detect(tmp_path) is None
