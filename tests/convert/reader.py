"""Reads a conversation back and holds every number, side, count, label and box in it against the annotations.

It knows the schema of annotations and the two languages, and nothing of the templates: a reply in which it finds
nothing to hold against anything is a problem too.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from sample_truth import Truth

from gmai.types import Conversation

BOX = re.compile(r"<box>(.*?)</box>")
FOUR = re.compile(r"\[(\d+), (\d+), (\d+), (\d+)\]")
OPTION = re.compile(r"^([A-Z])[.．]\s?(.*)$", re.MULTILINE)
HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Words:
    """What a language calls things."""

    labels: dict[str, str]
    """Name in lower case to the label; also of findings that the source does not know, which nobody may mention."""
    modalities: dict[str, str]
    sides: re.Pattern[str]
    quadrants: dict[str, str]
    left_over: re.Pattern[str]
    absent: re.Pattern[str]
    yes: re.Pattern[str]
    no: re.Pattern[str]
    sentence: re.Pattern[str]
    size: re.Pattern[str]
    chinese: bool
    bounds: tuple[str, str]

    def split(self, text: str) -> tuple[list[str], list[str], str]:
        """The labels and the modalities named in a text, longer names first, and what is left of it."""
        lower = text.lower()
        there = tuple(name for name in {**self.labels, **self.modalities} if name in lower)
        names = pattern(there, self.bounds)
        found = [name.lower() for name in names.findall(text)]
        labels = [self.labels[name] for name in found if name in self.labels]
        return labels, [self.modalities[name] for name in found if name not in self.labels], names.sub(" ", text)


@lru_cache(maxsize=4096)
def pattern(names: tuple[str, ...], bounds: tuple[str, str]) -> re.Pattern[str]:
    first, last = bounds
    parts = [
        f"{first if name[0].isascii() else ''}{re.escape(name)}{last if name[-1].isascii() else ''}"
        for name in sorted(names, key=len, reverse=True)
    ]
    return re.compile("|".join(parts) or "(?!)", re.IGNORECASE)


@dataclass
class Reading:
    """What one conversation turned out to say."""

    talk: Conversation
    truth: Truth
    words: Words
    problems: list[str] = field(default_factory=list)
    items: int = 0

    def wrong(self, what: str) -> None:
        self.problems.append(f"{self.talk.id}: {what}")

    def hold(self, right: bool, what: str) -> None:
        self.items += 1
        if not right:
            self.wrong(what)


def read(talk: Conversation, truth: Truth, words: Words) -> Reading:
    reading = Reading(talk, truth, words)
    turns = [turn.text for turn in talk.turns]
    if talk.kind in ("qa", "dialogue", "report"):
        said = turns[1:] if talk.kind == "report" else turns
        for text in said:
            reading.hold(any(text == one or text.startswith(one) for one in truth.written), f"not as written: {text!r}")
        return reading
    for question, reply in zip(turns[::2], turns[1::2], strict=True):
        before = reading.items
        stem = question.split("\n")[0]
        language(reading, stem, asked=True)
        about = words.split(BOX.sub(" ", stem))[0]
        boxed = [box for mark in BOX.findall(stem) for box in FOUR.findall(mark)]
        for sentence in [part for part in words.sentence.split(reply) if part.strip()]:
            read_sentence(reading, sentence, about, boxed)
        options(reading, question, reply)
        if reading.items == before:
            reading.wrong(f"nothing to hold against the annotations in {reply!r}")
    return reading


def read_sentence(reading: Reading, text: str, asked: list[str], boxed: list) -> None:
    truth, words, talk = reading.truth, reading.words, reading.talk
    language(reading, text, asked=False)
    given = truth.numbers
    for name, value in given.items():
        if value in text and talk.kind == "measurement":
            reading.hold(name in talk.turns[0].text or name in text, f"{value} is not of what was asked")
            text = text.replace(value, " ").replace(name, " ")
    text, labels = read_boxes(reading, text, asked)
    found, modalities, rest = words.split(text)
    about = (found or asked)[0] if (found or asked) else None
    for modality in modalities:
        reading.hold(modality == truth.sample.modality, f"the modality is not {modality}")
    rest = read_sizes(reading, rest, about)
    rest = read_sides(reading, rest, about)
    for number in re.findall(r"\d+(?:\.\d+)?", rest):
        reading.hold(about is not None and number == str(len(truth.of(about))), f"{number} of {about} in {text!r}")
    denied = bool(words.absent.search(rest))
    if not found and not labels and (words.yes.match(text) or words.no.match(text)):
        for label in asked[:1]:
            reading.hold((label in truth.present) == bool(words.yes.match(text)), f"{text!r} of {label}")
    for label in found:
        here = shown(reading)
        reading.hold((label not in truth.present) if denied else (label in here), f"{label!r} in {text!r}")
        if boxed and not denied:
            places = [seen for seen in truth.of(label) if any(near(seen.box, box) for box in boxed)]
            reading.hold(bool(places), f"the box {boxed} holds no {label}")


def shown(reading: Reading) -> set[str]:
    """The labels that may be said to be there: of a drawn view, its own."""
    if reading.talk.view.regions:
        return {reading.truth.regions[position].label for position in reading.talk.view.regions}
    return reading.truth.present


def read_boxes(reading: Reading, text: str, asked: list[str]) -> tuple[str, bool]:
    marks = BOX.findall(text)
    label = (reading.words.split(BOX.sub(" ", text))[0] or asked or [None])[0]
    for mark in marks:
        boxes, places = FOUR.findall(mark), reading.truth.of(label or "")
        reading.hold(len(boxes) == len(places), f"{len(boxes)} boxes of {len(places)} {label}")
        for box in boxes:
            reading.hold(any(near(seen.box, box) for seen in places), f"no {label} at {box}")
    return BOX.sub(" ", text), bool(marks)


def near(box: tuple[float, ...], said: tuple[str, ...]) -> bool:
    return all(abs(edge - int(other)) <= 1 for edge, other in zip(box, said, strict=True))


def read_sizes(reading: Reading, text: str, about: str | None) -> str:
    for found in reading.words.size.finditer(text):
        places = reading.truth.of(about or "")
        length = places[0].diameter_mm if len(places) == 1 else None
        under, over, low, high, exact = (found[name] for name in ("under", "over", "low", "high", "exact"))
        right = length is not None and (
            (under and length < float(under))
            or (over and length > float(over))
            or (low and float(low) <= length <= float(high))
            or (exact and abs(length - float(exact)) <= 0.06)
        )
        reading.hold(bool(right), f"{found[0]!r} of {about}, which measures {length}")
    return reading.words.size.sub(" ", text)


def read_sides(reading: Reading, text: str, about: str | None) -> str:
    words = reading.words
    for found in words.sides.findall(text):
        side = words.quadrants.get(found.lower(), found.lower().replace("-", " "))
        one = about is not None and len(reading.truth.of(about)) == 1
        reading.hold(one and side in reading.truth.quadrants(about), f"{found!r} of {about}")
    rest = words.sides.sub(" ", text)
    if words.left_over.search(rest):
        reading.wrong(f"a side that is no quadrant in {text!r}")
    return rest


def options(reading: Reading, question: str, reply: str) -> None:
    lines = [text for _, text in OPTION.findall(question)]
    if not lines:
        return
    reading.hold(lines.count(reply) == 1, f"{reply!r} is not once among {lines}")
    reading.hold(tuple(lines) == reading.talk.options, "the options shown are not those kept")
    if reading.talk.kind == "finding":
        for other in lines:
            label = reading.words.labels.get(other.lower())
            reading.hold(other == reply or label not in shown(reading), f"the wrong option {other!r} is right")


def language(reading: Reading, text: str, asked: bool) -> None:
    words = reading.words
    bare = words.size.sub(" ", words.split(BOX.sub(" ", text))[2])
    for name, value in reading.truth.numbers.items():
        bare = bare.replace(value, " ").replace(name, " ")
    if words.chinese:
        foreign = re.search(r"[A-Za-z]{2,}", bare) or (asked and not HAN.search(text))
    else:
        foreign = HAN.search(text)
    if foreign or reading.talk.language != ("zh" if words.chinese else "en"):
        reading.wrong(f"not in its language: {text!r}")
