"""Texts in other words are found by what they are about; one changed number, side or name makes another text."""

import numpy as np
import pytest
from curate_files import corpus, text

from gmai.base import JobConfig
from gmai.corpus import count_words, iter_duplicates, split_words
from gmai.curate import DedupConfig, Likeness, dedup_corpus
from gmai.curate.wording import fold_text

HERE = JobConfig(workers=0)
DRUGS = "ranibizumab clobazam furosemide rizatriptan dabrafenib belatacept emtricitabine".split()
OTHERS = [
    "Does the width of the aorta at birth tell of later disease of the kidney in twins?",
    "Which nerve supplies the muscle that lifts the upper eyelid of the patient in the photograph?",
    "Are probiotics given to very small infants a protection against necrotising enterocolitis?",
    "新生儿出生后多久应该进行第一次听力筛查比较合适呢",
]


def groups(folder, said, **like):
    items = [text(f"aaa/{n}", words, f"p{n}") for n, words in enumerate([*said, *OTHERS])]
    made = corpus(folder, items)
    dedup_corpus(DedupConfig(corpus=made, like=Likeness(**like), job=HERE))
    found = {}
    for item in iter_duplicates(made):
        found.setdefault(item.group, []).append((item.sample, item.how))
    return list(found.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Is there any evidence of a fracture of the distal radius in this radiograph?",
            "Does the image show that the distal radius of this patient is fractured?",
        ),
        (
            "What is the appearance of the hypodense lesion in the caudate lobe of the liver?",
            "How would you describe the hypodense lesion seen in the liver's caudate lobe?",
        ),
        ("老年高血压患者合并糖尿病应该怎样进行药物治疗", "请问合并糖尿病的老年高血压患者如何用药物来治疗呢"),
    ],
)
def test_other_words_for_the_same_are_found(tmp_path, one, other):
    assert groups(tmp_path / "c", [one, other]) == [[("aaa/0", ""), ("aaa/1", "same content")]]
    assert groups(tmp_path / "off", [one, other], content=2.0) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is the cyst at the pole of the left kidney simple?", "Is the cyst at the pole of the right kidney simple?"),
        ("Is a nodule of 8 mm in the thyroid to be biopsied?", "Is a nodule of 18 mm in the thyroid to be biopsied?"),
        ("Do adults with sickle cells need a transfusion?", "Do adults without sickle cells need a transfusion?"),
        ("What are the symptoms of acinetobacter in wards?", "What are the treatments for acinetobacter in wards?"),
        ("右侧股骨颈骨折的老年患者手术以后的护理要点", "左侧股骨颈骨折的老年患者手术以后的护理要点"),
    ],
)
def test_a_changed_number_side_or_aspect_is_another_text(tmp_path, one, other):
    assert groups(tmp_path / "c", [one, other]) == []


def test_one_frame_around_many_names_is_no_duplicate(tmp_path):
    said = [f"What should I do in the evening if I forget a dose of {drug}?" for drug in DRUGS]
    assert groups(tmp_path / "c", said) == []
    again = [*said, said[2].replace("in the evening ", "")]
    assert [[name for name, _ in group] for group in groups(tmp_path / "d", again)] == [["aaa/2", "aaa/7"]]


def test_terms_are_the_same_for_other_endings_order_and_names_of_the_lexicon():
    def terms(said):
        return set(fold_text(split_words(said))[1:].tolist())

    assert terms("enlarged lymph nodes were biopsied") == terms("biopsy of the enlarging lymph node")
    assert terms("The heart") != terms("The lung") and not terms("What is shown in this image?")
    folded = fold_text(split_words("左肺下叶结节 3 mm"))
    assert folded.dtype == np.uint32 and folded[0] != fold_text(split_words("右肺下叶结节 3 mm"))[0]


def test_chinese_characters_count_half():
    assert count_words(split_words("高血压病人可以吃党参吗")) == 6
    assert count_words(split_words("Is there a fracture?")) == 4
