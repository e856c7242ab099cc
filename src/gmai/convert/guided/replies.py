"""What a model answers with: one record for each task, all of them turns of a question and referenced sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gmai.base import from_dict
from gmai.convert.tongue import HAN
from gmai.llm import find_json
from gmai.types import record

TaskName = Literal["caption", "region", "percept", "instruct", "text"]


@record
class Sentence:
    """One sentence and the facts that it states."""

    text: str
    facts: tuple[str, ...]
    """Numbers of facts of the list that was given, such as ``f2``; every sentence states at least one."""


@record
class CaptionReply:
    """Sentences about a picture or about one region of it."""

    sentences: tuple[Sentence, ...]


@record
class PerceptReply:
    """One question about one fact, and its answer."""

    question: str
    letter: str
    """Letter of the right option; empty where no options were given."""
    sentences: tuple[Sentence, ...]


@record
class AskedTurn:
    """One question, the fact it asks for, and its answer."""

    fact: str
    question: str
    sentences: tuple[Sentence, ...]


@record
class InstructReply:
    """A conversation of several questions."""

    turns: tuple[AskedTurn, ...]


@record
class TextReply:
    """A question and its answer, put in other words."""

    question: str
    sentences: tuple[Sentence, ...]


@record
class Claim:
    """What a verifier says of one claim."""

    number: int
    verdict: Literal["supported", "contradicted", "unknown"]
    why: str


@record
class VerifyReply:
    """What a verifier answers with: a verdict for each claim."""

    claims: tuple[Claim, ...]


REPLIES: dict[TaskName, type[CaptionReply | PerceptReply | InstructReply | TextReply]] = {
    "caption": CaptionReply,
    "region": CaptionReply,
    "percept": PerceptReply,
    "instruct": InstructReply,
    "text": TextReply,
}
"""The record that answers each task."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question with its answer as the gates see it, whatever record it came in."""

    question: str
    sentences: tuple[Sentence, ...]
    fact: str = ""
    """The fact that is asked for; empty where none is."""
    letter: str = ""

    @property
    def answer(self) -> str:
        """The sentences as one text."""
        gap = "" if any(HAN.search(sentence.text) for sentence in self.sentences) else " "
        return gap.join(sentence.text.strip() for sentence in self.sentences)


def texts_of(exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Every text of a reply: questions and sentences in order."""
    for exchange in exchanges:
        if exchange.question:
            yield exchange.question
        yield from (sentence.text for sentence in exchange.sentences)


def sentences_of(exchanges: Sequence[Exchange]) -> Iterator[Sentence]:
    """Every sentence of a reply in order."""
    return (sentence for exchange in exchanges for sentence in exchange.sentences)


def read_reply(reply: object, task: TaskName, fact: str = "") -> tuple[Exchange, ...]:
    """The exchanges of a reply.

    Args:
        reply: the record, its plain data, or the text it was answered in.
        task: what was asked for.
        fact: the fact that a percept or text question must ask for.

    Raises:
        FormatError: ``llm.no_json``, or every wrong field with its path.
    """
    cls = REPLIES[task]
    data = find_json(reply) if isinstance(reply, str) else reply
    found = data if isinstance(data, cls) else from_dict(cls, data, where=task)
    if isinstance(found, InstructReply):
        return tuple(Exchange(turn.question, turn.sentences, turn.fact) for turn in found.turns)
    question = "" if isinstance(found, CaptionReply) else found.question
    letter = found.letter if isinstance(found, PerceptReply) else ""
    return (Exchange(question, found.sentences, fact, letter),)
