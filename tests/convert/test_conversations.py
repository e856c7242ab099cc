"""What is said: every fact of the view in its caption, the right option once, no label in an id, views in balance."""

import dataclasses
from collections import Counter
from pathlib import Path

import pytest
from raw_files import FINDINGS, asked, ct, fundus

from gmai.annotations import find_facts
from gmai.convert import ConvertConfig, make_conversations
from gmai.lexicon import name_of, read_lexicon
from gmai.types import Box, Conversation, Label, Sample, View

CONFIG = ConvertConfig(raw=(Path("raw"),), out=Path("out"))
MODALITIES = ("CT", "Fundus Photography", "MRI", "T2 MRI", "UltraSound")


def talks(sample: Sample, **changes: object) -> list[Conversation]:
    config = dataclasses.replace(CONFIG, **changes)
    return list(make_conversations(config, sample, MODALITIES))


@pytest.fixture(scope="module")
def many() -> list[Conversation]:
    samples = [make(number).sample for make in (ct, fundus) for number in range(150)]
    return [talk for sample in samples for talk in talks(sample)]


def test_the_caption_of_the_image_states_all_facts_of_the_image(many):
    captions = {talk.sample: talk for talk in many if talk.subset == "caption" and talk.view == View()}
    for number in range(20):
        sample = ct(number).sample
        caption = captions[sample.id]
        shown = [fact for fact in find_facts(sample) if fact.view == View()]
        assert [(fact.kind, fact.about, fact.answer) for fact in caption.facts] == [
            (fact.kind, fact.about, fact.answer) for fact in shown
        ]
        text = caption.turns[1].text.casefold()
        for fact in shown:
            said = fact.about if fact.kind == "presence" else fact.answer
            said = name_of(said, "en", "size") if fact.kind == "size" else said
            assert said.casefold() in text, (fact, text)
    assert len({talk.template.split("|")[1] for talk in captions.values()}) > 40, "wording varies"


def test_options_hold_the_answer_once_at_every_place_alike(many):
    asked_with = [talk for talk in many if talk.options and len(talk.options) == 4]
    assert len(asked_with) > 800
    places = Counter(talk.options.index(talk.answer) for talk in asked_with)
    assert all(abs(places[place] / len(asked_with) - 0.25) < 0.05 for place in range(4)), places
    for talk in asked_with:
        assert len(set(talk.options)) == 4 and talk.turns[1].text == talk.answer
        assert talk.turns[0].text.endswith("\n".join(f"{x}. {o}" for x, o in zip("ABCD", talk.options, strict=True)))


def test_wrong_options_are_wrong(many):
    lexicon = read_lexicon()
    for talk in many:
        if talk.kind == "modality" and talk.options:
            families = [lexicon.family(name) for name in talk.options]
            assert families.count(lexicon.family(talk.answer)) == 1
        if talk.kind == "finding" and talk.options and talk.view == View():
            assert "node" not in talk.options, "nodes are in the picture too"


def test_ids_tell_no_label(many):
    for talk in many:
        name = talk.id.split("#")[1]
        assert not any(label in name for label in (*FINDINGS, "node", "mild", "absent", "severe", "moderate"))


def test_one_drawn_view_a_sample_evenly_over_levels_and_labels(many):
    views = {(talk.sample, talk.view) for talk in many if talk.view != View()}
    assert len(views) == len({sample for sample, _ in views}) == 150
    levels = Counter(view.granularity for _, view in views)
    assert all(abs(levels[level] / 150 - 1 / 3) < 0.12 for level in ("box", "mask", "contour")), levels
    boxes = [talk for talk in many if talk.view.granularity == "box" and talk.subset == "caption"]
    nodes = sum(talk.facts[0].answer == "node" for talk in boxes)
    assert 0.3 < nodes / len(boxes) < 0.7, "three nodes do not crowd out one lesion"


def test_settings_choose(many):
    sample = ct(5).sample
    assert {talk.subset for talk in talks(sample, subsets=("percept",))} == {"percept"}
    chosen = talks(sample, kinds=("finding",), forms=("choice",), overlays=0)
    assert [talk.id.split("#")[1] for talk in chosen] == ["image.caption.0", "image.percept.finding-0.choice"]
    assert {talk.view.granularity for talk in talks(sample, granularities=("contour",))} == {"contour"}
    assert len({talk.view for talk in talks(sample, overlays=3)}) == 4
    assert {talk.view for talk in talks(sample, overlay_share=0.0)} == {View()}
    assert all(len(talk.options) in (0, 2) for talk in talks(sample, options=2))
    assert talks(sample, seed=1) != talks(sample)
    first = [talk.turns[0].text for n in range(20) for talk in talks(ct(n).sample, phrasings=1, subsets=("caption",))]
    assert len(set(first)) == 4, "one prompt a level"
    several = [talk for talk in talks(sample, turns=6) if talk.subset == "instruct"]
    assert len(several) == 1 and len(several[0].turns) == 12
    assert not [talk for talk in talks(sample, turns=1) if talk.subset == "instruct"]


def test_questions_people_asked_pass_word_for_word():
    (talk,) = [talk for talk in talks(asked(0).sample)]
    assert talk.subset == "instruct" and talk.turns[0].text == "Is the heart enlarged?"
    assert not talks(asked(1).sample, subsets=("instruct",))
    assert talks(asked(1).sample)[0].subset == "text"


def test_a_picture_of_unknown_modality_is_called_medical():
    sample = ct(1).sample
    texts = [turn.text for talk in talks(dataclasses.replace(sample, modality="Radiology")) for turn in talk.turns]
    assert texts and not any("Radiology" in text for text in texts)
    assert any("medical image" in text for text in texts)


def test_a_kind_of_the_card_needs_no_code():
    sample = dataclasses.replace(
        fundus(0).sample,
        annotations=(Label(name="left", record="t.csv:1", task="eye_side"),),
        classes={"eye_side": ("left", "right")},
        tasks={"eye_side": "Attribute Recognition"},
    )
    made = [talk for talk in talks(sample) if talk.kind == "eye_side"]
    assert len(made) == 2 and "eye side" in made[0].turns[0].text and set(made[0].options) == {"left", "right"}


def test_a_label_that_is_a_word_of_the_templates_is_no_mistake():
    sample = dataclasses.replace(
        ct(1).sample,
        annotations=(Box(label="lesion", xyxy=(1, 1, 9, 9), record="b#1"),),
        classes={"finding": ("lesion", "image", "region", "finding")},
    )
    assert talks(sample)
