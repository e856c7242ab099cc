"""Every phrasing names the modality and what is looked at; options are lettered."""

import pytest

from gmai.errors import ConfigError
from gmai.lexicon import format_multiple_choice, format_open_question, question_kinds, question_phrasings

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
