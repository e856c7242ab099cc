"""Gates on values: each side, number and unit is that of a fact given for its sentence, and of the right label."""

import re
from collections.abc import Iterator, Mapping, Sequence

from gmai.convert.checks import Problem
from gmai.convert.guided.clauses import Clause, read_clauses
from gmai.convert.guided.ground import NUMBER_WORDS, Ground
from gmai.convert.guided.replies import Exchange, Sentence, sentences_of
from gmai.convert.guided.wordlists import pattern
from gmai.lexicon import Language
from gmai.types import Fact

SIDES: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:upper|lower|left|right|anterior|posterior|superior|inferior|top|bottom|central|centrally|middle|midline"
        r"|medial|lateral|bilateral|unilateral|proximal|distal|ventral|dorsal|apical|basal|peripheral|above|below"
        r"|behind|beneath|adjacent|beside|near|surrounding|periphery|centr(?:e|er) of the image)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "[左右上下前后][侧方部缘段叶角]?|内侧|外侧|双侧|两侧|单侧|中央|中部|中线|居中|顶部|底部|周边|外周|邻近|附近|旁边|近端|远端"
    ),
}
_NOT_SIDES = {
    "en": re.compile(
        r"\b(?:right answer|as follows above|behind (?:this|the) (?:image|picture|photograph))\b", re.IGNORECASE
    ),
    "zh": re.compile(
        "以上|以下|如下|前者|后者|左右|上述|下列|图上|图像上|画面上|影像上|上可见|上显示|上见|最后|之后|以后|之前|然后|目前|当前|[式型度置面]上"
    ),
}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_UNIT = re.compile(
    r"(?<=\d)\s*(mm²|cm²|mm|cm|µm|um|%|％|percent|per cent|ml|cc|hu|kg|g|years?|months?|days?|inch(?:es)?|pixels?|px"
    r"|millimet(?:er|re)s?|centimet(?:er|re)s?|毫米|厘米|微米|像素|毫升|岁|年|个月|天)(?![A-Za-z])",
    re.IGNORECASE,
)
_LENGTHS = frozenset({"mm", "millimeter", "millimeters", "millimetre", "millimetres", "毫米"})
_WORDS: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS['en'])})\b", re.IGNORECASE),
    "zh": re.compile("(?:[二两三四五六七八九十]+|一|单)(?=[个枚处颗块条把只例片])"),
}
_ONE = {"en": re.compile(r"\b(?:one|only one)\s+(?=[\ue000-\uf8ff])", re.IGNORECASE), "zh": re.compile(r"(?!)")}
_NEUTRAL = re.compile("(?<=[这那该每某同唯])一|一[张幅个次](?=图|影像|照片|方框|区域|轮廓|检查|画面)")


def find_strange_sides(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """A side or quadrant that no given fact has, or that is another label's."""
    for sentence in sentences_of(exchanges):
        facts = ground.given(sentence)
        located = {fact.about: _sides(fact, ground) for fact in facts if fact.kind == "location"}
        own = "\n".join(text for fact in facts if fact.kind == "qa" for text in ground.free_forms(fact))
        free = _side_words(own, ground.language)
        for clause in read_clauses(sentence.text, ground):
            text = _NOT_SIDES[ground.language].sub(lambda match: " " * len(match[0]), clause.text)
            for match in SIDES[ground.language].finditer(text):
                words = _side_words(match.group(), ground.language)
                if words <= free:
                    continue
                owners = _owners(clause, match.start(), set(located))
                if not any(words <= located[label] for label in owners):
                    yield Problem("side", f"the side {match.group()!r} is in no fact given: {sentence.text!r}")


def find_strange_numbers(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """A number, in digits or words, that no given fact has, that is another label's, or that has another unit."""
    for sentence in sentences_of(exchanges):
        facts = ground.given(sentence)
        numbered, free = _numbers_by_label(facts, ground), _free_numbers(facts, ground)
        for clause in read_clauses(sentence.text, ground):
            for place, said, number in _numbers(clause, ground.language):
                owners = _owners(clause, place, set(numbered))
                if not any(number in numbered[label] for label in owners) and number not in free:
                    yield Problem("number", f"the number {said!r} is in no fact given: {sentence.text!r}")
            yield from _strange_units(clause.text, sentence, facts, ground)
        counts = [int(fact.answer) for fact in facts if fact.kind == "count" and fact.answer.isdecimal()]
        found = pattern("vague", ground.language).search(ground.without_known(sentence.text))
        if found and max(counts, default=0) < 2:
            yield Problem("number", f"{found.group()!r} is in no fact given: {sentence.text!r}")
        yield from _wrong_plurals(sentence, ground)


def _wrong_plurals(sentence: Sentence, ground: Ground) -> Iterator[Problem]:
    """A plural of what is there once."""
    for fact in ground.facts:
        if fact.kind == "count" and fact.answer == "1" and ground.language == "en":
            plural = ground.tongue.plural(fact.about, ground.modality)
            same = plural.casefold() == ground.tongue.label(fact.about, ground.modality).casefold()
            if (
                plural
                and not same
                and re.search(rf"(?<!number of )\b{re.escape(plural)}\b", sentence.text, re.IGNORECASE)
            ):
                yield Problem("number", f"{plural!r}, and there is one: {sentence.text!r}")


def _strange_units(text: str, sentence: Sentence, facts: Sequence[Fact], ground: Ground) -> Iterator[Problem]:
    lengths = any(fact.kind == "size" for fact in facts)
    for match in _UNIT.finditer(text):
        unit = match[1].casefold()
        if not (lengths and unit in _LENGTHS) and f"{_last_number(text[: match.start()])} {unit}" not in ground.known:
            yield Problem("unit", f"the unit {match[1]!r} is in no fact given: {sentence.text!r}")


def _last_number(text: str) -> str:
    found: list[str] = _NUMBER.findall(text)
    return found[-1] if found else ""


def _owners(clause: Clause, place: int, labels: set[str]) -> set[str]:
    """Whose value may stand at a place: the labels named next before and next after it; all where none is named."""
    named = [(at, label) for at, label in clause.labels if label in labels]
    before = [label for at, label in named if at < place][-1:]
    after = [label for at, label in named if at > place][:1]
    return {*before, *after} or labels


def _sides(fact: Fact, ground: Ground) -> set[str]:
    return set().union(*(_side_words(form, ground.language) for form in ground.forms(fact)))


def _side_words(text: str, language: Language) -> set[str]:
    if language == "en":
        return {match.casefold() for match in SIDES["en"].findall(text)}
    return set(
        re.findall(
            "[左右上下前后]|内侧|外侧|双侧|两侧|单侧|中央|中部|中线|居中|顶部|底部|周边|外周|邻近|附近|旁边|近端|远端",
            text,
        )
    )


def _numbers(clause: Clause, language: Language) -> Iterator[tuple[int, str, float]]:
    """Where numbers stand in a clause, how they are written, and what they are."""
    text = _NEUTRAL.sub(lambda match: " " * len(match[0]), clause.text)
    for match in _NUMBER.finditer(text):
        yield match.start(), match.group(), float(match.group().replace(",", "."))
    for match in _WORDS[language].finditer(text):
        yield match.start(), match.group(), float(_value(match.group().casefold(), language))
    for match in _ONE[language].finditer(text):
        yield match.start(), match.group().strip(), 1.0


def number_words(text: str, language: Language) -> bool:
    """True if a number stands in a text in words."""
    return _WORDS[language].search(text) is not None


def _value(word: str, language: Language) -> int:
    words = NUMBER_WORDS[language]
    if word in words:
        return words[word]
    tens, _, ones = word.partition("十")
    return (words.get(tens, 1) * 10 if "十" in word else 0) + words.get(ones, 0)


def _numbers_by_label(facts: Sequence[Fact], ground: Ground) -> dict[str, set[float]]:
    found: dict[str, set[float]] = {}
    for fact in facts:
        if fact.kind in ("count", "size"):
            found.setdefault(fact.about, set()).update(_written(ground.forms(fact)))
            if fact.kind == "count" and fact.answer.isdecimal():
                found[fact.about].add(float(fact.answer))
    return found


def _free_numbers(facts: Sequence[Fact], ground: Ground) -> set[float]:
    """Numbers of facts that are no value of a label, such as a grade."""
    return _written([text for fact in facts for text in ground.free_forms(fact)])


def _written(texts: Sequence[str]) -> set[float]:
    return {float(number.replace(",", ".")) for text in texts for number in _NUMBER.findall(text)}
