"""Reads what is said of two pictures of a subject, and holds each word of change and number against both annotations.

It works out for itself what changed, from the regions and labels as measured in ``sample_truth``, and knows nothing of
the templates.
"""

import re

from reader import HAN, OPTION, Reading, Words
from sample_truth import Truth

from gmai.types import Conversation, Label

MEANINGS = {
    "en": {
        "size": {"larger": 1, "smaller": -1, "unchanged": 0},
        "count": {"more": 1, "fewer": -1, "as many": 0},
        "grade": {"higher": 1, "lower": -1, "the same": 0},
        "presence": {"new": (0, 1), "no longer present": (1, 0), "present in both": (1, 1), "absent in both": (0, 0)},
        "course": {"improving": "improving", "stable": "stable", "worsening": "worsening"},
    },
    "zh": {
        "size": {"增大": 1, "缩小": -1, "大小无变化": 0},
        "count": {"增多": 1, "减少": -1, "数目相同": 0},
        "grade": {"升高": 1, "降低": -1, "维持原级": 0},
        "presence": {"新出现": (0, 1), "已消失": (1, 0), "两次均可见": (1, 1), "两次均未见": (0, 0)},
        "course": {"好转": "improving", "稳定": "stable", "恶化": "worsening"},
    },
}
ORDER = {"en": re.compile(r"first|earlier"), "zh": re.compile("第一张|较早")}
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def read_comparison(talk: Conversation, earlier: Truth, later: Truth, words: Words) -> Reading:
    """What a comparison turned out to say; of one sample with two pictures both truths are its own."""
    reading = Reading(talk, later, words)
    turns = [turn.text for turn in talk.turns]
    reading.hold(talk.prior != talk.sample and talk.sample == later.sample.id, "not about this sample")
    if earlier is not later:
        same = (earlier.sample.source, earlier.sample.subject) == (later.sample.source, later.sample.subject)
        times = earlier.sample.visit, later.sample.visit
        reading.hold(same and None not in times and times[0] < times[1], f"no order of one subject: {times}")
        reading.hold(talk.prior == earlier.sample.id, "compared with another sample")
    reading.hold(bool(ORDER[talk.language].search(turns[0])), "nobody says which picture is the earlier one")
    for question, reply in zip(turns[::2], turns[1::2], strict=True):
        for text in (question, reply):
            if bool(HAN.search(text)) != words.chinese:
                reading.wrong(f"not in its language: {text!r}")
        stem = question.split("\n")[0]
        said = find_meanings(reply, talk.language)
        if len(said) != 1:
            reading.wrong(f"{len(said)} words of change in {reply!r}")
            continue
        label = next(iter([*words.split(reply)[0], *words.split(stem)[0]]), None)
        CHECKS[said[0][0]](reading, earlier, reply, label, said[0][1])
        lines = [text for _, text in OPTION.findall(question)]
        if lines:
            reading.hold(lines.count(reply) == 1 and tuple(lines) == talk.options, f"{reply!r} among {lines}")
    return reading


def find_meanings(text: str, language: str) -> list[tuple[str, object]]:
    found = []
    rest = text
    told = {word: (kind, value) for kind, all_ in MEANINGS[language].items() for word, value in all_.items()}
    for word in sorted(told, key=len, reverse=True):
        pattern = rf"\b{word}\b" if language == "en" else word
        if re.search(pattern, rest):
            rest = re.sub(pattern, " ", rest)
            found.append(told[word])
    return found


def size(reading: Reading, earlier: Truth, reply: str, label: str | None, said: object) -> None:
    seen = [truth.of(label or "") for truth in (earlier, reading.truth)]
    if [len(each) for each in seen] != [1, 1] or None in (lengths := [each[0].diameter_mm for each in seen]):
        reading.hold(False, f"the sizes of {label} are not known in both")
        return
    before, after = lengths
    share = (after - before) / before
    right = {1: share > 0.19, -1: share < -0.19, 0: abs(share) < 0.11}[said]
    reading.hold(right, f"{reply!r} of {label}, {before:.2f} mm and then {after:.2f} mm")
    numbers = [float(number) for number in NUMBER.findall(reply)]
    if numbers:
        lengths_said = [float(number) for number in re.findall(r"(\d+(?:\.\d+)?) mm", reply)]
        in_order = all(abs(one - other) <= 0.06 for one, other in zip(lengths_said[:2], lengths, strict=True))
        reading.hold(in_order, f"{lengths_said} mm are not {before:.2f} and {after:.2f}")
        for number in lengths_said[2:]:
            reading.hold(abs(number - abs(after - before)) <= 0.11, f"a difference of {number} mm")
        for number in (float(text) for text in re.findall(r"(\d+(?:\.\d+)?) %", reply)):
            reading.hold(abs(number - abs(100 * share)) <= 100 * 0.11 / before, f"a difference of {number} %")
        if len(lengths_said) + len(re.findall("%", reply)) != len(numbers):
            reading.wrong(f"a number that is no size in {reply!r}")


def count(reading: Reading, earlier: Truth, reply: str, label: str | None, said: object) -> None:
    before, after = (len(truth.of(label or "")) for truth in (earlier, reading.truth))
    reading.hold(before > 0 and after > 0, f"{label} is not counted in both")
    reading.hold((after > before) - (after < before) == said, f"{reply!r} of {before} and then {after} {label}")
    numbers = [int(number) for number in NUMBER.findall(reply)]
    reading.hold(not numbers or numbers == [before, after], f"{numbers} are not {before} and {after}")


def grade(reading: Reading, earlier: Truth, reply: str, label: str | None, said: object) -> None:
    order = reading.truth.sample.classes["grade"]
    grades = [graded(truth) for truth in (earlier, reading.truth)]
    step = order.index(grades[1]) - order.index(grades[0])
    reading.hold((step > 0) - (step < 0) == said, f"{reply!r} of the grades {grades}")
    named = reading.words.split(reply)[0]
    reading.hold(not named or named == grades, f"{named} are not {grades}")


def graded(truth: Truth) -> str:
    (name,) = {item.name for item in truth.sample.annotations if isinstance(item, Label) and item.task == "grade"}
    return name


def presence(reading: Reading, earlier: Truth, reply: str, label: str | None, said: object) -> None:
    reading.hold(label in earlier.known | reading.truth.known, f"nobody asked for {label}")
    here = tuple(int(label in truth.present) for truth in (earlier, reading.truth))
    reading.hold(here == said, f"{reply!r} of {label}, which is there {here}")


def course(reading: Reading, earlier: Truth, reply: str, label: str | None, said: object) -> None:
    labels = [item for item in reading.truth.sample.annotations if isinstance(item, Label) and item.name == said]
    kinds = [item.task.replace("_", " ") for item in labels]
    reading.hold(f"{label} progression" in kinds, f"{reply!r}, where the source says {kinds}")
    reading.hold(len(reading.truth.sample.images) == 2, "not two pictures")


CHECKS = {"size": size, "count": count, "grade": grade, "presence": presence, "course": course}
