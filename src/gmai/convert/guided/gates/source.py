"""The gate on a source's own text in other words: the same answer, no number, denial or name added or lost."""

import re
from collections.abc import Iterator, Sequence

from gmai.convert.checks import Problem, holds
from gmai.convert.guided.clauses import DENIAL
from gmai.convert.guided.ground import Ground
from gmai.convert.guided.replies import Exchange
from gmai.convert.guided.wordlists import lexicon_names
from gmai.types import Fact

SHORT = 6
"""An answer of no more words than this must stand in its new wording as it is."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff_]+")


def find_departures(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """What a rewritten question and answer add to, or leave out of, the ones that people wrote."""
    facts = [fact for fact in ground.facts if fact.kind == "qa"]
    for fact, exchange in zip(facts, exchanges, strict=False) if ground.task == "text" else ():
        yield from _answer(fact, exchange.answer, ground)
        for name, old, new in (("question", fact.about, exchange.question), ("answer", fact.answer, exchange.answer)):
            added = set(_NUMBER.findall(new)) - set(_NUMBER.findall(f"{fact.about} {fact.answer}"))
            if added:
                yield Problem("number", f"the number {min(added)} is not in the source: {new!r}")
            if lost := set(_NUMBER.findall(old)) - set(_NUMBER.findall(new)):
                yield Problem("source.lost", f"the number {min(lost)} of the {name} is lost: {new!r}")
            kinds = {named.name for named in lexicon_names().find(old) if named.what == "finding"}
            for found in sorted(kinds) if name == "answer" else ():
                if not holds(new, found):
                    yield Problem("source.lost", f"{found!r} of the {name} is lost: {new!r}")


def _answer(fact: Fact, answer: str, ground: Ground) -> Iterator[Problem]:
    short = fact.answer.strip().rstrip(".。")
    if len(_WORD.findall(short)) <= SHORT and not holds(answer, short):
        yield Problem("source.lost", f"the answer {short!r} does not stand in {answer!r}")
    denies = [bool(DENIAL[ground.language].search(text)) for text in (fact.answer, answer)]
    if denies[0] != denies[1]:
        yield Problem("denial.source", f"one of the two denies something: {fact.answer!r}, {answer!r}")
