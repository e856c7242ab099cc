"""Questions that a runner which chooses one option can take, and what it says of the others."""

from typing import Literal

from gmai.bench import PublicQuestion
from gmai.types import Prediction

NOT_ONE = "not_one_option"
"""Reason of an abstention: there are no options, or several of them may be right."""


def can_choose(question: PublicQuestion) -> bool:
    """True if one of several options is the answer."""
    return bool(question.options) and question.form != "multiple"


def abstain(question: PublicQuestion, mode: Literal["likelihood", "letters", "baseline"]) -> Prediction:
    """The answer to any other question: none, which is counted, and no guess."""
    return Prediction(index=question.index, mode=mode, choice=None, reason=NOT_ONE)
