"""Writes answers from facts as a good model would: true, varied, in sentences of :mod:`english` and :mod:`chinese`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from types import SimpleNamespace
from typing import Any

from spoken import chinese, chinese_more, english, english_more

WORDS = {"en": english, "zh": chinese}
MORE = {
    "en": SimpleNamespace(**vars(english) | vars(english_more)),
    "zh": SimpleNamespace(**vars(chinese) | vars(chinese_more)),
}
"""Other sentences for the same facts; questions and sentences of two facts are as in the first."""
LETTERS = "ABCDEFGHIJ"
MEASURES = ("个", "处", "枚")
SYNONYM_SHARE = 0.15
KINDS = ("modality", "finding", "location", "count", "presence", "size", "grade")


@dataclass(frozen=True)
class Case:
    """Facts that an answer is to be written from, and how it is asked for."""

    facts: Sequence[Any]
    task: str
    tongue: Any
    sample: Any
    level: str = "image"
    target: str = ""
    options: tuple[str, ...] = ()
    modality: str = ""

    @property
    def language(self):
        return self.tongue.language

    def fact(self, name):
        return self.facts[int(name[1:]) - 1]


@dataclass(frozen=True)
class Said:
    """One sentence: the pattern, what stands in its places, the facts it states."""

    pattern: str
    values: dict[str, str]
    facts: tuple[str, ...]
    kind: str
    traits: frozenset[str] = frozenset()

    @property
    def text(self):
        filled = self.pattern.format_map(self.values)
        return filled[:1].upper() + filled[1:]

    def put(self, pattern=None, **values):
        """The same with another pattern or other values."""
        return replace(self, pattern=pattern or self.pattern, values={**self.values, **values})


@dataclass(frozen=True)
class Turn:
    """A question and the sentences that answer it; captions have no question."""

    fact: str
    question: str
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Written:
    """A whole answer."""

    case: Case
    turns: tuple[Turn, ...]
    letter: str = ""
    traits: frozenset[str] = field(default_factory=frozenset)

    @property
    def reply(self) -> dict[str, Any]:
        turns = [
            {
                "fact": turn.fact,
                "question": turn.question,
                "sentences": [{"text": said.text, "facts": list(said.facts)} for said in turn.said],
            }
            for turn in self.turns
        ]
        if self.case.task in ("caption", "region"):
            return {"sentences": turns[0]["sentences"]}
        if self.case.task == "percept":
            return {"question": turns[0]["question"], "letter": self.letter, "sentences": turns[0]["sentences"]}
        return {"turns": turns}

    def sentences(self) -> Iterator[tuple[int, int, Said]]:
        """Every sentence and where it stands."""
        for number, turn in enumerate(self.turns):
            for place, said in enumerate(turn.said):
                yield number, place, said

    def with_sentences(self, number: int, said: Sequence[Said]) -> "Written":
        """The same with other sentences in one turn."""
        turns = list(self.turns)
        turns[number] = replace(turns[number], said=tuple(said))
        return replace(self, turns=tuple(turns))

    def with_said(self, number: int, place: int, said: Said) -> "Written":
        """The same with another sentence at one place."""
        sentences = list(self.turns[number].said)
        sentences[place] = said
        return self.with_sentences(number, sentences)


class Writer:
    """Writes one answer after another, each drawn anew."""

    def __init__(self, case: Case, draw: Random, words: dict[str, Any] = WORDS) -> None:
        self.case = case
        self.draw = draw
        self.words = words[case.language]
        self._used: set[str] = set()

    def write(self) -> Written | None:
        """An answer, or None where nothing can be said by these sentences."""
        known = [name for name in self._names() if self._sayable(name)]
        if self.case.task in ("caption", "region"):
            main = [name for name in known if self.case.fact(name).kind == "finding"]
            main = main or [name for name in known if self.case.fact(name).kind != "modality"] or known
            if not main:
                return None
            chosen = {*main[:1], *(name for name in known[:8] if self.draw.random() < 0.7)}
            turns = (Turn("", "", tuple(self._caption([name for name in known if name in chosen]))),)
        else:
            asked = [self.case.target] if self.case.task == "percept" else known
            if not asked or not set(asked) <= set(known):
                return None
            turns = tuple(Turn(name, self._question(name), (self.sentence(name),)) for name in asked)
        letter = ""
        if self.case.task == "percept" and self.case.options:
            fact = self.case.fact(self.case.target)
            letter = LETTERS[self.case.options.index(self.case.tongue.answer(fact, self.case.modality))]
        traits = frozenset().union(*(said.traits for turn in turns for said in turn.said))
        return Written(self.case, turns, letter, traits)

    def _names(self):
        return [f"f{number}" for number in range(1, len(self.case.facts) + 1)]

    def _sayable(self, name):
        fact = self.case.fact(name)
        counted = fact.kind != "count" or self.case.language == "zh" or self.plural(fact.about)
        return fact.kind in KINDS and bool(counted)

    def _caption(self, names: list[str]) -> Iterator[Said]:
        left = list(names)
        while left:
            name = left.pop(0)
            other = next((each for each in left if self._pair(name, each)), None)
            if other and self.draw.random() < 0.5:
                left.remove(other)
                yield self._joined(name, other)
            else:
                yield self.sentence(name)

    def _pair(self, one: str, two: str) -> bool:
        first, second = self.case.fact(one), self.case.fact(two)
        if (first.kind, second.kind) == ("location", "size"):
            return first.about == second.about
        return (first.kind, second.kind, first.answer, second.answer) == ("presence", "presence", "yes", "no")

    def _joined(self, one: str, two: str) -> Said:
        first, second = self.sentence(one), self.sentence(two)
        name = "LOCATION_SIZE" if first.kind == "location" else "PRESENT_ABSENT"
        values = {**second.values, **first.values, "other": second.values["label"]}
        for length in ("mm", "cm"):
            if length in second.values:
                values[length] = second.values[length]
        pattern = self._pattern(getattr(self.words, name))
        kind = "location+size" if first.kind == "location" else "present+absent"
        return Said(pattern, values, (one, two), kind, self._traits(pattern, kind) | first.traits | second.traits)

    def sentence(self, name: str) -> Said:
        """A sentence that states a fact."""
        fact = self.case.fact(name)
        kind = {"yes": "present", "no": "absent"}.get(fact.answer, "") if fact.kind == "presence" else fact.kind
        values, traits = self.values(fact)
        pattern = self._pattern(self._patterns(kind, fact))
        return Said(pattern, values, (name,), kind, self._traits(pattern, kind) | traits)

    def _patterns(self, kind: str, fact: Any) -> Sequence[str]:
        if kind == "finding" and self.case.level != "image":
            return self.words.REGION
        if kind == "count":
            patterns = self.words.COUNT_ONE if fact.answer == "1" else self.words.COUNT
            most = len(self.words.NUMBERS)
            return [one for one in patterns if int(fact.answer) < most or "ords}" not in one]
        return getattr(self.words, kind.upper())

    def _pattern(self, patterns: Sequence[str]) -> str:
        fresh = [pattern for pattern in patterns if pattern not in self._used] or list(patterns)
        pattern = self.draw.choice(fresh)
        self._used.add(pattern)
        return pattern

    def _traits(self, pattern: str, kind: str) -> frozenset[str]:
        found = {kind}
        found |= {"number in words"} if "ords}" in pattern else set()
        found |= {"centimetres"} if "{cm}" in pattern else set()
        found |= {"negation"} if "absent" in kind else set()
        found |= {"two facts in one"} if "+" in kind else set()
        passive = re.search(r"\b(?:is|was|are|were|been) \w+(?:ed|n|wn|id|nd)\b|被", pattern)
        return frozenset(found | ({"passive"} if passive else set()))

    def values(self, fact: Any) -> tuple[dict[str, str], frozenset[str]]:
        """What stands in the places of sentences about a fact."""
        case = self.case
        about = fact.about if fact.kind in ("location", "count", "presence", "size") else ""
        label = about or (fact.answer if fact.kind == "finding" else "")
        values = {"modality": case.tongue.modality(case.modality), "measure": self.draw.choice(MEASURES)}
        traits: set[str] = set()
        if label:
            values |= self.called(label)
            synonyms = self.words.SYNONYMS.get(values["label"])
            if synonyms and self.draw.random() < SYNONYM_SHARE:
                values |= self._synonym(synonyms)
                traits.add("synonym")
        if fact.kind == "location":
            said = case.tongue.said(fact, case.modality)
            values["place"] = said.replace("-", self.draw.choice("- ")) if case.language == "en" else said
        if fact.kind == "count":
            values |= self.number(int(fact.answer))
        if fact.kind == "size":
            values |= self.length(fact.values["mm"], case.tongue.said(fact, case.modality))
        if fact.kind == "grade":
            values["grade"] = case.tongue.said(fact, case.modality)
        return values, frozenset(traits)

    def plural(self, label: str) -> str:
        """The plural of a label; in Chinese its name."""
        tongue = self.case.tongue
        return tongue.plural(label, self.case.modality) if tongue.language == "en" else tongue.label(label)

    def called(self, label: str) -> dict[str, str]:
        """The ways to write a label."""
        tongue, modality = self.case.tongue, self.case.modality
        name, article = tongue.label(label, modality), tongue.with_article(label, modality)
        plural = self.plural(label) or name
        return {"label": name, "Label": _upper(name), "labels": plural, "a": article, "A": _upper(article)}

    def _synonym(self, synonyms: Sequence[str]) -> dict[str, str]:
        if self.case.language == "zh":
            name = self.draw.choice(synonyms)
            return {"label": name, "Label": name, "labels": name, "a": name, "A": name}
        one, many = synonyms
        article = f"{'an' if one[0] in 'aeiou' else 'a'} {one}"
        return {"label": one, "Label": _upper(one), "labels": many, "a": article, "A": _upper(article)}

    def number(self, number: int) -> dict[str, str]:
        """A number in digits and words."""
        words = self.words.NUMBERS[number] if number < len(self.words.NUMBERS) else str(number)
        return {"n": str(number), "words": words, "Words": _upper(words)}

    def length(self, mm: float, size: str) -> dict[str, str]:
        """A length in both units, and its class."""
        return {"mm": f"{mm:g}", "cm": f"{round(mm / 10, 3):g}", "class": size}

    def _question(self, name: str) -> str:
        fact = self.case.fact(name)
        kind = "region" if fact.kind == "finding" and self.case.level != "image" else fact.kind
        about = self.called(fact.about) if fact.kind in ("location", "count", "presence", "size") else {}
        return self._pattern(self.words.QUESTIONS[kind]).format_map({**about, "measure": self.draw.choice(MEASURES)})


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
