"""Every phrasing names the modality and what is looked at; options are lettered."""

import re

import pytest

from gmai.errors import ConfigError
from gmai.lexicon import (
    choice_instruction,
    format_multiple_choice,
    format_open_question,
    question_kinds,
    question_phrasings,
)

CUES = {"image": ("image",), "box": ("box",), "mask": ("mask", "shaded"), "contour": ("contour", "outlined")}
LABELLED = {"location", "count", "presence", "size"}


@pytest.mark.parametrize("granularity", CUES)
def test_finding_is_asked_at_every_level_with_its_cue(granularity):
    phrasings = question_phrasings("finding", granularity)
    assert len(phrasings) >= 3
    assert all(any(cue in text for cue in CUES[granularity]) for text in phrasings)


@pytest.mark.parametrize("kind", question_kinds())
def test_phrasings_have_the_places_of_their_kind(kind):
    phrasings = question_phrasings(kind, "image")
    assert 3 <= len(phrasings) <= 4 and len(set(phrasings)) == len(phrasings)
    for text in phrasings:
        assert ("{modality}" in text) == (kind != "modality")
        assert ("{label}" in text) == (kind in LABELLED)
        assert text.endswith("?")


def test_a_kind_of_a_card_is_asked_by_its_name():
    assert "In this {modality} image, what is the eye side?" in question_phrasings("eye_side", "image")
    with pytest.raises(ConfigError, match="no question of kind 'grade' at 'box' level"):
        question_phrasings("grade", "box")


def test_options_are_lettered():
    assert format_multiple_choice("Which?", ["mild", "none"]) == "Which?\nA. mild\nB. none"
    assert format_multiple_choice("Which?", ["x"], "Answer with the letter.").endswith("A. x\nAnswer with the letter.")
    assert format_open_question("Which?") == "Which?"
    with pytest.raises(ConfigError, match="more than there are letters"):
        format_multiple_choice("Which?", [str(n) for n in range(27)])


LEVELS = [(kind, "image") for kind in [*question_kinds(), "eye_side"]]
LEVELS += [("finding", level) for level in ("box", "mask", "contour")]
CHINESE_CUES = {"image": "图像", "box": "方框", "mask": ("着色", "掩膜"), "contour": ("轮廓", "勾画")}


@pytest.mark.parametrize(("kind", "level"), LEVELS)
def test_chinese_phrasings_match_the_english_ones(kind, level):
    english, chinese = question_phrasings(kind, level), question_phrasings(kind, level, "zh")
    assert len(chinese) == len(english) == len(set(chinese))
    for one, other in zip(english, chinese, strict=True):
        assert set(re.findall(r"{\w+}", one)) == set(re.findall(r"{\w+}", other))
        assert other.endswith("？") and not re.search(r"[?,a-z]", re.sub(r"{\w+}", "", other))
        assert any(cue in other for cue in CHINESE_CUES[level])


def test_chinese_and_english_are_asked_at_the_same_levels():
    for level in ("box", "mask", "contour"):
        for kind in question_kinds():
            for language in ("en", "zh"):
                if kind != "finding":
                    with pytest.raises(ConfigError, match="no question of kind"):
                        question_phrasings(kind, level, language)
    with pytest.raises(ConfigError, match="no questions in language 'fr'"):
        question_phrasings("finding", "image", "fr")


def test_a_filled_chinese_question_and_its_options():
    text = question_phrasings("count", "image", "zh")[0].format(modality="显微镜", label="红细胞")
    assert text == "在这张显微镜图像中，可见多少个红细胞？"
    assert "在这张{modality}图像中，眼别是什么？" in question_phrasings("eye_side", "image", "zh")
    put = format_multiple_choice(text, ["3", "4"], choice_instruction("zh"), language="zh")
    assert put == "在这张显微镜图像中，可见多少个红细胞？\nA．3\nB．4\n请用正确选项的字母作答。"
    assert choice_instruction() == "Answer with the letter of the right option."
