"""The check after filling catches what a wrong template would say; the templates themselves are whole."""

import dataclasses
import re
import string

import pytest
from raw_files import ct

from gmai.convert import GroundingError
from gmai.convert.checks import check_grounded, find_problems
from gmai.convert.rulebook import read_rules
from gmai.convert.templates import draw, fill
from gmai.convert.tongue import Tongue, lexicon_tongue
from gmai.types import Conversation, Fact, LabelName, Turn

EN, ZH = lexicon_tongue("en"), Tongue("zh", {"stone": LabelName(name="stone", zh="结石")})
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
    check_grounded(talk(text, *facts), ct(0).sample, "is present absent", EN)


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
        check_grounded(talk(text, *facts), ct(0).sample, "is here present absent", EN)


def test_the_answer_must_be_among_the_options_once():
    with pytest.raises(GroundingError, match="not once among"):
        check_grounded(talk("cyst", FINDING, options=("stone", "tumor")), ct(0).sample, "", EN)


@pytest.mark.parametrize(
    ("text", "facts", "reason"),
    [
        ("囊肿位于左上象限。", [LOCATION], None),
        ("存在囊肿。没有结石。", [PRESENT, ABSENT], None),
        ("否，没有结石。", [ABSENT], None),
        ("囊肿位于右上象限。", [LOCATION], "unstated"),
        ("囊肿位于左上象限，不在右上象限。", [LOCATION], "side"),
        ("囊肿位于左上象限，长 7 mm。", [LOCATION], "number"),
        ("囊肿和脓肿位于左上象限。", [LOCATION], "label"),
        ("存在结石。", [ABSENT], "unstated"),
        ("没有囊肿。", [PRESENT], "unstated"),
        ("标注为囊肿。没有囊肿。", [FINDING], "denied"),
        ("The cyst is 囊肿 in this image.", [FINDING], "language"),
    ],
)
def test_chinese_texts_are_held_against_their_facts(text, facts, reason):
    made = dataclasses.replace(talk(text, *facts), language="zh")
    made = dataclasses.replace(made, turns=(Turn(role="user", text="这是什么？"), made.turns[1]))
    found = {problem.reason for problem in find_problems(made, ct(0).sample, "", ZH)}
    assert found == set() if reason is None else reason in found, found


def test_english_texts_hold_no_chinese_and_deny_nothing_that_is_there():
    found = [
        {p.reason for p in find_problems(talk(text, FINDING), ct(0).sample, "", EN)}
        for text in ("The finding is cyst.", "The finding is cyst 囊肿.", "Cyst. There is no cyst.")
    ]
    assert found == [set(), {"language"}, {"denied"}]


def wordings(language: str) -> list[str]:
    captions, statements, extras = (read_rules(name, language) for name in ("captions", "statements", "extras"))
    groups = [captions["prompts"], captions["openings"], captions["regions"], *extras.values()]
    groups += [levels for part in ("statements", "replies") for levels in statements[part].values()]
    groups += [levels for kinds in statements["by_task"].values() for levels in kinds.values()]
    comparisons = dict(read_rules("comparisons", language))
    leads, _ = comparisons.pop("leads"), comparisons.pop("answers")
    groups += comparisons.values()
    return [*leads, *(text for group in groups for texts in group.values() for text in texts)]


def places_of(text: str) -> set[str]:
    return {place for _, place, _, _ in string.Formatter().parse(text) if place}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_templates_have_no_numbers_and_only_known_places(language):
    articles = {"a_answer", "a_about", "a_finding", "a_modality"}
    known = {"answer", "about", "kind", "modality", "finding", "noun", "things", "box", "value", "section", "text"}
    known |= {
        "items",
        "before",
        "after",
        "before_things",
        "after_things",
        "difference",
        "percent",
        "changed",
        "unchanged",
    }
    for text in wordings(language):
        assert places_of(text) <= (known | articles if language == "en" else known), text
        assert not re.search(r"\d", text), text
        assert text.endswith((".", "?") if language == "en" else ("。", "？")) or re.fullmatch(r"{\w+}", text), text
        if language == "en":
            assert text[0].isupper() or text.startswith("{"), text
        else:
            assert " " not in text and not re.search(r"[,.?!:;A-Za-z]", re.sub(r"{\w+}", "", text)), text


def test_both_languages_have_the_same_groups_with_as_many_wordings():
    def shape(rules: object) -> object:
        if isinstance(rules, dict):
            return {key: shape(value) for key, value in rules.items()}
        return len(rules) if isinstance(rules, list) else 1

    for name in ("captions", "statements", "extras", "comparisons"):
        assert shape(read_rules(name, "en")) == shape(read_rules(name, "zh")), name


def test_drawing_and_filling():
    assert {draw(["a", "b", "c"], "n", None, seed)[1] for seed in range(50)} == {"a", "b", "c"}
    assert {draw(["a", "b", "c"], "n", 2, seed)[1] for seed in range(50)} == {"a", "b"}
    assert draw(["a", "b", "c"], "n", None, 7) == draw(["a", "b", "c"], "n", None, 7)
    assert fill(("n.0", "{about} is here."), {"about": "cyst"}).text == "Cyst is here."
    assert fill(("n.0", "{about} is here."), {"about": "mRNA spot"}).text == "mRNA spot is here."
    with pytest.raises(KeyError):
        fill(("n.0", "{size} is here."), {"about": "cyst"})
