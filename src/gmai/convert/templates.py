"""Sentences with places to fill: drawn by hash, filled from facts only, in one language."""

import string
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from gmai.base import hash_unit
from gmai.convert.rulebook import read_rules
from gmai.convert.tongue import Tongue
from gmai.lexicon import article
from gmai.types import Fact, record

ENGINE = "rules-2"
"""Name and version of the engine, kept with every conversation; it changes when the same facts give other words."""


@record
class Written:
    """A filled text, the name of its template, and the template's own words."""

    text: str
    template: str
    literal: str


class Places(dict[str, str]):
    """What stands in the places of a wording; names are looked up only where a wording has their place."""

    def __init__(self, values: Mapping[str, str], later: Mapping[str, Callable[[], str]]) -> None:
        super().__init__(values)
        self._later = later

    def __missing__(self, place: str) -> str:
        self[place] = self._later[place]()
        return self[place]


def draw(choices: Sequence[str], name: str, most: int | None, *seed: object) -> tuple[str, str]:
    """Draw one of the first ``most`` wordings by hash; returns its full name and the wording."""
    number = int(hash_unit(name, *seed) * len(choices[:most]))
    return f"{name}.{number}", choices[number]


def fill(template: tuple[str, str], values: Mapping[str, str]) -> Written:
    """Fill a drawn wording; the first letter becomes a capital where the sentence begins with a lower-case word.

    Raises:
        KeyError: the wording has a place that ``values`` does not have: a mistake in a rule file.
    """
    name, wording = template
    literal = literal_words(wording)
    if "{noun}" in wording:
        literal = f"{literal} {values['noun']}"
    return Written(text=_capital(wording.format_map(values)), template=name, literal=literal)


@lru_cache(maxsize=4096)
def literal_words(wording: str) -> str:
    """The words of a wording without its places."""
    return " ".join(part[0].strip() for part in string.Formatter().parse(wording) if part[0].strip())


def join(sentences: Sequence[Written], between: str = " ") -> Written:
    """String filled sentences together."""
    return Written(
        text=between.join(sentence.text for sentence in sentences),
        template="+".join(sentence.template for sentence in sentences),
        literal=" ".join(sentence.literal for sentence in sentences),
    )


def places(fact: Fact, tongue: Tongue, modality: str) -> Places:
    """What a fact can fill in; ``modality`` is empty where it is not known."""
    labelled = fact.kind in ("finding", "region")

    def a_answer() -> str:
        if fact.kind == "modality" and tongue.language == "en":
            return _a(fact.answer)
        return tongue.with_article(fact.answer, modality) if labelled else tongue.said(fact, modality)

    later: dict[str, Callable[[], str]] = {
        "answer": lambda: tongue.said(fact, modality),
        "a_answer": a_answer,
        "about": lambda: tongue.label(fact.about, modality),
        "a_about": lambda: tongue.with_article(fact.about, modality),
        "label": lambda: tongue.label(fact.about, modality),
        "things": lambda: tongue.things(fact.answer, fact.about, modality),
        "finding": lambda: tongue.said(fact, modality),
        "a_finding": a_answer,
        "modality": lambda: tongue.modality(modality),
        "a_modality": lambda: _a(tongue.modality(modality)) if tongue.language == "en" else tongue.modality(modality),
        "noun": lambda: tongue.noun(fact.task),
        "kind": lambda: tongue.kind(fact.kind),
    }
    return Places({}, later)


def state(fact: Fact, tongue: Tongue, modality: str, most: int | None, *seed: object, reply: bool = False) -> Written:
    """One sentence that states a fact; as a reply it may begin with yes or no."""
    variant, level = _variant(fact), fact.view.granularity
    group, wordings = _wordings(tongue, variant, level, fact.task, reply)
    drawn = draw(wordings, f"{group}.{variant}.{level}", most, *seed)
    return fill(drawn, places(fact, tongue, modality))


def _wordings(tongue: Tongue, variant: str, level: str, task: str, reply: bool) -> tuple[str, Sequence[str]]:
    rules = read_rules("statements", tongue.language)
    group = "replies" if reply and variant in rules["replies"] else "statements"
    own = rules[group].get(variant)
    also: Sequence[str] = rules["by_task"].get(task, {}).get(variant, {}).get(level, ())
    wordings = (own or rules[group]["any"])[level]
    if not also:
        return ("reply" if group == "replies" else "statement"), wordings
    return f"statement.{task}", [*wordings, *also]


def _variant(fact: Fact) -> str:
    if fact.kind == "presence":
        return f"presence_{fact.answer}"
    if fact.kind == "count" and fact.answer == "1":
        return "count_one"
    return fact.kind


def _a(name: str) -> str:
    return f"{article(name)} {name}"


def _capital(text: str) -> str:
    first = text.split(maxsplit=1)[0]
    return text[0].upper() + text[1:] if first.islower() else text
