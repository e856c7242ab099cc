"""VLMEvalKit's rules beside ours: what they read, what differs and why."""

import pytest

from gmai.base import iter_jsonl, read_json, write_jsonl
from gmai.errors import ConfigError
from gmai.evaluate import RULES, Difference, ScoreConfig, explain_differences, score
from gmai.evaluate.vlmevalkit import extract_vlmevalkit, read_vlmevalkit
from gmai.types import Prediction, Question

GUT = ("cyst", "polyp", "stone", "normal mucosa")
FIVE = (*GUT, "ulcer")

KNOWN = [
    ("A polyp is visible", GUT, "A"),
    ("vitamin D deficiency", GUT, "D"),
    ("hepatitis C", GUT, "C"),
    ("non glaucoma", ("glaucoma", "non glaucoma"), "Z"),
    ("b", GUT, "Z"),
    ("<answer>C</answer>", GUT, "Z"),
    ("The answer is **E** because the wall has a defect.", FIVE, "Z"),
    ("The answer is **C** because the wall has a shadow.", FIVE, "C"),
    ("答案是B", GUT, "Z"),
    ("B", GUT, "B"),
    ("B. polyp", GUT, "B"),
    ("Polyp", GUT, "B"),
    ("Cannot determine the answer, but B", GUT, "Z"),
    ("A or B", GUT, "Z"),
    ("Z", GUT, "Z"),
]


@pytest.mark.parametrize(("reply", "options", "letter"), KNOWN)
def test_what_the_kit_reads_is_read(reply, options, letter):
    assert read_vlmevalkit(reply, options) == letter


def test_nothing_is_drawn_and_forms_without_a_rule_are_abstentions():
    assert {read_vlmevalkit("nothing that helps", GUT) for _ in range(20)} == {"Z"}
    assert extract_vlmevalkit("A, C", GUT, form="multiple").reason == "no_rule"
    assert extract_vlmevalkit("yes", (), form="yes_no").letter is None


def question(index, answer, **more):
    known = {"source": "s", "subject": str(index), "question": "What?", "options": GUT, "kind": "finding", "task": "t"}
    known |= {"department": "d", "modality": "m", "granularity": "image", **more}
    return Question(index=index, sample=str(index), answer=answer, **known)


REPLIES = {
    0: ("B", "B", None),
    1: ("A polyp is visible", "B", "letter_is_a_word"),
    2: ("<answer>C</answer>", "C", "marked_up"),
    3: ("b", "B", "lower_case"),
    4: ("There is no doubt that it cannot be C", "A", "denied"),
    5: ("答案是B", "B", "not_english"),
    6: ("B. It has a stalk, as the picture shows in its centre.", "B", "far_from_end"),
    7: ("I cannot determine whether A", "A", "refusal"),
    8: ("Some patients have hepatitis C", "A", "letter_is_a_word"),
}


def given():
    return [Prediction(index=i, mode="generate", choice=None, text=reply) for i, (reply, *_) in REPLIES.items()]


def test_every_difference_has_its_cause():
    keys = [question(i, answer) for i, (_, answer, _) in REPLIES.items()]
    found = {one.index: one.why for one in explain_differences(given(), keys)}
    assert found == {i: why for i, (*_, why) in REPLIES.items() if why}


def test_a_score_by_their_rules_says_what_ours_read_otherwise(tmp_path):
    keys = [question(i, answer) for i, (_, answer, _) in REPLIES.items()]
    write_jsonl(tmp_path / "predictions.jsonl", given())
    write_jsonl(tmp_path / "key.jsonl", keys)
    known = {"predictions": tmp_path / "predictions.jsonl", "key": tmp_path / "key.jsonl", "name": "m"}
    theirs = score(ScoreConfig(**known, rules="vlmevalkit", out=tmp_path / "theirs"))
    ours = score(ScoreConfig(**known, out=tmp_path / "ours"))
    told = read_json(tmp_path / "theirs" / "differences.json")
    differences = list(iter_jsonl(tmp_path / "theirs" / "differences.jsonl", Difference))
    assert ours.correct - theirs.correct == told["only_ours_right"] - told["only_theirs_right"]
    assert sum(told["why"].values()) == len(differences) == 8
    assert told["same"] == 1
    assert theirs.versions["extractor"] == RULES.get("vlmevalkit").version != ours.versions["extractor"]
    assert not (tmp_path / "ours" / "differences.jsonl").exists()


def test_one_folder_does_not_hold_scores_by_two_rules(tmp_path):
    write_jsonl(tmp_path / "predictions.jsonl", given()[:1])
    write_jsonl(tmp_path / "key.jsonl", [question(0, "B")])
    known = {"predictions": tmp_path / "predictions.jsonl", "key": tmp_path / "key.jsonl", "out": tmp_path / "out"}
    score(ScoreConfig(**known))
    with pytest.raises(ConfigError):
        score(ScoreConfig(**known, rules="vlmevalkit"))
    with pytest.raises(ConfigError, match="vlmevalkit"):
        score(ScoreConfig(**known, rules="vlmeval"))
