"""A conversation as tokens, and which of them a model is to predict."""

from __future__ import annotations

from gmai.errors import FormatError
from gmai.models import Scaffold
from gmai.types import Conversation


def conversation_tokens(scaffold: Scaffold, conversation: Conversation) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    """A conversation as tokens, and which of them are predicted: the assistant's words and their end token.

    Raises:
        FormatError: turns that are not user, assistant, user, assistant …
    """
    turns = conversation.turns
    roles = [turn.role for turn in turns]
    if not turns or roles != ["user", "assistant"] * (len(turns) // 2):
        what = f"turns are {', '.join(roles) or 'missing'}; expected user, assistant, and so on in pairs"
        raise FormatError(what, where=conversation.id, reason="conversation.turns")
    tokens: list[int] = []
    scored: list[bool] = []
    for question, answer in zip(turns[::2], turns[1::2], strict=True):
        read = (*(scaffold.next_user if tokens else ()), *scaffold.text(question.text), *scaffold.ask)
        said = (*scaffold.text(answer.text), scaffold.end)
        tokens += [*read, *said]
        scored += [False] * len(read) + [True] * len(said)
    return tuple(tokens), tuple(scored)
