"""Questions about pictures in the layouts of published sets: told from the folder, then read as detected."""

import json

import pyarrow as pa
import pytest
from entry_tables import detected, pictures, read, reasons, total, write
from pyarrow import parquet

import make
from gmai.annotations import FORMATS
from gmai.annotations.choices import pick, split_question
from gmai.annotations.entries import Entry
from gmai.errors import FormatError


def slake(name, question, answer, language="en", **more):
    base = {"img_id": 1, "img_name": name, "question": question, "answer": answer, "q_lang": language}
    told = {"location": "Abdomen", "modality": "MRI", "answer_type": "OPEN", "base_type": "vqa"}
    return {**base, **told, "content_type": "Modality", "triple": ["vhead", "_", "_"], "qid": 0, **more}


def test_slake(tmp_path):
    pictures(tmp_path, "imgs/xmlab1/source.jpg", "imgs/xmlab1/mask.png", "imgs/xmlab2/source.jpg")
    write(tmp_path / "train.json", [slake("xmlab1/source.jpg", "What modality?", "MRI")])
    rows = [slake("xmlab1/source.jpg", "什么模态？", "核磁共振", "zh"), slake("xmlab9/source.jpg", "Where?", "left")]
    write(tmp_path / "validate.json", rows)
    write(tmp_path / "test.json", [slake("xmlab2/source.jpg", "Is it CT?", "No", answer_type="CLOSED")])
    items, rejects = read(tmp_path, "vqa")
    assert [(item.id, item.modality, item.language, item.split) for item in items] == [
        ("imgs/xmlab1/source.jpg", "MRI", None, "train"),
        ("imgs/xmlab2/source.jpg", "MRI", "en", "test"),
    ]
    first, second = items[0].annotations
    assert (first.question_type, first.answer_type, first.language) == ("Modality", "OPEN", "en")
    assert (second.question, second.answer, second.language) == ("什么模态？", "核磁共振", "zh")
    assert first.details["location"] == "Abdomen" and first.details["triple"] == "vhead\n_\n_"
    assert reasons(rejects) == {"image image.missing": 1, "question image.missing": 1}


def test_pmc_vqa(tmp_path):
    pictures(tmp_path, "images/PMC1_F1.jpg", "images/PMC2_F1.jpg")
    row = {"Figure_path": "PMC1_F1.jpg", "Question": "What is shown?", "Answer": "A cell", "Choice A": " A:A cell"}
    row |= {"Choice B": " B:A bone", "Choice C": " C:A lung", "Choice D": " D:A liver", "Answer_label": "A"}
    write(tmp_path / "train.csv", [row, {**row, "Figure_path": "PMC2_F1.jpg", "Answer_label": "E"}])
    items, rejects = read(tmp_path, "vqa")
    (asked,) = items[0].annotations
    assert (asked.answer, asked.options) == ("A cell", ("A cell", "A bone", "A lung", "A liver"))
    assert asked.answer_type == "CLOSED"
    assert reasons(rejects) == {"question vqa.answer": 1, "image annotation.missing": 1}


def test_omnimedvqa(tmp_path):
    pictures(tmp_path, "Images/ACRIMA/Im553.png")
    entry = {"dataset": "ACRIMA", "question_id": "acrima_0", "question_type": "Modality Recognition"}
    entry |= {"question": "What is the modality?", "gt_answer": "Fundus photography", "modality_type": "Fundus"}
    entry |= {"image_path": "Images/ACRIMA/Im553.png", "option_A": "CT", "option_B": "Fundus photography"}
    for name in ("ACRIMA", "ISIC"):
        write(tmp_path / f"QA_information/Open-access/{name}.json", [{**entry, "question": f"{name}?"}])
    assert detected(tmp_path, "vqa")["questions"] == "QA_information/Open-access/*.json"
    items, rejects = read(tmp_path, "vqa", modalities={"Fundus": "Fundus Photography"})
    assert not rejects and items[0].modality == "Fundus" and items[0].units == {"image": 1, "question": 2}
    asked = items[0].annotations[0]
    assert asked.options == ("CT", "Fundus photography") and asked.question_type == "Modality Recognition"
    assert asked.details == {"dataset": "ACRIMA", "question_id": "acrima_0"}


def test_vqa_med_lines(tmp_path):
    pictures(tmp_path, "Train_images/synpic1.jpg")
    lines = ["synpic1|what is shown?|ct#cta", 'synpic1|is it "big"?|yes', "synpic1|x?|", "synpic2|what?|mr"]
    make.text(tmp_path / "Train_QA_pairs.txt", "\r\n".join(lines))
    make.text(tmp_path / "README.txt", "Questions | and answers\n")
    options = {**detected(tmp_path, "vqa")}
    assert options["columns"] == ["image", "question", "answer"] and options["images"] == "Train_images"
    items, rejects = read(tmp_path, "vqa", options)
    assert [(asked.question, asked.answer, asked.answers) for asked in items[0].annotations] == [
        ("what is shown?", "ct", ("ct", "cta")),
        ('is it "big"?', "yes", ()),
    ]
    assert reasons(rejects) == {"question vqa.empty": 1, "image image.missing": 1, "question image.missing": 1}


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "jsonl", "parquet"])
def test_conversions_of_pathvqa(tmp_path, ending):
    pictures(tmp_path, "images/train_0001.jpg")
    rows = [{"image": "train_0001", "question": "what is it?", "answer": "bile duct cells"}]
    write(tmp_path / f"train_qa.{ending}", rows)
    items, rejects = read(tmp_path, "vqa")
    assert not rejects and items[0].files == ("images/train_0001.jpg",)
    assert items[0].annotations[0].answer == "bile duct cells"


def test_the_pickles_of_pathvqa_are_refused(tmp_path):
    (tmp_path / "train_qa.pkl").write_bytes(b"\x80\x04N.")
    with pytest.raises(FormatError) as error:
        read(tmp_path, "vqa", {"questions": "*.pkl"})
    assert error.value.reason == "entries.pickle" and "Parquet" in error.value.fix


def test_questions_with_several_pictures(tmp_path):
    pictures(tmp_path, "images/a.jpg", "images/b.jpg", "images/c.jpg")
    question = "Which is right?\nAnswer Choices: (A) left (B) right (C) both"
    rows = [
        {"id": "MM-1", "question": question, "images": ["b.jpg", "a.jpg"], "label": "B", "medical_task": "Diagnosis"},
        {"id": "MM-2", "question": question, "images": ["a.jpg"], "label": "A", "medical_task": "Diagnosis"},
        {"id": "MM-3", "question": question, "images": ["a.jpg", "gone.jpg"], "label": "A", "medical_task": "x"},
    ]
    write(tmp_path / "test.jsonl", rows)
    items, rejects = read(tmp_path, "vqa")
    assert [(item.kind, item.files, item.units) for item in items] == [
        ("raster", ("images/a.jpg",), {"image": 1, "question": 1}),
        ("pictures", ("images/b.jpg", "images/a.jpg"), {"image": 1, "question": 1}),
    ]
    asked = items[1].annotations[0]
    assert (asked.question, asked.options, asked.answer) == ("Which is right?", ("left", "right", "both"), "right")
    assert asked.question_type == "Diagnosis"
    missing = {"image image.missing": 1, "question image.missing": 1, "image annotation.missing": 1}
    assert reasons(rejects) == missing
    assert total(items, rejects) == {"image": 4, "question": 3}


def test_options_written_as_the_text_of_a_list_and_numbered_pictures(tmp_path):
    pictures(tmp_path, "images/a.png", "images/b.png")
    row = {"id": "1", "question": "Pick <image 1>", "options": "['one', 'two', \"it's\"]", "answer": "C"}
    write(tmp_path / "validation.json", [{**row, "image_1": "a.png", "image_2": "b.png", "image_3": None}])
    items, rejects = read(tmp_path, "vqa")
    assert not rejects and items[0].files == ("images/a.png", "images/b.png")
    assert items[0].annotations[0].answer == "it's"


def test_pictures_inside_a_parquet_file(tmp_path):
    data = make.png_bytes(make.pixels())
    rows = [
        {"image": {"bytes": data, "path": None}, "question": "What?", "answer": "a lung"},
        {"image": {"bytes": data, "path": None}, "question": "Where?", "answer": "left"},
        {"image": {"bytes": make.png_bytes(make.pixels(seed=3)), "path": "x.png"}, "question": "Q?", "answer": "no"},
    ]
    (tmp_path / "data").mkdir()
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "data/train-00000-of-00001.parquet")
    items, rejects = read(tmp_path, "vqa")
    assert not rejects and [(item.kind, item.index, item.units) for item in items] == [
        ("embedded", 0, {"image": 1, "question": 2}),
        ("embedded", 2, {"image": 1, "question": 1}),
    ]


def test_pictures_written_as_text_are_refused(tmp_path):
    write(tmp_path / "t.jsonl", [{"image": "/9j/" + "A" * 200, "question": "What?", "answer": "x"}])
    _, rejects = read(tmp_path, "vqa", {"questions": "t.jsonl", "image": "image"})
    assert reasons(rejects) == {"question image.embedded": 1} and len(rejects[0].detail) < 300


def test_two_answers_to_one_closed_question_contradict_each_other(tmp_path):
    pictures(tmp_path, "images/a.jpg")
    row = {"image": "a.jpg", "question": "Which?", "option_A": "one", "option_B": "two"}
    answers = ("A", "B", "A")
    write(
        tmp_path / "q.json", [{**row, "answer": each} for each in answers] + [{**row, "question": "?", "answer": "A"}]
    )
    items, rejects = read(tmp_path, "vqa")
    assert reasons(rejects) == {"question vqa.contradiction": 3} and len(items[0].annotations) == 1


def test_numbers_and_truth_values_are_text(tmp_path):
    pictures(tmp_path, "images/a.jpg")
    rows = [{"image_name": "a.jpg", "question": f"{answer}?", "answer": answer} for answer in (3, 0.5, True, None)]
    write(tmp_path / "q.json", rows)
    items, rejects = read(tmp_path, "vqa", {})
    assert [asked.answer for asked in items[0].annotations] == ["3", "0.5", "true"]
    assert reasons(rejects) == {"question vqa.empty": 1}


@pytest.mark.parametrize(
    ("answer", "first", "right"),
    [
        ("B", None, ("two",)),
        ("b", None, ("two",)),
        ("(B)", None, ("two",)),
        ("B. two", None, ("two",)),
        ("TWO", None, ("two",)),
        ("AC", None, ("one", "three")),
        ("A, C", None, ("one", "three")),
        ("1", 0, ("two",)),
        ("1", 1, ("one",)),
    ],
)
def test_an_answer_is_a_text_letters_or_a_number(answer, first, right):
    assert pick(("one", "two", "three"), answer, first, "", "x") == right


@pytest.mark.parametrize(("answer", "first"), [("D", None), ("CAB", None), ("four", None), ("-1", 0), ("1", None)])
def test_an_answer_that_names_no_option(answer, first):
    with pytest.raises(FormatError):
        pick(("one", "two", "three"), answer, first, "q:1", "vqa.answer")


def test_lettered_options_in_a_question():
    told = "What grows? The candidate options are: A. Group A  \n  B. Group B;C. Type 1 (DBQD)  "
    assert split_question(told) == ("What grows?", ("Group A", "Group B", "Type 1 (DBQD)"))
    for plain in ("Is vitamin A: good?", "Compare B. subtilis with E. coli.", "A. only"):
        assert split_question(plain) == (plain, ())


def test_keys_may_lie_inside_one_another():
    entry = Entry("f#1", "f", {"a": {"b": [1, None, " x "]}, "c.d": "y", "n": float("nan")})
    assert entry.texts("a.b") == ("1", "x") and entry.text("c.d") == "y" and entry.text("n") == entry.text("a.z") == ""


def test_questions_without_pictures_and_tables_of_labels_are_not_taken(tmp_path):
    for number, row in enumerate(({"question": "?", "answer": "!"}, {"image": "a.png", "label": "x"})):
        make.text(tmp_path / f"{number}/t.json", json.dumps([row]))
        assert FORMATS.get("vqa").detect(tmp_path / str(number)) is None
