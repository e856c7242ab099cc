"""Sentences with places to fill: read from the rule files, drawn by hash, filled from facts only."""

import string
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from gmai.base import hash_unit
from gmai.types import Fact, record

ENGINE = "rules-1"
"""Name and version of the engine, kept with every conversation; it changes when the same facts give other words."""


@record
class Written:
    """A filled text, the name of its template, and the template's own words."""

    text: str
    template: str
    literal: str


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
    text = wording.format_map(values)
    return Written(text=_capital(text), template=name, literal=literal_words(wording))


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


def state(fact: Fact, most: int | None, *seed: object, reply: bool = False) -> Written:
    """One sentence that states a fact; as a reply it may begin with yes or no."""
    rules = read_rules("statements")
    variant = _variant(fact)
    known = rules["replies"] if reply and variant in rules["replies"] else rules["statements"]
    wordings = known.get(variant) or known["any"]
    name = f"{'reply' if known is rules['replies'] else 'statement'}.{variant}.{fact.view.granularity}"
    drawn = draw(wordings[fact.view.granularity], name, most, *seed)
    values = {"answer": fact.answer, "about": fact.about, "kind": fact.kind.replace("_", " ")}
    return fill(drawn, values)


@cache
def read_rules(name: str) -> dict[str, Any]:
    """Read one of the rule files that ship with the package."""
    text = (files("gmai.convert") / "rules" / f"{name}.yaml").read_text(encoding="utf-8")
    rules: dict[str, Any] = yaml.safe_load(text)
    return rules


def _variant(fact: Fact) -> str:
    if fact.kind == "presence":
        return f"presence_{fact.answer}"
    if fact.kind == "count" and fact.answer == "1":
        return "count_one"
    return fact.kind


def _capital(text: str) -> str:
    first = text.split(maxsplit=1)[0]
    return text[0].upper() + text[1:] if first.islower() else text
