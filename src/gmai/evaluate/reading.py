"""Replies of a run, read: which option each names, by the rule that is told beside it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gmai.bench import PublicQuestion, QuestionTable
from gmai.evaluate.parsing import extract_choice
from gmai.evaluate.rotations import rotate, turn_back
from gmai.types import Prediction

IN_WORDS = ("generate", "replay")
"""Modes of answers that come in words."""


def read_replies(answers: Iterable[Prediction], table: QuestionTable) -> Iterator[Prediction]:
    """Yield the answers; those in words with the option they name. What a runner read itself stays."""
    for answer in answers:
        wants = answer.mode in IN_WORDS and answer.choice is None and not answer.error
        yield read_reply(answer, table.find(answer.index)) if wants else answer


def read_reply(answer: Prediction, question: PublicQuestion) -> Prediction:
    """An answer with what its reply names; questions without options are read when they are scored."""
    if not question.options:
        return answer
    found = extract_choice(answer.text, rotate(question.options, answer.rotation), form=question.form)
    choice = turn_back(found.letter, answer.rotation, len(question.options))
    return replace(answer, choice=choice, reason=found.reason)
