"""True statements in other words pass the gates; the same words for something else, and claims from nowhere, do not."""

import pytest

from gmai.convert.guided import judge_reply
from gmai.types import Fact

FACTS = (
    Fact(kind="modality", answer="CT", task="Attribute Recognition", records=("r",)),
    Fact(kind="finding", answer="hemangioma", task="Disease Diagnosis", records=("r",), pool=("hemangioma", "cyst")),
    Fact(kind="size", answer="20-to-40-mm", task="t", records=("r",), about="hemangioma", values={"mm": 23.5}),
    Fact(kind="count", answer="12", task="Counting", records=("r",), about="red blood cell"),
    Fact(kind="presence", answer="no", task="Disease Diagnosis", records=("r",), about="cyst"),
)


def reasons(language, text, *facts):
    reply = {"sentences": [{"text": text, "facts": list(facts)}, *FINDING[language]]}
    return set(judge_reply(reply, FACTS, "caption", language).reasons)


FINDING = {
    "en": [{"text": "A hemangioma is shown.", "facts": ["f2"]}],
    "zh": [{"text": "图中可见血管瘤。", "facts": ["f2"]}],
}


@pytest.mark.parametrize(
    ("language", "text", "fact"),
    [
        ("en", "The image demonstrates a haemangioma.", "f2"),
        ("en", "The hemangioma measures 2.35 cm.", "f3"),
        ("en", "The haemangioma is 23.5 millimetres long.", "f3"),
        ("en", "There are twelve erythrocytes.", "f4"),
        ("en", "The number of RBCs is 12.", "f4"),
        ("zh", "血管瘤的最长径为2.35厘米。", "f3"),
        ("zh", "血管瘤最长径为23.5mm。", "f3"),
        ("zh", "共有十二个红血球。", "f4"),
        ("zh", "看不到囊肿。", "f5"),
        ("zh", "从成像方式上看，这是CT。", "f1"),
        ("en", "The picture in front of us comes from CT.", "f1"),
    ],
)
def test_the_same_in_other_words_passes(language, text, fact):
    assert reasons(language, text, fact) == set()


@pytest.mark.parametrize(
    ("language", "text", "fact", "reason"),
    [
        ("en", "The hemangioma measures 23.5 cm.", "f3", "guided.unit"),
        ("en", "The hemangioma measures 2.35 mm.", "f3", "guided.number"),
        ("en", "There are thirteen erythrocytes.", "f4", "guided.number"),
        ("en", "There are twelve leukocytes.", "f4", "guided.reference.unstated"),
        ("zh", "血管瘤的最长径为23.5厘米。", "f3", "guided.unit"),
        ("zh", "共有十三个红血球。", "f4", "guided.number"),
        ("zh", "看不到血管瘤。", "f2", "guided.denial.present"),
    ],
)
def test_something_else_in_other_words_does_not_pass(language, text, fact, reason):
    assert reason in reasons(language, text, fact)


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        ("en", "The image shows a hemangioma, lying on its side.", "guided.unfounded"),
        ("en", "The image shows a hemangioma (shown to the reader).", "guided.unfounded"),
        ("en", "The image shows a hemangioma in every slice.", "guided.extent"),
        ("en", "The image shows a hemangioma, type II.", "guided.word"),
        ("en", "The image shows a hemangioma and no other finding.", "guided.rest"),
        ("zh", "图中可见血管瘤，可用设备看到。", "guided.unfounded"),
        ("zh", "图中可见血管瘤，遍布各处。", "guided.extent"),
        ("zh", "图中可见血管瘤，其余正常。", "guided.rest"),
    ],
)
def test_what_plain_words_claim_from_nowhere_does_not_pass(language, text, reason):
    assert reason in reasons(language, text, "f2")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "In this picture, a hemangioma is seen."),
        ("zh", "图像显示，有血管瘤。"),
    ],
)
def test_a_part_that_states_a_fact_passes_wherever_it_stands(language, text):
    assert reasons(language, text, "f2") == set()
