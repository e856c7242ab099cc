"""Tables, questions, reports and dialogues from the folder to samples, and real sets with their published counts."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import make
from gmai.annotations import FORMATS, find_facts
from gmai.annotations.entries import EntryOptions, read_entries
from gmai.base import JobConfig, to_dict
from gmai.convert import ConvertConfig, convert
from gmai.corpus import iter_conversations, iter_samples
from gmai.errors import FormatError
from gmai.images import decode_picture
from gmai.sources import IngestConfig, ingest
from gmai.types import Box, Dialogue


def run(tmp_path, root, format, options=None, **fields):
    """Ingest a folder with what ``detect`` says of it, or with given options: the summary, and the samples."""
    if options is None:
        options = to_dict(FORMATS.get(format).detect(root).options)
    card = make.write_card(tmp_path / "card.yaml", format=format, options=options, **fields)
    summary = ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    return summary, list(iter_samples(tmp_path / "raw")) if summary.accepted.get("sample") else []


def counts(summary):
    units = {*summary.accepted, *summary.rejected} & {"image", "annotation", "question", "report", "dialogue"}
    return {unit: summary.accepted.get(unit, 0) + summary.rejected.get(unit, 0) for unit in units}


def conversations(tmp_path):
    convert(ConvertConfig(raw=(tmp_path / "raw",), out=tmp_path / "corpus", job=JobConfig(workers=0)))
    return list(iter_conversations(tmp_path / "corpus"))


def test_several_pictures_make_one_sample_in_order(tmp_path):
    root = tmp_path / "f"
    for seed, name in enumerate("ab"):
        make.picture(root / f"images/{name}.png", make.pixels(seed=seed))
    make.rotated_jpeg(root / "images/c.jpg", 6)
    entry = {"question": "Which is first?", "images": ["c.jpg", "b.png", "a.png"], "answer": "c"}
    make.text(root / "q.json", json.dumps([entry]))
    summary, (stored,) = run(tmp_path, root, "vqa")
    assert summary.accepted == {"sample": 1, "picture": 3, "image": 3, "question": 1} and not summary.rejected
    assert [image.uri for image in stored.sample.images] == ["images/c.jpg", "images/b.png", "images/a.png"]
    assert (stored.sample.images[0].width, stored.sample.images[0].height) == (24, 32)
    assert [step.parameters for step in stored.sample.provenance.steps if step.name == "picture"] == [
        {"orientation": 6, "image": 0}
    ]
    assert np.array_equal(decode_picture(stored.pictures[2])[:, :, 0], make.pixels(seed=0))
    assert not find_facts(stored.sample)
    (asked,) = conversations(tmp_path)
    assert asked.turns[1].text == "c"


def test_one_picture_that_cannot_be_read_loses_the_question_with_its_reason(tmp_path):
    root = tmp_path / "f"
    make.picture(root / "images/a.png")
    make.truncated(make.picture(root / "images/b.png"))
    make.text(root / "q.json", json.dumps([{"question": "?", "images": ["a.png", "b.png"], "answer": "c"}]))
    summary, samples = run(tmp_path, root, "vqa")
    assert not samples and summary.rejected == {"image": 2, "question": 1}
    assert set(summary.reasons) == {"image.truncated"}


def test_views_of_a_dicom_study_share_its_report_and_hide_its_paths(tmp_path):
    root = tmp_path / "f"
    for number, name in enumerate(("Doe-Jane-1", "Doe-Jane-2")):
        values = np.full((12, 16), 100 * number, np.int16)
        values[2:5, 3:9] = 900
        free = {"ImageOrientationPatient": None, "ImagePositionPatient": None, "Modality": "DX"}
        make.dicom(root / f"s1/{name}.dcm", values, SOPInstanceUID=f"1.2.{number}", **free)
    make.dicom(root / "s2/many.dcm", np.zeros((3, 12, 16), np.int16), NumberOfFrames=3, SOPInstanceUID="1.2.9")
    make.dicom(root / "s2/one.dcm", SOPInstanceUID="1.2.8")
    for name in ("s1", "s2"):
        make.text(root / f"{name}.txt", "FINDINGS: Clear lungs.\nIMPRESSION: Normal.\n")
    summary, (stored,) = run(tmp_path, root, "reports")
    assert summary.accepted == {"sample": 1, "picture": 2, "image": 2, "report": 1}
    assert summary.rejected == {"image": 2, "report": 1} and set(summary.reasons) == {"image.several_frames"}
    assert [image.kind for image in stored.sample.images] == ["dicom", "dicom"]
    assert [(each.section, each.text) for each in stored.sample.annotations] == [
        ("findings", "Clear lungs."),
        ("impression", "Normal."),
    ]
    assert "Doe" not in repr(stored.sample)


def test_text_burned_into_one_view_costs_the_report(tmp_path):
    root = tmp_path / "f"
    free = {"ImageOrientationPatient": None, "ImagePositionPatient": None}
    for name, burned in (("a", "YES"), ("b", "NO")):
        make.dicom(root / f"s1/{name}.dcm", BurnedInAnnotation=burned, SOPInstanceUID=f"1.2.{ord(name)}", **free)
    make.text(root / "s1.txt", "FINDINGS: Clear lungs.\nIMPRESSION: Normal.\n")
    summary, samples = run(tmp_path, root, "reports")
    assert not samples and summary.rejected == {"image": 2, "report": 1}
    assert set(summary.reasons) == {"deid.burned_in_text"}


def test_boxes_of_a_table_hold_on_dicom_pictures(tmp_path):
    root = tmp_path / "f"
    free = {"ImageOrientationPatient": None, "ImagePositionPatient": None}
    values = np.arange(12 * 16, dtype=np.int16).reshape(12, 16)
    make.dicom(root / "images/a.dcm", values, **free)
    make.dicom(root / "images/b.dcm", values, SOPInstanceUID="1.2.7")
    rows = "patientId,x,y,width,height,Target\na,2,3,30,4,1\na,20,3,4,4,1\nb,2,3,3,4,1\n"
    make.text(root / "t.csv", rows)
    options = {"table": "t.csv", "image": "patientId", "labels": {}, "box_label": "Target"}
    options |= {"box": ["x", "y", "width", "height"], "suffix": ".dcm"}
    summary, samples = run(tmp_path, root, "class_table", options, labels={"1": {"name": "opacity"}})
    boxes = [each for stored in samples for each in stored.sample.annotations]
    assert boxes == [Box(label="opacity", xyxy=(2, 3, 16, 7), record="t.csv:2#x", clipped=True, raw="1")]
    assert summary.reasons == {"box.outside": 1, "box.volume": 1} and summary.accepted["annotation.clipped"] == 1
    assert counts(summary) == {"image": 2, "annotation": 3}


def test_nobody_is_asked_about_what_is_uncertain(tmp_path):
    root = tmp_path / "f"
    for name in "abcdefgh":
        make.picture(root / f"images/{name}.png", make.pixels(seed=ord(name)))
    rows = "\n".join(f"{name}.png,1,-1,,0" for name in "abcdefgh")
    make.text(root / "t.csv", f"image,Edema,Pneumonia,Fracture,Effusion\n{rows}\n")
    labels = {name: {"name": name.lower()} for name in ("Edema", "Pneumonia", "Fracture", "Effusion")}
    summary, samples = run(tmp_path, root, "class_table", labels=labels)
    assert summary.reasons == {"label.uncertain": 8} and summary.accepted["annotation"] == 8
    facts = [fact for stored in samples for fact in find_facts(stored.sample)]
    asked = {(fact.about, fact.answer) for fact in facts if fact.kind == "presence"}
    assert asked == {("edema", "yes"), ("effusion", "no")}
    assert all(set(fact.pool) <= {"edema", "effusion"} for fact in facts if fact.kind == "finding")


def test_pictures_inside_parquet_files(tmp_path):
    root = tmp_path / "f"
    root.mkdir()
    first, second = (make.png_bytes(make.pixels(seed=seed)) for seed in (0, 5))
    broken = first[: len(first) // 2]
    rows = [
        {"image": {"bytes": data, "path": None}, "question": f"Q{number}?", "answer": "yes"}
        for number, data in enumerate([first, second, first, broken])
    ]
    parquet.write_table(pa.Table.from_pylist(rows), root / "train.parquet", row_group_size=2)
    summary, samples = run(tmp_path, root, "vqa")
    assert summary.accepted == {"sample": 2, "picture": 2, "image": 2, "question": 3}
    assert summary.rejected == {"image": 1, "question": 1}
    found = {stored.sample.images[0].index: stored.pictures[0] for stored in samples}
    assert found == {0: first, 1: second}
    rows = [{"images": [{"bytes": data} for data in (first, second)], "question": "Same?", "answer": "no"}]
    parquet.write_table(pa.Table.from_pylist(rows), root / "train.parquet")
    _, (stored,) = run(tmp_path / "again", root, "vqa")
    assert stored.pictures == (first, second)


def test_labels_of_pictures_inside_parquet_files(tmp_path):
    root = tmp_path / "f"
    root.mkdir()
    rows = [{"image": {"bytes": make.png_bytes(make.pixels(seed=n)), "path": f"{n}.png"}, "dx": "nv"} for n in range(3)]
    parquet.write_table(pa.Table.from_pylist(rows), root / "train.parquet")
    summary, samples = run(tmp_path, root, "class_table")
    assert summary.accepted == {"sample": 3, "picture": 3, "image": 3, "annotation": 3}
    assert {stored.sample.images[0].uri for stored in samples} == {"train.parquet"}
    assert {stored.sample.images[0].member for stored in samples} == {"image"}


def test_dialogues_and_questions_become_conversations_in_their_language(tmp_path):
    root = tmp_path / "f"
    make.picture(root / "images/a.png")
    turns = [("human", "<image>\nWhat?"), ("gpt", "A lung."), ("human", "Left?"), ("gpt", "Yes.")]
    talk = [{"from": role, "value": text} for role, text in turns]
    entries = [{"image": "a.png", "conversations": talk}, {"conversations": talk[1:]}, {"conversations": talk[2:]}]
    make.text(root / "t.json", json.dumps(entries))
    summary, samples = run(tmp_path, root, "dialogue", language="zh")
    assert summary.accepted["dialogue"] == 3 and not summary.rejected
    assert sum(isinstance(each, Dialogue) for stored in samples for each in stored.sample.annotations) == 3
    made = conversations(tmp_path)
    said = [each for each in made if each.kind == "dialogue"]
    assert sorted((each.subset, len(each.turns), each.turns[0].text, each.language) for each in said) == [
        ("instruct", 4, "What?", "zh"),
        ("text", 2, "Left?", "zh"),
    ]


def test_each_question_keeps_its_language(tmp_path):
    root = tmp_path / "f"
    make.picture(root / "imgs/xmlab1/source.jpg", make.pixels(channels=3))
    base = {"img_name": "xmlab1/source.jpg", "answer_type": "OPEN"}
    entries = [{**base, "question": "Where?", "answer": "left", "q_lang": "en"}]
    entries += [{**base, "question": "哪里？", "answer": "左", "q_lang": "zh"}]
    make.text(root / "train.json", json.dumps(entries))
    run(tmp_path, root, "vqa", language="en")
    assert {each.answer: each.language for each in conversations(tmp_path) if each.kind == "qa"} == {
        "left": "en",
        "左": "zh",
    }


def medmnist(path, shape, labels, split="train"):
    path.parent.mkdir(parents=True, exist_ok=True)
    base = np.arange(int(np.prod(shape)), dtype=np.int64) % 251
    np.savez(path, **{f"{split}_images": base.reshape(shape).astype(np.uint8), f"{split}_labels": np.array(labels)})


@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 64, 64, 3), (3, 128, 128), (3, 224, 224, 3)])
def test_medmnist_of_every_size(tmp_path, shape):
    medmnist(tmp_path / "f/x.npz", shape, [[0], [1], [0]])
    summary, samples = run(tmp_path, tmp_path / "f", "medmnist")
    assert summary.accepted == {"sample": 3, "picture": 3, "image": 3, "annotation": 3}
    assert (samples[0].sample.images[0].height, samples[0].sample.images[0].width) == shape[1:3]


def test_medmnist_with_several_labels_with_grades_and_with_volumes(tmp_path):
    medmnist(tmp_path / "c/chestmnist.npz", (2, 28, 28), [[1, 0] * 7, [0] * 14])
    summary, samples = run(tmp_path / "c", tmp_path / "c", "medmnist")
    assert summary.accepted["annotation"] == 7 and [len(each.sample.annotations) for each in samples] == [7, 0]
    medmnist(tmp_path / "r/retinamnist.npz", (2, 28, 28, 3), [[4], [0]])
    _, samples = run(tmp_path / "r", tmp_path / "r", "medmnist")
    assert {each.sample.annotations[0].task for each in samples} == {"grade"}
    medmnist(tmp_path / "v/organmnist3d.npz", (2, 28, 28, 28), [[4], [0]])
    summary, samples = run(tmp_path / "v", tmp_path / "v", "medmnist")
    assert not samples and summary.reasons == {"medmnist.volumes": 4}


REAL = {
    "text/chinese_medical_dialogue": ("text_qa", {"question": 1453}, {"text.duplicate": 61}),
    "text/medquad": ("medquad", {"question": 599}, {"text.empty": 183}),
    "text/mts_dialog": ("dialogue", {"dialogue": 1301}, {"dialogue.empty": 2, "dialogue.duplicate": 3}),
    "text/pubmedqa": ("text_qa", {"question": 300}, {}),
    "vqa/vqa_rad": ("vqa", {"image": 180, "question": 1296}, {"annotation.missing": 1, "vqa.duplicate": 4}),
    "vqa/vqa_med_2019_text": ("vqa", {"image": 500, "question": 500}, {"image.missing": 1000}),
    "vqa/pmc_mi_bench": ("vqa", {"image": 59 + 68, "question": 68}, {}),
    "classification/pneumoniamnist_npz": ("medmnist", {"image": 2698, "annotation": 2698}, {}),
    "segmentation/covid_cxr_segmentations": ("class_table", {"image": 16, "annotation": 46}, {}),
}
"""Counts as each set's own description gives them, and why some of them are rejects."""


@pytest.mark.data
@pytest.mark.parametrize("folder", sorted(REAL))
def test_real_sets_as_they_are_told_from_their_folders(tmp_path, data, folder):
    format, total, reasons = REAL[folder]
    language = "zh" if "chinese" in folder else "en"
    summary, samples = run(tmp_path, data / folder, format, language=language)
    assert counts(summary) == total and summary.reasons == reasons
    assert len({stored.sample.id for stored in samples}) == len(samples) == summary.accepted.get("sample", 0)
    assert all(stored.sample.language == language for stored in samples)


MADE = {
    "json/broken_line.jsonl": (2, 1),
    "labels/bom_crlf.csv": (2, 0),
    "labels/conflict.csv": (2, 0),
    "labels/formula.csv": (1, 0),
    "labels/gb18030.csv": (2, 0),
    "labels/ragged.csv": (0, 2),
    "labels/semicolon.csv": (2, 0),
    "labels/utf16.csv": (2, 0),
}
"""Sound and broken entries of each file."""
REFUSED = {
    "json/deep.json": "json.invalid",
    "json/trailing_comma.json": "json.invalid",
    "labels/broken_quotes.csv": "table.quotes",
}


@pytest.mark.data
def test_malformed_files_of_entries(data):
    made = data / "trouble/made"
    for name, (sound, broken) in MADE.items():
        entries = list(read_entries(made / name, name, EntryOptions()))
        assert sum(not entry.problem for entry in entries) == sound, name
        assert sum(bool(entry.problem) for entry in entries) == broken, name
        assert "\ufeff" not in "".join(entries[0].values), name
    for name, reason in REFUSED.items():
        with pytest.raises(FormatError) as error:
            list(read_entries(made / name, name, EntryOptions()))
        assert error.value.reason == reason, name


@pytest.mark.data
def test_real_questions_with_several_pictures(tmp_path, data):
    subject = {"pattern": r"PMC\d+"}
    _, samples = run(tmp_path, data / "vqa/pmc_mi_bench", "vqa", subject=subject)
    several = [stored for stored in samples if len(stored.pictures) > 1]
    asked = [qa for stored in samples for qa in stored.sample.annotations]
    assert len(samples) == 68 and len(several) == 44 and all(stored.sample.subject[:3] == "PMC" for stored in samples)
    closed = [qa for qa in asked if qa.options]
    assert len(closed) == 13 and all(len(qa.options) == 4 and qa.answer in qa.options for qa in closed)
    assert {qa.question_type for qa in closed} == {"multiplechoiceVQA_benchmark"}


@pytest.mark.data
def test_real_reports_beside_findings(tmp_path, data):
    _, samples = run(tmp_path, data / "segmentation/covid_cxr_segmentations", "class_table")
    sections = [each.section for stored in samples for each in stored.sample.annotations if each.kind == "report"]
    assert sections.count("clinical_notes") == 16
    said = [
        replace(each, record="") for stored in samples for each in stored.sample.annotations if each.kind == "label"
    ]
    assert len(said) == 16
