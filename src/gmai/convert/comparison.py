"""Two pictures of a subject compared: what changed, asked with options, openly, and in turns answered in sentences.

The pictures are those of two samples, of the visit before and of this one, or the two that one sample shows. The
earlier picture always comes first.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, partial

from gmai.convert.changes import CHANGES, find_changes, find_progressions
from gmai.convert.checks import GroundingError
from gmai.convert.config import ConvertConfig
from gmai.convert.percept import answer, put_choice
from gmai.convert.rulebook import read_rules
from gmai.convert.scene import Draft, Scene
from gmai.convert.templates import Places, Written, draw, fill, join, places
from gmai.convert.tongue import Tongue
from gmai.lexicon import Language
from gmai.types import Conversation, Fact, Sample, View

_UNITS = {"before": " mm", "after": " mm", "difference": " mm", "percent": " %", "changed": " %", "unchanged": " %"}


def make_comparisons(
    config: ConvertConfig, sample: Sample, prior: Sample | None, tongues: Sequence[Tongue]
) -> Iterator[Draft]:
    """Make what compares a sample with the one of the visit before, or the two pictures of a sample.

    Args:
        config: the choices.
        sample: the later sample, or one of two pictures.
        prior: the sample of the visit before; None where there is none, or the order is not known.
        tongues: the languages.

    Raises:
        FormatError: an annotation that cannot be measured.
    """
    if "comparisons" not in config.also or "image" not in config.granularities:
        return
    found = _find(sample, prior)
    facts = tuple(fact for fact in found if not config.kinds or fact.kind in config.kinds)
    for tongue in tongues if facts else ():
        scene = Scene(config, sample, View(), facts, tongue, found, prior)
        chosen = scene.chosen()
        for number, fact in enumerate(chosen):
            for form in config.forms:
                yield scene.draft("percept", f"{fact.kind}-{number}.{form}", partial(_put, scene, fact, form))
        yield scene.draft("instruct", "comparison", partial(_turns, scene, chosen[: max(1, config.turns)]))


def check_changes(conversation: Conversation, scene: Scene) -> Conversation:
    """Hold a conversation against what both pictures' annotations say: its facts, its words of change, their order.

    Raises:
        GroundingError: ``grounding.change``, ``grounding.order``: the later picture's value told first.
    """
    tongue, modality = scene.tongue, scene.modality
    known = scene.found or _find(scene.sample, scene.prior)
    if strange := [fact for fact in conversation.facts if fact not in known]:
        _fail(conversation, "change", f"{strange[0].kind} = {strange[0].answer!r} is in no annotation")
    for turn, fact in zip(conversation.turns[1::2], conversation.facts, strict=True):
        text = turn.text
        if fact.about:
            text = text.replace(tongue.label(fact.about, modality), " ")
        right = {tongue.answer(fact, modality), tongue.said(fact, modality)}
        if wrong := [word for word in _words(tongue.language).findall(text) if word.casefold() not in right]:
            _fail(conversation, "change", f"{wrong[0]!r} is not what the annotations say: {turn.text!r}")
        told = [_told(fact, name, tongue) for name in ("before", "after") if name in fact.values]
        if len(set(told)) == 2 and all(_place(value, text) >= 0 for value in told):
            if _place(told[0], text) > _place(told[1], text):
                _fail(conversation, "order", f"{told[1]} is told before {told[0]}: {turn.text!r}")
    return conversation


def _find(sample: Sample, prior: Sample | None) -> tuple[Fact, ...]:
    return tuple(find_progressions(sample)) if prior is None else find_changes(prior, sample)


def _put(scene: Scene, fact: Fact, form: str, made: str) -> Conversation | None:
    asked = _ask(scene, fact, form, first=True)
    if form == "choice":
        talk = put_choice(scene, fact, made, asked)
        return None if talk is None else check_changes(talk, scene)
    return check_changes(scene.conversation(made, "percept", [asked, answer(scene, fact)], [fact]), scene)


def _turns(scene: Scene, facts: Sequence[Fact], made: str) -> Conversation:
    said: list[Written] = []
    for number, fact in enumerate(facts):
        said.append(_ask(scene, fact, "comparison", first=number == 0))
        rules = read_rules("comparisons", scene.tongue.language)[fact.kind]["answers"]
        seed = scene.seed("comparison", "answer", fact.about)
        said.append(fill(draw(rules, f"{fact.kind}.answer", scene.config.phrasings, *seed), _places(scene, fact)))
    return check_changes(scene.conversation(made, "instruct", said, facts), scene)


def _ask(scene: Scene, fact: Fact, form: str, *, first: bool) -> Written:
    rules = read_rules("comparisons", scene.tongue.language)
    most, seed = scene.config.phrasings, scene.seed(form, fact.kind, fact.about)
    asked = fill(draw(rules[fact.kind]["questions"], f"{fact.kind}.question", most, *seed), _places(scene, fact))
    if not first:
        return asked
    return join([fill(draw(rules["leads"], "comparison.lead", most, *seed), {}), asked], scene.tongue.gap)


def _places(scene: Scene, fact: Fact) -> Places:
    found = places(fact, scene.tongue, scene.modality)
    for name in fact.values:
        found[name] = _told(fact, name, scene.tongue)
    if fact.kind == "count_change":
        found["items"] = scene.tongue.plural(fact.about, scene.modality) or scene.tongue.label(
            fact.about, scene.modality
        )
        for name in ("before", "after"):
            found[f"{name}_things"] = scene.tongue.things(str(fact.values[name]), fact.about, scene.modality)
    return found


def _told(fact: Fact, name: str, tongue: Tongue) -> str:
    """A value as texts tell it: sizes with their unit and without a sign, grades by their names."""
    value = fact.values[name]
    if fact.kind == "size_change":
        return f"{abs(value):g}{_UNITS[name]}"
    return tongue.grade(value) if fact.kind == "grade_change" else str(value)


def _place(value: str, text: str) -> int:
    """Where a value stands, whole; -1 if it does not."""
    found = re.search(rf"(?<![\w.]){re.escape(value)}" if value[0].isascii() else re.escape(value), text)
    return found.start() if found else -1


@cache
def _words(language: Language) -> re.Pattern[str]:
    """Every word of change in a language, longest first."""
    answers = read_rules("comparisons", language)["answers"]
    names = sorted({name for kind in CHANGES for name in answers[kind].values()}, key=len, reverse=True)
    parts = "|".join(re.escape(name) for name in names)
    return re.compile(rf"\b(?:{parts})\b" if language == "en" else parts, re.IGNORECASE)


def _fail(conversation: Conversation, reason: str, what: str) -> None:
    raise GroundingError(what, where=f"{conversation.id} ({conversation.template})", reason=f"grounding.{reason}")
