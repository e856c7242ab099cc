"""Reports: sections, pictures, blanks of de-identification, and what happens to those that are empty or lost."""

import json

import pytest
from entry_tables import detected, pictures, read, reasons, total, write

import make
from gmai.annotations.report_files import split_sections
from gmai.images import peek
from gmai.types import Report

OPEN_I = (
    '<?xml version="1.0" encoding="utf-8"?><eCitation><uId id="CXR{n}"/><MedlineCitation><Article><Abstract>'
    '<AbstractText Label="COMPARISON">None.</AbstractText><AbstractText Label="INDICATION"/>'
    '<AbstractText Label="FINDINGS">{findings}</AbstractText></Abstract></Article></MedlineCitation>{images}'
    "</eCitation>"
)


def open_i(root, number, findings, *images):
    parents = "".join(f'<parentImage id="{name}"><caption>PA</caption></parentImage>' for name in images)
    text = OPEN_I.format(n=number, findings=findings, images=parents)
    return make.text(root / f"ecgen-radiology/{number}.xml", text)


def test_open_i(tmp_path):
    pictures(tmp_path, "NLMCXR_png/CXR1_IM-1001.png", "NLMCXR_png/CXR1_IM-2001.png", "NLMCXR_png/CXR9_IM-1.png")
    open_i(tmp_path, 1, "Heart is XXXX &lt; 50%. <i>No</i> effusion.", "CXR1_IM-1001", "CXR1_IM-2001")
    open_i(tmp_path, 2, "Clear.", "CXR2_IM-1001")
    open_i(tmp_path, 3, "Clear lungs.")
    make.text(tmp_path / "ecgen-radiology/4.xml", "<eCitation><AbstractText Label='FINDINGS'>cut")
    make.text(tmp_path / "ecgen-radiology/5.xml", "<html><body>404</body></html>")
    make.text(
        tmp_path / "ecgen-radiology/6.xml", "<eCitation><AbstractText Label='FINDINGS'> </AbstractText></eCitation>"
    )
    assert detected(tmp_path, "reports")["images"] == "NLMCXR_png"
    items, rejects = read(tmp_path, "reports")
    both, alone = items
    assert both.kind == "pictures" and both.files == ("NLMCXR_png/CXR1_IM-1001.png", "NLMCXR_png/CXR1_IM-2001.png")
    assert [(each.section, each.text) for each in both.annotations] == [
        ("comparison", "None."),
        ("findings", "Heart is XXXX < 50%. No effusion."),
    ]
    assert (alone.kind, alone.units) == ("text", {"report": 1})
    assert reasons(rejects) == {
        "report xml.invalid": 1,
        "report xml.html": 1,
        "report report.empty": 1,
        "image image.missing": 1,
        "report image.missing": 1,
        "image annotation.missing": 1,
    }
    assert total(items, rejects) == {"image": 4, "report": 6}


MIMIC = """                                 FINAL REPORT
 EXAMINATION:  CHEST (PA AND LAT)

 INDICATION:  ___F with cough  // ?pneumonia

 FINDINGS:

 There is no focal consolidation.
 Seen by Dr. ___: no change.

 IMPRESSION: No acute process.
"""


def test_one_text_per_study_beside_its_pictures(tmp_path):
    study = "files/p10/p10000032/s50414267"
    pictures(tmp_path, f"{study}/02aa804e.jpg", f"{study}/174413ec.jpg", "files/p10/p10000032/s2/lone.jpg")
    make.text(tmp_path / f"{study}/index.html", "<html/>")
    make.text(tmp_path / f"{study}.txt", MIMIC)
    make.text(tmp_path / "files/p10/p10000032/s3.txt", " \n")
    items, rejects = read(tmp_path, "reports")
    assert items[0].files == (f"{study}/02aa804e.jpg", f"{study}/174413ec.jpg")
    assert [(each.section, each.text) for each in items[0].annotations] == [
        ("header", "FINAL REPORT"),
        ("examination", "CHEST (PA AND LAT)"),
        ("indication", "___F with cough  // ?pneumonia"),
        ("findings", "There is no focal consolidation.\nSeen by Dr. ___: no change."),
        ("impression", "No acute process."),
    ]
    assert reasons(rejects) == {"report report.empty": 1, "image annotation.missing": 1}


def test_a_text_without_headings_is_one_section():
    assert split_sections("Clear lungs.\n  No effusion.") == [("report", "Clear lungs.\nNo effusion.")]
    assert split_sections(" \n") == []


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "jsonl", "parquet"])
def test_tables_of_reports(tmp_path, ending):
    pictures(tmp_path, "images/a.png", "images/b.png")
    rows = [
        {"image": "a.png", "findings": "The lungs are clear,\nboth of them.", "impression": "Normal chest."},
        {"image": "b.png", "findings": "", "impression": ""},
        {"image": "c.png", "findings": "Lost with its picture.", "impression": ""},
    ]
    write(tmp_path / f"r.{ending}", rows)
    items, rejects = read(tmp_path, "reports")
    assert len(items) == 1 and items[0].kind == "raster"
    assert [each.section for each in items[0].annotations] == ["findings", "impression"]
    assert items[0].annotations[0].text == "The lungs are clear,\nboth of them."
    expected = {"report report.empty": 1, "image image.missing": 1, "report image.missing": 1}
    assert reasons(rejects) == {**expected, "image annotation.missing": 1}


def test_a_table_of_reports_and_one_of_their_pictures(tmp_path):
    pictures(tmp_path, "images/1_a.png", "images/1_b.png", "images/2.png")
    report = {"uid": 1, "MeSH": "normal", "findings": "The lungs are clear XXXX.", "impression": ""}
    write(tmp_path / "reports.csv", [report, {**report, "uid": 2, "findings": "Opacity on the left side."}])
    names = [(1, "1_a.png"), (1, "1_b.png"), (2, "2.png")]
    write(tmp_path / "projections.csv", [{"uid": uid, "filename": name, "projection": "PA"} for uid, name in names])
    options = detected(tmp_path, "reports")
    assert (options["files"], options["listed"], options["by"]) == ("reports.csv", "projections.csv", "uid")
    items, rejects = read(tmp_path, "reports", options)
    assert not rejects and [item.files for item in items] == [
        ("images/1_a.png", "images/1_b.png"),
        ("images/2.png",),
    ]


def test_json_of_reports_by_split_with_lists_of_pictures(tmp_path):
    pictures(tmp_path, "images/CXR1/0.png", "images/CXR1/1.png", "images/CXR2/0.png")
    entry = {"id": "CXR1", "report": "The heart is normal in size.", "image_path": ["CXR1/0.png", "CXR1/1.png"]}
    other = {"id": "CXR2", "report": "The heart is large today.", "image_path": ["CXR2/0.png"]}
    make.text(tmp_path / "annotation.json", json.dumps({"train": [entry], "test": [other]}))
    items, rejects = read(tmp_path, "reports")
    assert not rejects and [(item.split, len(item.files)) for item in items] == [("train", 2), ("test", 1)]
    assert items[0].annotations == (
        Report(text=entry["report"], record="annotation.json#train/0#report", section="report"),
    )


def test_the_second_of_two_equal_reports_is_a_reject(tmp_path):
    pictures(tmp_path, "images/a.png")
    row = {"image": "a.png", "findings": "The lungs are clear.", "impression": "Normal."}
    write(tmp_path / "r.csv", [row, row, {**row, "findings": "Other reader: clear."}])
    items, rejects = read(tmp_path, "reports")
    assert reasons(rejects) == {"report report.duplicate": 1} and len(items[0].annotations) == 4


def test_pictures_of_a_report_may_be_dicom(tmp_path):
    for name in ("a", "b"):
        make.dicom(tmp_path / f"files/s1/{name}.dcm", PatientID=name)
    make.text(tmp_path / "files/s1.txt", MIMIC)
    items, _ = read(tmp_path, "reports", look=lambda path: peek(tmp_path / path, path))
    assert items[0].kind == "pictures" and len(items[0].shown) == 2
