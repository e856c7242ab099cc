"""After filling: what a text says must be what its facts say. A failure is a mistake in a rule file or in this room."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from gmai.types import Box, Conversation, Fact, Label, MaskRef, Polygon, Sample

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_ABSENT = re.compile(r"\b(absent|absence|no)\b", re.IGNORECASE)


class GroundingError(ValueError):
    """A conversation says something that its facts do not say, or keeps quiet about one; always a bug."""


def check_grounded(conversation: Conversation, sample: Sample, literal: str) -> None:
    """Check a conversation against its facts.

    Args:
        conversation: the filled conversation, made from templates.
        sample: the sample it is about.
        literal: the templates' own words, in which a label's name may occur by chance.

    Raises:
        GroundingError: a fact that is not stated, a number that is in no fact, a label that is in no fact, or an
            answer that is not among its options.
    """
    where = f"{conversation.id} ({conversation.template})"
    said = " ".join(turn.text for turn in conversation.turns)
    answered = " ".join(turn.text for turn in conversation.turns if turn.role == "assistant")
    for problem in (
        *_unstated(conversation, answered),
        *_strange_numbers(conversation, said),
        *_strange_labels(conversation, sample, answered, literal),
        *_options(conversation),
    ):
        raise GroundingError(f"{where}: {problem}")


def _unstated(conversation: Conversation, answered: str) -> Iterator[str]:
    for fact in conversation.facts:
        told = _tells_presence(fact, answered) if fact.kind == "presence" else _holds(answered, fact.answer)
        if not told:
            yield f"the fact {fact.kind} = {fact.answer!r} is not stated in {answered!r}"


def _tells_presence(fact: Fact, answered: str) -> bool:
    """True if the reply is yes or no as the fact says, or a sentence says what is present or absent."""
    for sentence in _SENTENCE.split(answered):
        if _holds(sentence, fact.answer):
            return True
        rest = re.sub(re.escape(fact.about), "", sentence, flags=re.IGNORECASE)
        if _holds(sentence, fact.about) and (fact.answer == "no") == bool(_ABSENT.search(rest)):
            return True
    return False


def _strange_numbers(conversation: Conversation, said: str) -> Iterator[str]:
    known = set(_NUMBER.findall(" ".join(_known_texts(conversation))))
    for number in _NUMBER.findall(said):
        if number not in known:
            yield f"the number {number} is in no fact: {said!r}"


def _strange_labels(conversation: Conversation, sample: Sample, answered: str, literal: str) -> Iterator[str]:
    known = list(_known_texts(conversation, options=False))
    for label in sorted(_labels(sample)):
        if _holds(answered, label) and not _holds(literal, label) and not any(_holds(text, label) for text in known):
            yield f"the label {label!r} is in no fact: {answered!r}"


def _options(conversation: Conversation) -> Iterator[str]:
    if conversation.options and conversation.options.count(conversation.answer) != 1:
        yield f"the answer {conversation.answer!r} is not once among {conversation.options}"


def _known_texts(conversation: Conversation, options: bool = True) -> Iterable[str]:
    yield conversation.modality
    for fact in conversation.facts:
        yield from (fact.answer, fact.about, *(str(value) for value in fact.values.values()))
    if options:
        yield from conversation.options


def _labels(sample: Sample) -> set[str]:
    names = {name for pool in sample.classes.values() for name in pool}
    names |= {item.name for item in sample.annotations if isinstance(item, Label)}
    return names | {item.label for item in sample.annotations if isinstance(item, Box | Polygon | MaskRef)}


def _holds(text: str, words: str) -> bool:
    """True if the words occur in the text, whole and in whatever case."""
    return words.casefold() in text.casefold() and _whole(words).search(text) is not None


@lru_cache(maxsize=4096)
def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)
