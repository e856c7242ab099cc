"""After filling: what a text says must be what its facts say, in its language. What fails is left out and counted."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from gmai.annotations import UNNAMED_MODALITIES
from gmai.base import find_boxes, replace_boxes
from gmai.convert.tongue import HAN, Tongue
from gmai.errors import CardError, GmaiError
from gmai.lexicon import Language
from gmai.types import Box, Conversation, Fact, Label, MaskRef, Polygon, Sample

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SENTENCE = {"en": re.compile(r"(?<=[.?!])\s+"), "zh": re.compile(r"(?<=[。？！；])")}
_ABSENT = {
    "en": re.compile(r"\b(absent|absence|no|not|without)\b", re.IGNORECASE),
    "zh": re.compile("没有|未见|未显示|未发现|不存在|不显示|无|否"),
}
_REPLY = {
    "en": {"yes": re.compile(r"yes\b", re.IGNORECASE), "no": re.compile(r"no\b", re.IGNORECASE)},
    "zh": {"yes": re.compile(r"是(?=[，。]|$)"), "no": re.compile(r"否(?=[，。]|$)")},
}
_SIDES = {
    "en": re.compile(r"\b(?:upper|lower|left|right|anterior|posterior|superior|inferior)\b", re.IGNORECASE),
    "zh": re.compile("[左右][上下前后]|[上下前后][左右]|[前后][上下]|[上下][前后]|左|右"),
}
_PROSE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
_LABELLED = ("finding", "region", "grade")


class GroundingError(GmaiError):
    """A conversation says something that its facts do not say, or keeps quiet about one."""

    default_reason = "grounding"


class Problem(NamedTuple):
    """What is wrong with a text."""

    reason: str
    detail: str


def check_grounded(conversation: Conversation, sample: Sample, literal: str, tongue: Tongue) -> None:
    """Check a conversation against its facts.

    Args:
        conversation: the filled conversation.
        sample: the sample it is about.
        literal: the templates' own words, in which a label's name may occur by chance.
        tongue: the names in the conversation's language.

    Raises:
        GroundingError: the first problem found, with its reason.
    """
    for problem in find_problems(conversation, sample, literal, tongue):
        where = f"{conversation.id} ({conversation.template})"
        raise GroundingError(problem.detail, where=where, reason=f"grounding.{problem.reason}")


def find_problems(conversation: Conversation, sample: Sample, literal: str, tongue: Tongue) -> Iterator[Problem]:
    """Everything that a text says and its facts do not, and every fact that it keeps quiet about.

    Reasons: ``unstated`` a fact that is not stated; ``number``, ``box``, ``side``, ``label`` one that is in no fact;
    ``denied`` a finding said to be absent that is not; ``option`` an answer that is not once among its options;
    ``language`` text in another language. Reports as written are not read.
    """
    if any(fact.kind == "report" for fact in conversation.facts):
        return
    said = "\n".join(turn.text for turn in conversation.turns)
    answered = tongue.gap.join(turn.text for turn in conversation.turns if turn.role == "assistant")
    known = _known_texts(conversation, tongue)
    yield from _unstated(conversation, answered, tongue)
    yield from _strange_numbers(conversation, said, known)
    yield from _strange_boxes(conversation, said)
    yield from _strange_sides(tongue.language, answered, [*known, literal])
    yield from _strange_labels(sample, answered, literal, known, tongue)
    yield from _denied(conversation, answered, tongue)
    if conversation.options and conversation.options.count(conversation.answer) != 1:
        yield Problem("option", f"the answer {conversation.answer!r} is not once among {conversation.options}")
    yield from _strange_language(tongue.language, said, [*known, *conversation.options])


def _unstated(conversation: Conversation, answered: str, tongue: Tongue) -> Iterator[Problem]:
    for fact in conversation.facts:
        if fact.kind == "presence":
            told = _tells_presence(fact, answered, tongue, _modality(conversation))
        else:
            told = any(holds(answered, form) for form in _forms(fact, tongue, _modality(conversation)))
        if not told:
            yield Problem("unstated", f"the fact {fact.kind} = {fact.answer!r} is not stated in {answered!r}")


def _tells_presence(fact: Fact, answered: str, tongue: Tongue, modality: str) -> bool:
    """True if the reply is yes or no as the fact says, or a sentence says what is present or absent."""
    names = [name for name in (tongue.plural(fact.about, modality), tongue.label(fact.about, modality)) if name]
    for sentence in _SENTENCE[tongue.language].split(answered):
        if _REPLY[tongue.language][fact.answer].match(sentence):
            return True
        rest = sentence
        for name in names:
            rest = whole(name).sub("", rest)
        denied = bool(_ABSENT[tongue.language].search(rest))
        if rest != sentence and (fact.answer == "no") == denied:
            return True
    return False


def _strange_numbers(conversation: Conversation, said: str, known: Sequence[str]) -> Iterator[Problem]:
    numbers = set(_NUMBER.findall(said))
    if numbers:
        for number in sorted(numbers - set(_NUMBER.findall(" ".join([*known, *conversation.options])))):
            yield Problem("number", f"the number {number} is in no fact: {said!r}")


def _strange_boxes(conversation: Conversation, said: str) -> Iterator[Problem]:
    if "<box>" in said:
        known = {tuple(box) for fact in conversation.facts for box in fact.values.get("boxes", ())}
        for box in (box for boxes in find_boxes(said) for box in boxes):
            if box not in known:
                yield Problem("box", f"the box {box} is in no fact: {said!r}")


def _strange_sides(language: Language, answered: str, known: Sequence[str]) -> Iterator[Problem]:
    sides = {side.casefold() for side in _SIDES[language].findall(answered)}
    if sides:
        for side in sorted(sides - {side.casefold() for side in _SIDES[language].findall("\n".join(known))}):
            yield Problem("side", f"the side {side!r} is in no fact: {answered!r}")


def _strange_labels(
    sample: Sample, answered: str, literal: str, known: Sequence[str], tongue: Tongue
) -> Iterator[Problem]:
    names = _label_names(sample, tongue)
    if names is None:
        return
    for label in sorted({found.casefold() for found in names.findall(answered)}):
        if not holds(literal, label) and not any(holds(text, label) for text in known):
            yield Problem("label", f"the label {label!r} is in no fact: {answered!r}")


def _denied(conversation: Conversation, answered: str, tongue: Tongue) -> Iterator[Problem]:
    modality = _modality(conversation)
    absent = _ABSENT[tongue.language]
    if not absent.search(answered):
        return
    there = {tongue.said(fact, modality) for fact in conversation.facts if fact.kind in _LABELLED}
    there |= {tongue.label(fact.about, modality) for fact in conversation.facts if _is_there(fact)}
    gone = [tongue.label(f.about, modality) for f in conversation.facts if f.kind == "presence" and f.answer == "no"]
    for sentence in _SENTENCE[tongue.language].split(answered):
        rest = sentence
        for name in sorted({*there, *gone}, key=len, reverse=True):
            rest = whole(name).sub("", rest)
        if absent.search(rest) and not any(holds(sentence, name) for name in gone):
            for name in sorted(there):
                if holds(sentence, name):
                    yield Problem("denied", f"{name!r} is there, and is denied: {sentence!r}")


def _is_there(fact: Fact) -> bool:
    return fact.kind in ("count", "location", "size") or (fact.kind == "presence" and fact.answer == "yes")


def _strange_language(language: Language, said: str, known: Sequence[str]) -> Iterator[Problem]:
    text = replace_boxes(said, lambda boxes: "") if "<box>" in said else said
    if language == "en":
        if not text.isascii() and HAN.search(text):
            yield Problem("language", f"Chinese in an English text: {said!r}")
        return
    for name in sorted(known, key=len, reverse=True):
        if name.isascii() and " " in name:
            text = text.replace(name, "")
    if _PROSE.search(text) or not HAN.search(text):
        yield Problem("language", f"no Chinese text: {said!r}")


def _known_texts(conversation: Conversation, tongue: Tongue) -> list[str]:
    modality = _modality(conversation)
    known = [conversation.modality, tongue.modality(modality)]
    for fact in conversation.facts:
        known += _forms(fact, tongue, modality)
        known += [str(value) for value in fact.values.values()]
        if fact.about and fact.kind != "region":
            known += [fact.about, tongue.label(fact.about, modality)]
            if fact.kind == "count":
                known.append(tongue.things(fact.answer, fact.about, modality))
            if fact.kind == "count_change":
                known += [tongue.things(str(number), fact.about, modality) for number in fact.values.values()]
        if fact.kind == "grade_change":
            known += [tongue.grade(name) for name in fact.values.values()]
    return known


def _forms(fact: Fact, tongue: Tongue, modality: str) -> list[str]:
    """The ways a fact's answer may be written."""
    return [tongue.answer(fact, modality), tongue.said(fact, modality)]


def _modality(conversation: Conversation) -> str:
    return "" if conversation.modality in UNNAMED_MODALITIES else conversation.modality


def _label_names(sample: Sample, tongue: Tongue) -> re.Pattern[str] | None:
    """One pattern for every name that the source's labels have in this language, longest first."""
    key = (tuple(sample.classes.items()), frozenset(_annotated(sample)), sample.modality)
    if key not in tongue.patterns:
        names: set[str] = set()
        for label in {name for pool in sample.classes.values() for name in pool} | _annotated(sample):
            try:
                names |= {tongue.label(label, sample.modality), tongue.plural(label, sample.modality)} - {""}
            except CardError:
                continue
        parts = [_bounded(name) for name in sorted(names, key=lambda name: (-len(name), name))]
        tongue.patterns[key] = re.compile("|".join(parts), re.IGNORECASE) if parts else None
    return tongue.patterns[key]


def _annotated(sample: Sample) -> set[str]:
    names = {item.name for item in sample.annotations if isinstance(item, Label)}
    return names | {item.label for item in sample.annotations if isinstance(item, Box | Polygon | MaskRef)}


def holds(text: str, words: str) -> bool:
    """True if the words occur in the text, whole and in whatever case."""
    return words.casefold() in text.casefold() and whole(words).search(text) is not None


@lru_cache(maxsize=8192)
def whole(words: str) -> re.Pattern[str]:
    """A pattern of words that stand alone."""
    return re.compile(_bounded(words), re.IGNORECASE)


def _bounded(words: str) -> str:
    """A pattern of words that stand alone: no letter or digit of a script with spaces goes on beside them."""
    before = r"(?<![^\W\u3400-\u9fff])" if words[:1].isascii() else ""
    after = r"(?![^\W\u3400-\u9fff])" if words[-1:].isascii() else ""
    return f"{before}{re.escape(words)}{after}"
