"""The turns of a conversation, however an entry writes them: messages, lines that begin with a role, or pairs."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from gmai.annotations.entries import plain_text
from gmai.errors import FormatError

Turns = tuple[tuple[str, str], ...]
PLACE = "<image>"
"""Stands in a turn where a picture is shown."""
_ROLE = re.compile(r"\s*((?:[A-Z][\w-]*(?: [A-Z0-9][\w-]*)?)|[\u3400-\u9fff]{1,6})\s*[:：]\s*")
_ROLES, _TEXTS = ("from", "role", "speaker"), ("value", "content", "text", "utterance")


def read_turns(value: Any, where: str) -> Turns:
    """The turns of a conversation, roles as the source spells them, empty turns left out.

    Read are a list of messages (``from`` and ``value``, ``role`` and ``content``, or ``speaker`` and ``text``), a list
    of texts or one text of lines that begin with a role and a colon (a line without one goes on with the turn before
    it), and a list of pairs of what user and assistant say.

    Raises:
        FormatError: ``dialogue.turns``: none of these; ``dialogue.role``: a turn nobody says.
    """
    if isinstance(value, str):
        turns = list(_lines(value.splitlines(), where))
    elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        turns = [_message(each, where) for each in value]
    elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        turns = list(_lines(value, where))
    elif isinstance(value, list) and value and all(isinstance(each, list) and len(each) == 2 for each in value):
        said = [(plain_text(user), plain_text(assistant)) for user, assistant in value]
        turns = [turn for user, assistant in said for turn in (("user", user), ("assistant", assistant))]
    elif value is None or value == []:
        turns = []
    else:
        raise FormatError("no messages, lines or pairs", where=where, reason="dialogue.turns")
    return tuple((role, text) for role, text in turns if text)


def _lines(lines: Sequence[str], where: str) -> Iterator[tuple[str, str]]:
    role, said = "", ""
    for line in lines:
        found = _ROLE.match(line)
        if found:
            if said:
                yield role, said.strip()
            role, said = found[1], line[found.end() :]
        elif line.strip():
            if not role:
                raise FormatError(f"nobody says {line.strip()[:40]!r}", where=where, reason="dialogue.role")
            said += f"\n{line.strip()}"
    if said:
        yield role, said.strip()


def _message(message: dict[str, Any], where: str) -> tuple[str, str]:
    role = next((plain_text(message[key]) for key in _ROLES if key in message), "")
    if not role:
        raise FormatError("a message without a role", where=where, reason="dialogue.role")
    said = next((message[key] for key in _TEXTS if key in message), None)
    if isinstance(said, list):
        return role, "\n".join(filter(None, map(_part, said)))
    return role, plain_text(said)


def _part(part: Any) -> str:
    """A part of a message that is a list of texts and pictures."""
    if not isinstance(part, dict):
        return plain_text(part)
    return PLACE if str(part.get("type", "")).startswith("image") else plain_text(part.get("text"))
