"""Short questions and answers without a picture, made from a page of general knowledge (``knowledge.yaml``)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gmai.base import hash_unit, read_yaml
from gmai.types import record

_KNOWLEDGE = Path(__file__).with_name("knowledge.yaml")


@record
class TextQuestion:
    """One line of ``text/qa.jsonl``."""

    id: str
    question: str
    answer: str
    topic: str
    subject: str
    """The fact it asks for: phrasings of one fact belong to one side of a split."""


def build_questions(seed: int, most: int) -> list[TextQuestion]:
    """Build at most ``most`` question-answer pairs, in an order drawn with ``seed``; none twice."""
    known = list(_iter_questions(read_yaml(_KNOWLEDGE)))
    return sorted(known, key=lambda question: hash_unit(seed, "text", question.id))[:most]


def _iter_questions(knowledge: dict[str, Any]) -> Iterator[TextQuestion]:
    facts = [*_iter_terms(knowledge), *_iter_facts(knowledge)]
    for number, (topic, pairs) in enumerate(facts):
        subject = f"fact{number:03d}"
        for phrasing, (question, answer) in enumerate(pairs, start=1):
            name = f"{subject}-{phrasing}"
            yield TextQuestion(id=name, question=question, answer=answer, topic=topic, subject=subject)


def _iter_terms(knowledge: dict[str, Any]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for topic, terms in knowledge["terms"].items():
        for entry in terms:
            term, meaning = entry["term"], entry["meaning"]
            words = {"term": term, "name": _bare(term), "meaning": meaning, "topic": topic}
            told = [
                (ask.format_map(words), f"{term[0].upper()}{term[1:]} is {meaning}.") for ask in knowledge["definition"]
            ]
            named = [(ask.format_map(words), _bare(term)) for ask in knowledge["naming"]]
            yield topic, [*told, *named]


def _iter_facts(knowledge: dict[str, Any]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for topic, facts in knowledge["facts"].items():
        for fact in facts:
            yield topic, [(ask, fact["answer"]) for ask in fact["ask"].split(" | ")]


def _bare(term: str) -> str:
    article, _, rest = term.partition(" ")
    return rest if article in ("a", "an") else term
