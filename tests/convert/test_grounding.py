"""The check after filling catches what a wrong template would say; the templates themselves are whole."""

import dataclasses
import re
import string

import pytest
from raw_files import ct

from gmai.convert import GroundingError
from gmai.convert.checks import check_grounded
from gmai.convert.templates import draw, fill, read_rules
from gmai.types import Conversation, Fact, Turn

LOCATION = Fact(kind="location", answer="upper-left", task="t", records=("r",), about="cyst", values={"x": 0.2})
FINDING = Fact(kind="finding", answer="cyst", task="t", records=("r",))
ABSENT = Fact(kind="presence", answer="no", task="t", records=("r",), about="stone")
PRESENT = dataclasses.replace(ABSENT, answer="yes", about="cyst")


def talk(text: str, *facts: Fact, options: tuple[str, ...] = ()) -> Conversation:
    return Conversation(
        id="x",
        sample="ct/0",
        source="ct",
        subset="percept",
        kind="finding",
        task="t",
        modality="CT",
        department="none",
        turns=(Turn(role="user", text="What?"), Turn(role="assistant", text=text)),
        answer=facts[0].answer,
        options=options,
        facts=facts,
    )


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("The cyst is upper-left.", [LOCATION]),
        ("Cyst is present. Stone is absent.", [PRESENT, ABSENT]),
        ("Yes.", [PRESENT]),
        ("No, the image does not show stone.", [ABSENT]),
    ],
)
def test_grounded_texts_pass(text, facts):
    check_grounded(talk(text, *facts), ct(0).sample, "is present absent")


@pytest.mark.parametrize(
    ("text", "facts", "problem"),
    [
        ("The cyst is here.", [LOCATION], "location = 'upper-left' is not stated"),
        ("The cyst is upper-left, 7 mm.", [LOCATION], "number 7 is in no fact"),
        ("The cyst is upper-left of a tumor.", [LOCATION], "label 'tumor' is in no fact"),
        ("The tumor and the cyst.", [FINDING], "label 'tumor' is in no fact"),
        ("Stone is present.", [ABSENT], "presence = 'no' is not stated"),
        ("Cyst is absent.", [PRESENT], "presence = 'yes' is not stated"),
        ("Cysts", [FINDING], "finding = 'cyst' is not stated"),
    ],
)
def test_ungrounded_texts_are_errors(text, facts, problem):
    with pytest.raises(GroundingError, match=problem):
        check_grounded(talk(text, *facts), ct(0).sample, "is here present absent")


def test_the_answer_must_be_among_the_options_once():
    with pytest.raises(GroundingError, match="not once among"):
        check_grounded(talk("cyst", FINDING, options=("stone", "tumor")), ct(0).sample, "")


def every_wording() -> list[str]:
    captions, statements = read_rules("captions"), read_rules("statements")
    groups = [captions["prompts"], captions["openings"], captions["regions"]]
    groups += [levels for part in statements.values() for levels in part.values()]
    return [text for group in groups for texts in group.values() for text in texts]


def test_templates_have_no_numbers_and_only_known_places():
    for text in every_wording():
        places = {place for _, place, _, _ in string.Formatter().parse(text) if place}
        assert places <= {"answer", "about", "kind", "modality", "finding"}, text
        assert not re.search(r"\d", text), text
        assert text[0].isupper() or text.startswith("{"), text
        assert text.endswith((".", "?")), text


def test_drawing_and_filling():
    assert {draw(["a", "b", "c"], "n", None, seed)[1] for seed in range(50)} == {"a", "b", "c"}
    assert {draw(["a", "b", "c"], "n", 2, seed)[1] for seed in range(50)} == {"a", "b"}
    assert draw(["a", "b", "c"], "n", None, 7) == draw(["a", "b", "c"], "n", None, 7)
    assert fill(("n.0", "{about} is here."), {"about": "cyst"}).text == "Cyst is here."
    assert fill(("n.0", "{about} is here."), {"about": "mRNA spot"}).text == "mRNA spot is here."
    with pytest.raises(KeyError):
        fill(("n.0", "{size} is here."), {"about": "cyst"})
