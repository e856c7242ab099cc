"""Gates on questions: they ask for a fact, do not give it away, and are answered by the right letter."""

import re
from collections.abc import Iterator, Sequence

from gmai.convert.checks import Problem, holds
from gmai.convert.guided.clauses import DENIAL
from gmai.convert.guided.gates.values import SIDES
from gmai.convert.guided.ground import Ground
from gmai.convert.guided.replies import Exchange
from gmai.convert.guided.wordlists import modality_names, pattern
from gmai.lexicon import LETTERS, read_lexicon
from gmai.types import Fact

_DIGITS = re.compile(r"\d")
_LETTERED = {
    "en": re.compile(r"\b(?:option|answer(?: is)?|choice)\s*:?\s*\(?([A-Z])\b\)?", re.IGNORECASE),
    "zh": re.compile(r"(?:选项|答案(?:是|为)?|选)\s*[:：]?\s*[（(]?([A-Z])(?![A-Za-z])"),
}
_OPTIONS = re.compile(r"(?:^|[\s,;，；])\(?[A-D][.)、:：]\s*\S")


def find_wrong_targets(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """A question that asks for no fact of the list."""
    for exchange in exchanges if ground.task in ("percept", "instruct") else ():
        if exchange.fact not in ground.by_id:
            yield Problem("reference.unknown", f"the question asks for {exchange.fact!r}, which is no fact of the list")


def find_leaks(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """A question that tells its own answer, or one that was told before."""
    if ground.task not in ("percept", "instruct"):
        return
    told = ""
    for exchange in exchanges:
        fact = ground.by_id.get(exchange.fact)
        if fact is None:
            continue
        yield from _leaks(exchange.question, fact, told, ground)
        if fact.kind in ("finding", "grade", "modality") and any(holds(told, form) for form in ground.forms(fact)):
            yield Problem("leak.earlier", f"{fact.answer!r} was told before it is asked for: {exchange.question!r}")
        told += f"\n{exchange.question}\n{exchange.answer}"


def _leaks(question: str, fact: Fact, told: str, ground: Ground) -> Iterator[Problem]:
    if found := pattern("hint", ground.language).search(question):
        yield Problem("leak.hint", f"{found.group()!r} in {question!r}")
    if _OPTIONS.search(question):
        yield Problem("leak.options", f"options in the question: {question!r}")
    if fact.kind != "presence" and (telling := _tells(question, fact, ground)):
        yield Problem("leak.answer", f"the question tells {fact.answer!r} by {telling!r}: {question!r}")
    if fact.kind == "presence" and DENIAL[ground.language].search(_without_or_not(ground.without_known(question))):
        yield Problem("leak.hint", f"the question denies what it asks for: {question!r}")
    for name, label in ground.labels.items():
        if label not in (fact.about, ground.label_of(fact)) and holds(question, name) and not holds(told, name):
            if not any(holds(own, name) for own in ground.names(fact.about) if fact.about):
                yield Problem("leak.answer", f"{name!r} is told before it is asked for: {question!r}")


def _tells(question: str, fact: Fact, ground: Ground) -> str:
    """What in a question gives its answer away; empty where nothing does."""
    if fact.kind == "modality":
        family = f"family: {read_lexicon().family(fact.answer)}"
        return next(
            (named.name for named in modality_names().find(question) if named.what in (family, fact.answer)), ""
        )
    rest = question
    for name in ground.names(fact.about) if fact.about else ():
        rest = rest.replace(name, "")
    if ground.modality:
        rest = rest.replace(ground.modality, "").replace(ground.tongue.modality(ground.modality), "")
    searched = {"location": SIDES[ground.language], "size": _DIGITS, "count": _DIGITS}.get(fact.kind)
    if searched is not None:
        return found.group() if (found := searched.search(rest)) else ""
    return next((form for form in ground.forms(fact) if holds(rest, form)), "")


def _without_or_not(question: str) -> str:
    return re.sub(r"\bor (?:not|absent)\b|有没有|有无|是否|能否|可否", " ", question, flags=re.IGNORECASE)


def find_wrong_letters(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """A letter that is not that of the right option, in its field or in the text; a letter where there are none."""
    if ground.task != "percept":
        return
    for exchange in exchanges:
        fact = ground.by_id.get(exchange.fact)
        if fact is None:
            continue
        options = ground.ask.options
        answer = ground.tongue.answer(fact, ground.modality)
        if options and options.count(answer) != 1:
            yield Problem("letter", f"the answer {answer!r} is not once among {options}")
            continue
        right = LETTERS[options.index(answer)] if options else ""
        if exchange.letter.strip() != right:
            yield Problem("letter", f"{exchange.letter!r} is not the right letter, {right!r}")
        for text in (sentence.text for sentence in exchange.sentences):
            for letter in _LETTERED[ground.language].findall(text):
                if letter.isupper() and letter != right:
                    yield Problem("letter", f"{letter!r} is not the right letter, {right!r}: {text!r}")
