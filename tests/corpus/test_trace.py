"""The way back names file, slice, record and licence, and notices a picture that was changed."""

import dataclasses

import pytest
from corpus_files import make_corpus, make_sample, picture

from gmai.base import write_jsonl
from gmai.corpus import SplitConfig, split_corpus, trace, trace_question
from gmai.errors import ConfigError, FormatError
from gmai.types import Question


def test_a_conversation_leads_to_the_records_of_its_facts(corpus):
    split_corpus(SplitConfig(corpus=corpus))
    steps = trace(corpus, "aaa/70#finding")
    assert [step.what for step in steps] == [
        *("conversation", "fact", "sample", "step", "step", "file", "annotation", "source")
    ]
    found = {step.what: step for step in steps}
    assert found["fact"].details["records"] == ["t.csv:72"]
    assert found["sample"].details["at"] == "samples/aaa-00000.parquet row group 1 row 6"
    assert found["sample"].details["split"] in {"train", "val", "test"}
    assert found["file"].name == "70.png" and len(found["file"].details["sha256"]) == 64
    assert found["annotation"].details == {"name": "cyst", "task": "finding", "kind": "label"}
    assert found["source"].details == {
        **{"licence": "MIT", "original id": "70"},
        **{"title": "Phantoms", "home": "https://example.org"},
    }


def test_a_sample_leads_to_all_its_annotations(corpus):
    steps = trace(corpus, "bbb/1")
    assert [step.name for step in steps if step.what == "step"] == ["window 1", "slice 1"]
    assert [step.details["kind"] for step in steps if step.what == "annotation"] == ["label", "box"]


def test_a_question_leads_to_its_records(corpus, tmp_path):
    question = Question(
        index=5,
        sample="aaa/70",
        source="aaa",
        subject="p35",
        question="What?",
        options=("cyst", "stone"),
        answer="A",
        kind="finding",
        task="Disease Diagnosis",
        department="Urology",
        modality="CT",
        granularity="image",
        records=("b.xml#70",),
    )
    write_jsonl(tmp_path / "TEST.jsonl", [dataclasses.replace(question, index=4), question])
    steps = trace_question(corpus, tmp_path / "TEST.jsonl", 5)
    assert steps[0].details["answer"] == "A"
    assert [step.details["label"] for step in steps if step.what == "annotation"] == ["stone"]
    with pytest.raises(ConfigError, match="no question 6"):
        trace_question(corpus, tmp_path / "TEST.jsonl", 6)


def test_what_is_not_there_or_was_changed_is_an_error(corpus, tmp_path):
    with pytest.raises(FormatError, match="no sample 'nowhere'"):
        trace(corpus, "nowhere")
    changed = dataclasses.replace(make_sample("aaa", 1), pictures=(picture(99),))
    with pytest.raises(FormatError, match="is not the one that was written"):
        trace(make_corpus(tmp_path / "changed", {"aaa": [changed]}), "aaa/1")
