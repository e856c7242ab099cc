"""The gates on the labels of every card that ships: plain statements pass, what was made wrong in them does not."""

import random

import pytest

from gmai.annotations import UNNAMED_MODALITIES
from gmai.convert import Ask, judge_reply
from gmai.convert.guided.ground import build_ground
from gmai.convert.rulebook import read_rules
from gmai.convert.templates import fill, places
from gmai.convert.tongue import Tongue
from gmai.errors import CardError
from gmai.lexicon import name_of, question_phrasings
from gmai.sources import card_names, read_card
from gmai.types import Fact, Provenance, Sample

STRANGERS = {
    "en": ("pneumothorax", "retinal detachment", "hepatomegaly", "osteophyte", "splenic infarct", "tuberculosis"),
    "zh": ("气胸", "视网膜脱离", "肝大", "骨赘", "脾梗死", "肺结核"),
}


class Case:
    """A label of a card, another that is absent, and everything that can be a fact of it."""

    def __init__(self, card, language, rng):
        named = [label.name for label in card.labels.values() if label.task in ("", "finding")]
        self.labels = list(dict.fromkeys(named))
        if len(self.labels) < 2 or card.modality in UNNAMED_MODALITIES:
            raise CardError("nothing to say")
        self.language, self.rng = language, rng
        self.tongue = Tongue(language, {label.name: label for label in card.labels.values()})
        self.sample = Sample(
            id="x/1",
            source="x",
            subject="1",
            modality=card.modality,
            department=card.department,
            provenance=Provenance(source="x", licence="MIT", original_id="1"),
            classes={"finding": tuple(self.labels)},
        )
        self.label, self.absent = rng.sample(self.labels, 2)
        self.place, self.other_place = rng.sample(["upper-left", "upper-right", "lower-left", "lower-right"], 2)
        self.number, self.other_number = rng.sample(["1", "2", "3", "5", "12"], 2)
        task = card.tasks.get("finding", "Disease Diagnosis")
        made = [
            ("modality", card.modality, "", {}),
            ("finding", self.label, "", {}),
            ("location", self.place, self.label, {}),
            ("count", self.number, self.label, {}),
            ("size", "20-to-40-mm", self.label, {"mm": 23.5}),
            ("presence", "yes", self.label, {}),
            ("presence", "no", self.absent, {}),
        ]
        self.facts = [
            Fact(kind=kind, answer=answer, about=about, task=task, records=("r",), values=values)
            for kind, answer, about, values in made
        ]
        self.ground = build_ground(self.facts, "percept", language, self.sample, self.tongue)
        for fact in self.facts:
            self.ground.statement(fact)

    def statements(self, fact):
        """Every wording that the rules have for a fact."""
        rules = read_rules("statements", self.language)
        variant = f"presence_{fact.answer}" if fact.kind == "presence" else fact.kind
        variant = "count_one" if (fact.kind, fact.answer) == ("count", "1") else variant
        wordings = list(rules["statements"][variant]["image"]) + list(
            rules["replies"].get(variant, {}).get("image", ())
        )
        return [fill(("n", wording), places(fact, self.tongue, self.ground.modality)).text for wording in wordings]

    def judge(self, text, number, question):
        reply = {"question": question, "letter": "", "sentences": [{"text": text, "facts": [f"f{number}"]}]}
        more = {"sample": self.sample, "tongue": self.tongue, "ask": Ask(f"f{number}")}
        return judge_reply(reply, self.facts, "percept", self.language, **more)

    def called(self, label):
        return self.tongue.label(label, self.ground.modality)

    def lies(self):
        """What is wrong with a sentence about the label, by name: the fact it gives, and the sentence."""
        here, gone, stranger = (
            self.called(self.label),
            self.called(self.absent),
            self.rng.choice(STRANGERS[self.language]),
        )
        things = self.tongue.things(self.other_number, self.label, self.ground.modality)
        side = name_of(self.other_place, self.language, "location")
        if self.language == "en":
            return {
                "label": (2, f"The image shows {here} and {gone}."),
                "side": (3, f"The {here} is in the {side} quadrant."),
                "added side": (2, f"The image shows {here} on its left."),
                "count": (4, f"{things} are seen."),
                "size": (5, f"The {here} measures 41 mm."),
                "unit": (5, f"The {here} measures 20 to 40 cm."),
                "denied": (6, f"No {here} is seen."),
                "affirmed": (7, f"{gone} is present."),
                "stranger": (2, f"The image shows {here} with {stranger}."),
                "denied stranger": (2, f"The image shows {here} and no {stranger}."),
                "rest denied": (2, f"The image shows {here} and is otherwise unremarkable."),
                "appearance": (2, f"The image shows hyperdense {here}."),
                "doubt": (2, f"The image may show {here}."),
            }
        return {
            "label": (2, f"图像显示{here}和{gone}。"),
            "side": (3, f"{here}位于{side}象限。"),
            "added side": (2, f"图像左侧显示{here}。"),
            "count": (4, f"可见{things}。"),
            "size": (5, f"{here}大小为41 mm。"),
            "unit": (5, f"{here}大小为20–40厘米。"),
            "denied": (6, f"未见{here}。"),
            "affirmed": (7, f"可见{gone}。"),
            "stranger": (2, f"图像显示{here}伴{stranger}。"),
            "denied stranger": (2, f"图像显示{here}，未见{stranger}。"),
            "rest denied": (2, f"图像显示{here}，其余未见异常。"),
            "appearance": (2, f"图像显示高密度{here}。"),
            "doubt": (2, f"图像可能显示{here}。"),
        }


def cases(times, step):
    rng = random.Random(0)
    for name in card_names()[::step]:
        card = read_card(name)
        for language in ("en", "zh"):
            for _ in range(times):
                try:
                    yield name, Case(card, language, rng)
                except CardError:
                    continue


def check(times, wordings, step=1):
    judged, lied = 0, 0
    for name, case in cases(times, step):
        asked = {}
        for number, fact in enumerate(case.facts, start=1):
            said = case.statements(fact)
            ways = question_phrasings(fact.kind, "image", case.language)
            for turn, text in enumerate(said if wordings is None else case.rng.sample(said, min(wordings, len(said)))):
                way = ("q", ways[turn % len(ways)])
                asked[number] = fill(way, places(fact, case.tongue, case.ground.modality)).text
                verdict = case.judge(text, number, asked[number])
                assert verdict.accepted, (name, text, asked[number], verdict.told)
                judged += 1
        for lie, (number, text) in case.lies().items():
            assert not case.judge(text, number, asked[number]).accepted, (name, lie, text)
            lied += 1
    return judged, lied


def test_plain_statements_of_facts_pass_and_lies_do_not():
    judged, lied = check(times=1, wordings=1, step=6)
    assert judged > 150 and lied > 300


@pytest.mark.slow
def test_every_wording_passes_and_every_lie_does_not():
    judged, lied = check(times=6, wordings=None)
    assert judged > 30_000 and lied > 9_000
