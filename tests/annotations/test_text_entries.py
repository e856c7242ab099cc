"""Questions, web pages and conversations in text: told from the folder, then read as detected."""

import json

import pytest
from entry_tables import detected, pictures, read, reasons, total, write

import make
from gmai.annotations import FORMATS
from gmai.annotations.turns import read_turns
from gmai.base import from_json, to_dict
from gmai.errors import FormatError
from gmai.types import Dialogue, Report


def test_medqa(tmp_path):
    entry = {"question": "A 23-year-old woman …?", "answer": "Ampicillin", "answer_idx": "B", "meta_info": "step1"}
    entry |= {"options": {"A": "Doxycycline", "B": "Ampicillin", "C": "Rest"}, "metamap_phrases": ["old woman"]}
    for name in ("train", "dev", "test"):
        write(tmp_path / f"US/{name}.jsonl", [{**entry, "question": f"{name}?"}])
    items, rejects = read(tmp_path, "text_qa")
    assert not rejects and [item.split for item in items] == ["val", "test", "train"]
    asked = items[0].annotations[0]
    assert (asked.answer, asked.options) == ("Ampicillin", ("Doxycycline", "Ampicillin", "Rest"))
    assert (asked.question_type, asked.answer_type) == ("step1", "CLOSED")


def medmcqa(number, cop, **more):
    options = {"opa": "one", "opb": "two", "opc": "three", "opd": "four"}
    told = {"cop": cop, "choice_type": "single", "exp": "Because.", "subject_name": "Anatomy", "topic_name": None}
    return {"id": f"q{number}", "question": f"Which {number}?", **options, **told, **more}


@pytest.mark.parametrize(("ending", "first"), [("json", 1), ("parquet", 0)])
def test_medmcqa_counts_from_one_in_its_own_files_and_from_nought_in_others(tmp_path, ending, first):
    entries = [medmcqa(1, first), medmcqa(2, first + 3), medmcqa(3, -1)]
    write(tmp_path / f"dev.{'jsonl' if ending == 'json' else ending}", entries)
    items, rejects = read(tmp_path, "text_qa")
    assert [item.annotations[0].answer for item in items] == ["one", "four"]
    assert items[0].id == "q1" and items[0].annotations[0].question_type == "Anatomy"
    assert items[0].annotations[1] == Report(
        text="Because.", record=items[0].annotations[0].record, section="explanation"
    )
    assert reasons(rejects) == {"question text.answer": 1}


def test_mmlu_has_no_header(tmp_path):
    make.text(tmp_path / "anatomy_test.csv", 'Which nerve?,"a, b",c,d,e,A\nWhich?,a,b,c,d,D\n')
    items, rejects = read(tmp_path, "text_qa")
    assert not rejects and [item.annotations[0].answer for item in items] == ["a, b", "d"]
    assert items[0].split == "test" and items[0].annotations[0].question_type == "anatomy_test"


def test_options_line_by_line_and_several_right_ones(tmp_path):
    rows = [{"Question": "哪些？", "Options": "A 甲\nB 乙\nC 丙", "Answer": "AC", "Explanation": "甲丙"}]
    rows[0]["Options"] = "A. 甲\nB. 乙\nC. 丙"
    write(tmp_path / "t.csv", rows)
    items, rejects = read(tmp_path, "text_qa", language="zh")
    asked = items[0].annotations[0]
    assert not rejects and asked.options == ("甲", "乙", "丙")
    assert (asked.answer, asked.answers) == ("甲; 丙", ("甲", "丙"))


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx", "json", "jsonl", "parquet"])
def test_any_table_of_questions(tmp_path, ending):
    rows = [{"question": f"Q{n}?", "answer": f"Line one.\nLine {n}.", "language": "en"} for n in range(3)]
    rows += [{**rows[0]}, {**rows[0], "answer": ""}]
    write(tmp_path / f"q.{ending}", rows)
    options = {**detected(tmp_path, "text_qa"), "language": "language"}
    items, rejects = read(tmp_path, "text_qa", options)
    assert len(items) == 3 and items[0].language == "en" and items[1].annotations[0].answer == "Line one.\nLine 1."
    assert reasons(rejects) == {"question text.duplicate": 1, "question text.empty": 1}


def test_instructions_with_input_and_output(tmp_path):
    told = {"instruction": "If you are a doctor, please answer.", "input": "I cough, doctor.", "output": "Rest."}
    write(tmp_path / "HealthCareMagic.json", [told])
    items, _ = read(tmp_path, "text_qa")
    assert (items[0].annotations[0].question, items[0].annotations[0].answer) == ("I cough, doctor.", "Rest.")


def test_chinese_questions_in_gb18030_with_lines_in_cells(tmp_path):
    text = 'department,title,ask,answer\r\n心血管科,高血压吗？,"我有\n高血压。",可以。\r\n内科,无,,空\r\n'
    make.text(tmp_path / "im.csv", text, "gb18030")
    items, rejects = read(tmp_path, "text_qa", language="zh")
    asked, title = items[0].annotations
    assert (asked.question, asked.answer, asked.question_type) == ("我有\n高血压。", "可以。", "心血管科")
    assert (title.section, title.text) == ("context", "高血压吗？")
    assert reasons(rejects) == {"question text.empty": 1}


MEDQUAD = (
    '<?xml version="1.0" encoding="UTF-8"?><Document id="7" source="GARD" url="https://example.org/7">'
    "<!--Removed--><Focus>Glioma</Focus><FocusAnnotations><UMLS><CUIs><CUI>C0017638</CUI></CUIs></UMLS>"
    '</FocusAnnotations><QAPairs><QAPair pid="1"><Question qid="7-1" qtype="information">What is glioma ?</Question>'
    '<Answer>A tumour of &lt;glia&gt;.</Answer></QAPair><QAPair pid="2"><Question qid="7-2" qtype="treatment">And?'
    "</Question><Answer></Answer></QAPair></QAPairs></Document>"
)


def test_medquad(tmp_path):
    make.text(tmp_path / "2_GARD_QA/0000007.xml", MEDQUAD)
    make.text(tmp_path / "2_GARD_QA/0000008.xml", MEDQUAD[:300])
    make.text(tmp_path / "2_GARD_QA/0000009.xml", "<Document/>")
    items, rejects = read(tmp_path, "medquad")
    (asked,) = items[0].annotations
    assert (asked.question, asked.answer, asked.question_type) == (
        "What is glioma ?",
        "A tumour of <glia>.",
        "information",
    )
    assert asked.details["cui"] == "C0017638" and asked.details["focus"] == "Glioma"
    assert items[0].subject == "2_GARD_QA/0000007.xml"
    assert reasons(rejects) == {"question text.empty": 1, "record xml.invalid": 1, "record medquad.root": 1}


def test_mts_dialog(tmp_path):
    said = "Doctor: What brings you in?\r\nPatient: My back. \r\n It hurts.\nGuest_family: Badly."
    rows = [
        {"ID": 0, "section_header": "GENHX", "section_text": "Back pain.", "dialogue": said},
        {"ID": 1, "section_header": "CC", "section_text": "None.", "dialogue": "Doctor: Hello."},
        {"ID": 2, "section_header": "CC", "section_text": "x", "dialogue": "Hello.\nDoctor: Hi."},
        {"ID": 3, "section_header": "CC", "section_text": "x", "dialogue": said},
    ]
    write(tmp_path / "MTS-Dialog-TrainingSet.csv", rows)
    items, rejects = read(tmp_path, "dialogue")
    dialogue, note = items[0].annotations
    assert dialogue.turns == (
        ("Doctor", "What brings you in?"),
        ("Patient", "My back. \nIt hurts."),
        ("Guest_family", "Badly."),
    )
    assert (note.section, note.text, dialogue.section, items[0].split) == ("GENHX", "Back pain.", "GENHX", "train")
    expected = {"dialogue dialogue.empty": 1, "dialogue dialogue.role": 1, "dialogue dialogue.duplicate": 1}
    assert reasons(rejects) == expected


def llava(number, image, *said, **more):
    roles = ("human", "gpt")
    turns = [{"from": roles[place % 2], "value": text} for place, text in enumerate(said)]
    return {"id": f"c{number}", "image": image, "conversations": turns, **more}


def test_llava_conversations(tmp_path):
    pictures(tmp_path, "images/a.jpg", "images/b.jpg", "images/silent.jpg")
    entries = [
        llava(1, "a.jpg", "What?\n<image>", "A lung.", "Left?", "Yes."),
        llava(2, "a.jpg", "<image>\nAnd?", "Nothing."),
        llava(3, ["a.jpg", "b.jpg"], "<image><image> Which?", "The first."),
        llava(4, "b.jpg", "<image><image>", "Two places."),
        llava(5, "gone.jpg", "<image>", "No picture."),
        llava(6, "../../etc/passwd", "<image>", "No."),
        {"id": "c7", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello."}]},
        {"id": "c8", "conversations": [{"value": "Hi"}, {"value": "?"}]},
        {"id": "c9", "image": "a.jpg", "conversations": 3},
    ]
    write(tmp_path / "instruct.json", entries)
    items, rejects = read(tmp_path, "dialogue")
    by_id = {item.id: item for item in items}
    assert by_id["images/a.jpg"].units == {"image": 1, "dialogue": 2}
    assert by_id["images/a.jpg|images/b.jpg"].kind == "pictures" and by_id["c7"].kind == "text"
    assert by_id["images/a.jpg"].annotations[0].turns[0] == ("human", "What?\n<image>")
    assert reasons(rejects) == {
        "dialogue dialogue.images": 1,
        "image image.missing": 1,
        "dialogue image.missing": 1,
        "dialogue path.outside": 1,
        "dialogue dialogue.role": 1,
        "dialogue dialogue.turns": 1,
        "image annotation.missing": 1,
    }
    assert total(items, rejects) == {"image": 4, "dialogue": 9}


def test_messages_of_chat_interfaces(tmp_path):
    parts = [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "x"}}]
    talk = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": parts}]
    make.text(tmp_path / "chat.jsonl", json.dumps({"messages": [*talk, {"role": "assistant", "content": "A lung."}]}))
    pictures(tmp_path, "images/a.jpg")
    options = detected(tmp_path, "dialogue")
    assert options["turns"] == "messages"
    _, rejects = read(tmp_path, "dialogue", options)
    assert reasons(rejects) == {"dialogue dialogue.images": 1}
    assert read_turns(json.loads((tmp_path / "chat.jsonl").read_text())["messages"], "") == (
        ("system", "Be brief."),
        ("user", "Look:\n<image>"),
        ("assistant", "A lung."),
    )


def test_turns_as_pairs_and_as_chinese_lines():
    assert read_turns([["Q?", "A."]], "") == (("user", "Q?"), ("assistant", "A."))
    assert read_turns(["患者：头疼：三天", "医生：多久了？"], "") == (("患者", "头疼：三天"), ("医生", "多久了？"))
    assert read_turns(None, "") == ()
    with pytest.raises(FormatError):
        read_turns(["nobody says this"], "x:1")


def test_a_dialogue_is_written_and_read_back():
    said = Dialogue(turns=(("user", "Hi"), ("assistant", "Hello")), record="t.json#0", section="GENHX")
    assert from_json(Dialogue, json.dumps(to_dict(said))) == said


def test_what_holds_one_kind_of_text_is_not_taken_for_another(tmp_path):
    write(tmp_path / "qa/q.jsonl", [{"question": "Q?", "answer": "A."}])
    write(tmp_path / "talk/t.json", [llava(1, None, "Hi", "Hello.")])
    make.text(tmp_path / "quad/x/1.xml", MEDQUAD)
    write(tmp_path / "report/r.csv", [{"findings": "The lungs are clear.", "impression": "Normal chest."}])
    write(tmp_path / "vqa/v.json", [{"image": "a.jpg", "question": "Q?", "answer": "A."}])
    own = {"qa": "text_qa", "talk": "dialogue", "quad": "medquad", "report": "reports", "vqa": "vqa"}
    for folder in own:
        told = [name for name in sorted({*own.values(), "class_table"}) if FORMATS.get(name).detect(tmp_path / folder)]
        assert told == [own[folder]], folder
