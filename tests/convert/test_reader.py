"""The reader itself: right texts pass, and each planted mistake is found."""

import dataclasses

import pytest
from raw_files import ct, fundus
from reader import read
from reader_en import english
from reader_zh import chinese
from sample_truth import Truth

from gmai.types import Conversation, LabelName, Sample, Turn, View

CARD = {
    "stone": LabelName(name="stone", plural="stones", zh="结石"),
    "node": LabelName(name="node", plural="nodes", zh="淋巴结"),
    "cyst": LabelName(name="cyst", plural="cysts", zh="囊肿"),
    "tumor": LabelName(name="tumor", plural="tumors", zh="肿瘤"),
    "abscess": LabelName(name="abscess", plural="abscesses", zh="脓肿"),
}
CT = ct(5).sample
"""One stone of 6.5 mm in the left anterior quadrant, three nodes; no cyst, tumor or abscess."""
FUNDUS = fundus(1).sample
"""Graded mild."""


def problems(
    language: str, sample: Sample, question: str, reply: str, kind: str = "caption", view: View | None = None, **more
) -> list[str]:
    talk = Conversation(
        id="x",
        sample=sample.id,
        source=sample.source,
        subset="caption",
        kind=kind,
        task="none",
        modality=sample.modality,
        department="none",
        turns=(Turn(role="user", text=question), Turn(role="assistant", text=reply)),
        view=view or View(),
        language=language,
        **more,
    )
    truth = Truth(sample)
    words = {"en": english, "zh": chinese}[language](truth.known, CARD, sample.modality)
    return read(talk, truth, words).problems


RIGHT = [
    ("en", CT, "Describe.", "CT image, labelled stone. There are 3 nodes. There is no cyst."),
    ("en", CT, "Where is the stone?", "left-anterior"),
    ("en", CT, "Where is the stone?", "<box>[[32, 4, 45, 17]]</box>"),
    ("en", CT, "How long is the stone?", "The stone measures 5 to 10 mm."),
    ("en", CT, "How long is the stone?", "6.5 mm"),
    ("en", CT, "Is there any tumor?", "no"),
    ("en", CT, "Is there any node?", "Yes."),
    ("en", FUNDUS, "What is the grade?", "It is graded mild."),
    ("zh", CT, "请描述这张图像。", "CT图像，标注为结石。共有3枚淋巴结。没有囊肿。"),
    ("zh", CT, "结石在哪里？", "左前"),
    ("zh", CT, "结石有多长？", "结石的最长径为6.5 mm。"),
    ("zh", CT, "是否存在肿瘤？", "否"),
    ("zh", FUNDUS, "分级是什么？", "分级为轻度。"),
]

WRONG = [
    ("en", CT, "Describe.", "There are 4 nodes."),
    ("en", CT, "Describe.", "There are 2 nodes and a stone."),
    ("en", CT, "How many nodes?", "5"),
    ("en", CT, "Describe.", "MRI image, labelled stone."),
    ("en", CT, "Which modality?", "X-ray"),
    ("en", CT, "Describe.", "CT image, labelled cyst."),
    ("en", CT, "Describe.", "A tumor is present."),
    ("en", CT, "Describe.", "There is no stone."),
    ("en", CT, "Describe.", "No node is seen."),
    ("en", CT, "Is there any tumor?", "yes"),
    ("en", CT, "Is there any node?", "No."),
    ("en", CT, "Is there any cyst?", "Yes, a cyst is seen."),
    ("en", CT, "Where is the stone?", "right-anterior"),
    ("en", CT, "Where is the stone?", "The stone is in the left-posterior quadrant."),
    ("en", CT, "Where is the stone?", "The stone is in the upper-left quadrant."),
    ("en", CT, "Where is the stone?", "The stone is on the right."),
    ("en", CT, "Where is the node?", "left-anterior"),
    ("en", CT, "Where is the stone?", "<box>[[4, 32, 17, 45]]</box>"),
    ("en", CT, "Where is the stone?", "<box>[[32, 4, 45, 17], [5, 20, 9, 24]]</box>"),
    ("en", CT, "Where is each node?", "<box>[[0, 20, 4, 24], [5, 20, 9, 24]]</box>"),
    ("en", CT, "What is inside <box>[[32, 4, 45, 17]]</box>?", "node"),
    ("en", CT, "How long is the stone?", "10 to 20 mm"),
    ("en", CT, "How long is the stone?", "under 5 mm"),
    ("en", CT, "How long is the stone?", "7.5 mm"),
    ("en", CT, "How long is the stone?", "The stone measures over 80 mm."),
    ("en", CT, "Describe.", "图像标注为 stone。"),
    ("en", CT, "Describe.", "A nice picture."),
    ("en", CT, "Describe.", "CT image, labelled stone, with pneumothorax."),
    ("en", FUNDUS, "Describe.", "The severity is mild. A glaucoma is seen."),
    ("zh", CT, "请描述这张图像。", "CT图像，标注为结石。可见气胸。"),
    ("en", FUNDUS, "What is the grade?", "moderate"),
    ("en", FUNDUS, "What is the grade?", "The severity is severe."),
    ("zh", CT, "请描述这张图像。", "共有4枚淋巴结。"),
    ("zh", CT, "有多少个淋巴结？", "2"),
    ("zh", CT, "请描述这张图像。", "磁共振图像，标注为结石。"),
    ("zh", CT, "请描述这张图像。", "CT图像，标注为囊肿。"),
    ("zh", CT, "请描述这张图像。", "没有结石。"),
    ("zh", CT, "是否存在肿瘤？", "是"),
    ("zh", CT, "是否存在淋巴结？", "否，没有淋巴结。"),
    ("zh", CT, "结石在哪里？", "右前"),
    ("zh", CT, "结石在哪里？", "结石位于左后象限。"),
    ("zh", CT, "结石在哪里？", "结石位于右侧。"),
    ("zh", CT, "结石有多长？", "10–20 mm"),
    ("zh", CT, "结石有多长？", "结石的最长径为65 mm。"),
    ("zh", CT, "Where is the stone?", "左前"),
    ("zh", CT, "请描述这张图像。", "The image is labelled 结石."),
    ("zh", FUNDUS, "分级是什么？", "分级为重度。"),
]


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: f"{case[0]} {case[3]}"[:40])
def test_right_texts_pass(case):
    assert problems(*case) == []


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case[0]} {case[3]}"[:40])
def test_planted_mistakes_are_found(case):
    assert problems(*case)


def test_there_are_enough_mistakes_and_other_kinds_are_found_too():
    assert len(WRONG) >= 30
    drawn = View(granularity="box", regions=(2,))
    assert not problems("en", CT, "What is inside the box?", "node", view=drawn)
    assert problems("en", CT, "What is inside the box?", "stone", view=drawn), "another region"
    twice = "What?\nA. stone\nB. stone"
    assert problems("en", CT, twice, "stone", kind="finding", options=("stone", "stone"))
    also_right = "What is seen?\nA. stone\nB. node"
    assert problems("en", CT, also_right, "stone", kind="finding", options=("stone", "node"))
    assert problems("en", CT, "What?", "stone 1", kind="qa"), "not as written"
    swapped = dataclasses.replace(CT, language="zh")
    assert problems("zh", swapped, "What is it?", "stone")
