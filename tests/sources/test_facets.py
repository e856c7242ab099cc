"""Traits of subjects that a card asks for: from columns of every reader of tables, and from headers; off by default."""

import csv
import json
import logging

import numpy as np
import pydicom
import pytest
from miniatures import build

import make
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.errors import CardError
from gmai.sources import IngestConfig, ingest, read_card

ROWS = "image,label,sex,age,hospital\na.png,cyst,Female,063Y,North\nb.png,cyst,,45M,South\nc.png,cyst,m,unknown,North\n"
ASKED = {"sex": "sex", "age": "age", "site": "hospital"}
TOLD = {"a": {"sex": "F", "age": "60-69", "site": "North"}, "b": {"site": "South"}, "c": {"sex": "M", "site": "North"}}


def pictures(root, names="abc", folder="."):
    for name in names:
        make.picture(root / folder / f"{name}.png", make.pixels(seed=ord(name)))


def run(tmp_path, **fields):
    card = make.write_card(tmp_path / "card.yaml", **fields)
    summary = ingest(
        IngestConfig(card=str(card), root=tmp_path / "files", out=tmp_path / "raw", job=JobConfig(workers=0))
    )
    return summary, {each.sample.provenance.original_id: each.sample for each in iter_samples(tmp_path / "raw")}


def facets(samples):
    return {name.split("/")[-1].split(".")[0]: sample.facets for name, sample in samples.items()}


def table(tmp_path, **fields):
    make.text(tmp_path / "files/t.csv", ROWS)
    pictures(tmp_path / "files")
    options = {"table": "t.csv", "images": ".", "labels": {"label": "finding"}}
    return run(tmp_path, format="class_table", options=options, **fields)


def test_columns_of_a_table_tell_and_what_is_no_age_is_counted(tmp_path):
    summary, samples = table(tmp_path, facets=ASKED)
    assert facets(samples) == TOLD
    counted = {name: n for name, n in summary.accepted.items() if name.startswith("facet.")}
    assert counted == {"facet.sex": 2, "facet.age": 1, "facet.site": 3, "facet.unread": 1}


def test_nothing_is_told_unless_the_card_asks(tmp_path):
    summary, samples = table(tmp_path)
    assert facets(samples) == {"a": {}, "b": {}, "c": {}}
    assert not [name for name in summary.accepted if name.startswith("facet")]


def test_a_column_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(Exception, match="no column 'clinic'"):
        table(tmp_path, facets={"site": "clinic"})


def test_rows_of_a_picture_that_disagree_tell_nothing(tmp_path):
    rows = "image,label,sex,hospital\na.png,cyst,F,North\na.png,scar,M,North\n"
    make.text(tmp_path / "files/t.csv", rows)
    pictures(tmp_path / "files", "a")
    options = {"table": "t.csv", "images": ".", "labels": {"label": "finding"}, "rows": "more"}
    _, samples = run(tmp_path, format="class_table", options=options, facets={"sex": "sex", "site": "hospital"})
    assert facets(samples) == {"a": {"site": "North"}}


def test_a_table_of_masks_tells(tmp_path):
    pictures(tmp_path / "files", "ab", "images")
    for name in "ab":
        array = np.zeros((24, 32), np.uint8)
        array[4:9, 4:9] = 255
        make.picture(tmp_path / f"files/masks/{name}.png", array)
    rows = "Image,Mask,Class,Sex\na.png,a.png,lung,F\nb.png,b.png,lung,M\n"
    make.text(tmp_path / "files/t.csv", rows)
    options = {
        "table": "t.csv",
        "images": "images",
        "masks": "masks",
        "image": "Image",
        "mask": "Mask",
        "label": "Class",
    }
    _, samples = run(tmp_path, format="mask_table", options=options, facets={"sex": "Sex"})
    assert facets(samples) == {"a": {"sex": "F"}, "b": {"sex": "M"}}


@pytest.mark.parametrize("pictured", [True, False])
def test_questions_reports_and_conversations_tell(tmp_path, pictured):
    pictures(tmp_path / "files", "ab") if pictured else (tmp_path / "files").mkdir()
    who = [{"patient": {"sex": "Female", "age": 41}}, {"patient": {"sex": "male", "age": 8}}]
    shown = [{"image": f"{name}.png"} if pictured else {} for name in "ab"]
    asked = [{"question": "Is there a cyst?", "answer": yes} for yes in ("yes", "no")]
    turns = [{"turns": [{"role": "user", "content": f"{n}?"}, {"role": "assistant", "content": "yes"}]} for n in (1, 2)]
    reports = [{"findings": f"A cyst of {n} mm."} for n in (1, 2)]
    wanted = {"sex": "patient.sex", "age": "patient.age"}
    image = {"image": "image", "images": "."} if pictured else {}
    for name, said, format, options in [
        (
            "vqa",
            asked,
            "vqa" if pictured else "text_qa",
            {"questions": "e.json", **image} if pictured else {"files": "e.json"},
        ),
        ("reports", reports, "reports", {"files": "e.json", **image}),
        ("dialogue", turns, "dialogue", {"files": "e.json", "turns": "turns", **image}),
    ]:
        entries = [
            {"id": str(n), **one, **two, **three}
            for n, (one, two, three) in enumerate(zip(who, shown, said, strict=True))
        ]
        (tmp_path / "files/e.json").write_text(json.dumps(entries))
        card = make.write_card(tmp_path / f"{name}.yaml", format=format, options=options, facets=wanted)
        out = tmp_path / name
        summary = ingest(IngestConfig(card=str(card), root=tmp_path / "files", out=out, job=JobConfig(workers=0)))
        found = sorted(tuple(sorted(each.sample.facets.items())) for each in iter_samples(out))
        assert found == [(("age", "0-9"), ("sex", "M")), (("age", "40-49"), ("sex", "F"))], (name, summary)


HEADER = {"PatientAge": "063Y", "Manufacturer": "Acme", "ManufacturerModelName": "Scan 9", "InstitutionName": "St Mary"}


def scans(tmp_path, **fields):
    make.series(tmp_path / "files/a", np.stack([make.pixels(12, 16)] * 3).astype(np.int16), PatientSex="F", **HEADER)
    more = {"format": "dicom_series", "modality": "CT", "annotations": "none", "files": ["**/*.dcm"]}
    return run(tmp_path, **more, **fields)


def test_headers_tell_what_the_card_asks_for_and_the_site_as_a_keyed_hash(tmp_path, monkeypatch):
    monkeypatch.setenv("GMAI_DEID_KEY", "secret")
    _, samples = scans(tmp_path, facets=dict.fromkeys(("sex", "age", "scanner", "site"), "@header"))
    found = next(iter(samples.values())).facets
    assert {name: found[name] for name in ("sex", "age", "scanner")} == {
        "sex": "F",
        "age": "60-69",
        "scanner": "Acme Scan 9",
    }
    assert len(found["site"]) == 16
    told = "".join(repr(sample) for sample in samples.values()) + (tmp_path / "raw/run.json").read_text()
    assert "Mary" not in told and "063Y" not in told and "63Y" not in told


def test_headers_tell_nothing_unasked(tmp_path):
    _, samples = scans(tmp_path, facets={"scanner": "@header"})
    assert {tuple(sample.facets) for sample in samples.values()} == {("scanner",)}


def test_the_site_of_headers_needs_a_key(tmp_path, monkeypatch):
    monkeypatch.delenv("GMAI_DEID_KEY", raising=False)
    with pytest.raises(CardError, match="keyed hash"):
        scans(tmp_path, facets={"site": "@header"})


def test_an_age_is_reckoned_from_birth_to_study_where_none_is_stated(tmp_path):
    dates = {"PatientAge": None, "PatientBirthDate": "19700615", "StudyDate": "20200101"}
    make.dicom(tmp_path / "files/a.dcm", **dates)
    make.dicom(tmp_path / "files/b.dcm", SeriesInstanceUID="1.2.9", **{**dates, "PatientBirthDate": None})
    more = {"format": "dicom_series", "modality": "CT", "annotations": "none", "files": ["**/*.dcm"]}
    _, samples = run(tmp_path, **more, facets={"age": "@header"})
    assert sorted(sample.facets.get("age", "") for sample in samples.values()) == ["", "40-49"]


def test_columns_stand_before_headers(tmp_path):
    make.dicom(tmp_path / "files/a.dcm", PatientSex="F")
    make.text(tmp_path / "files/t.csv", "image,label,site\na.dcm,cyst,North\n")
    options = {"table": "t.csv", "images": ".", "labels": {"label": "finding"}}
    asked = {"site": "site", "sex": "@header"}
    _, samples = run(tmp_path, format="class_table", options=options, modality="CT", facets=asked)
    assert facets(samples) == {"a": {"site": "North", "sex": "F"}}


def test_a_facet_that_nothing_tells_is_told(tmp_path, caplog):
    make.dicom(tmp_path / "files/a.dcm", PatientSex=None)
    more = {"format": "dicom_series", "modality": "CT", "annotations": "none", "files": ["**/*.dcm"]}
    with caplog.at_level(logging.WARNING):
        run(tmp_path, **more, facets={"sex": "@header"})
    assert "nothing tells the facet sex" in caplog.text


@pytest.mark.parametrize(
    ("facets", "said"),
    [
        ({"Sex": "sex"}, "cannot be called 'Sex'"),
        ({"source": "x"}, "cannot be called 'source'"),
        ({"sex": " "}, "no column tells sex"),
        ({"weight": "@header"}, "no header tells weight"),
    ],
)
def test_facets_there_cannot_be_are_refused(tmp_path, facets, said):
    with pytest.raises(CardError, match=said):
        table(tmp_path, facets=facets)


@pytest.mark.parametrize("name", ["chexpert-small", "ham10000", "pad-ufes-20"])
def test_shipped_cards_of_sets_that_publish_sex_and_age_ask_for_them(name, tmp_path):
    build(read_card(name), tmp_path / "files")
    out = tmp_path / "raw"
    ingest(IngestConfig(card=name, root=tmp_path / "files", out=out, job=JobConfig(workers=0)))
    told = {tuple(sorted(each.sample.facets.items())) for each in iter_samples(out)}
    assert told == {(("age", "60-69"), ("sex", "F")), (("age", "0-9"), ("sex", "M"))}


@pytest.mark.data
def test_a_real_table_tells_sex_age_and_place(data, tmp_path):
    """COVID-19 chest X-rays: a part of the pictures, with the table of all of them."""
    root = data / "segmentation/covid_cxr_segmentations"
    with (root / "metadata.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["filename"]: row for row in csv.DictReader(file)}
    options = {"table": "metadata.csv", "image": "filename", "images": "images", "labels": {"finding": "finding"}}
    asked = {"sex": "sex", "age": "age", "site": "location"}
    card = make.write_card(tmp_path / "c.yaml", format="class_table", options=options, facets=asked)
    ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    samples = [each.sample for each in iter_samples(tmp_path / "raw")]
    assert len(samples) > 10
    for sample in samples:
        row = rows[sample.images[0].uri.rpartition("/")[2]]
        said = {"sex": row["sex"], "site": " ".join(row["location"].split())}
        assert {name: text for name, text in sample.facets.items() if name != "age"} == {
            n: t for n, t in said.items() if t
        }
        age = sample.facets.get("age")
        assert (
            age is None if not row["age"] else int(age.split("-")[0]) <= float(row["age"]) < int(age.split("-")[0]) + 10
        )
    assert len({sample.facets["age"] for sample in samples if "age" in sample.facets}) > 2


@pytest.mark.data
def test_real_headers_tell_the_scanner(data, tmp_path):
    card = make.write_card(
        tmp_path / "c.yaml",
        **{"format": "dicom_series", "modality": "CT", "annotations": "none", "files": ["**/*.dcm"]},
        facets=dict.fromkeys(("sex", "age", "scanner"), "@header"),
    )
    root = data / "dicom/dcm_qa_ct_ge"
    ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    told = {tuple(each.sample.facets.items()) for each in iter_samples(tmp_path / "raw")}
    paths = sorted(root.rglob("*.dcm"))
    wanted = {pydicom.dcmread(path, stop_before_pixels=True).Manufacturer.split()[0] for path in paths}
    assert told and {dict(each)["scanner"].split()[0] for each in told} == wanted
