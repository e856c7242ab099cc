"""Answers as records: the model is shown a schema, its text is read strictly, a wrong answer is sent back with why.

What is mended silently is only the wrapping: a thinking block before the answer, a code fence, words around the one
JSON value. The value itself is never touched; if it does not fit, the model is asked again, and told what was wrong.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from gmai.base import from_dict, schema_of
from gmai.errors import FormatError, GmaiError
from gmai.llm.client import Client
from gmai.llm.messages import Answer, Failure, Message, Request

T = TypeVar("T")
REPAIRS = 2
_THINKING = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
_TOLD = "Answer with one JSON value and nothing else. It must follow this JSON schema:\n"
_AGAIN = (
    "That answer cannot be used: {problem}\nGive the whole answer again, as one JSON value that follows the schema."
)


@dataclass(frozen=True, slots=True)
class Structured(Generic[T]):
    """A record that a model answered with."""

    value: T
    answer: Answer
    """The last answer, from which the record was read."""
    repairs: int
    """How often the model had to be asked again."""


async def ask_record(
    client: Client,
    request: Request,
    cls: type[T],
    *,
    check: Callable[[T], str | None] | None = None,
    repairs: int = REPAIRS,
) -> Structured[T] | Failure:
    """Ask for an answer that is a record.

    Args:
        client: whom to ask.
        request: the question; its schema is set here.
        cls: the record.
        check: says what is wrong with a record beyond its types, or None.
        repairs: how often a wrong answer is sent back.

    Returns:
        The record, or why there is none: the client's failure, or ``llm.schema`` with the last problem.
    """
    asked = with_schema(request, cls, client.config.structured)
    problem = ""
    for attempt in range(repairs + 1):
        outcome = await client.ask(asked)
        if isinstance(outcome, Failure):
            return outcome
        try:
            value = read_record(outcome, cls)
            problem = (check(value) if check else None) or ""
        except GmaiError as error:
            problem = str(error)
        else:
            if not problem:
                return Structured(value, outcome, attempt)
        turns = Message("assistant", (outcome.text,)), Message("user", (_AGAIN.format(problem=problem),))
        asked = replace(asked, messages=(*asked.messages, *turns))
    return Failure(key=outcome.key, reason="llm.schema", detail=problem, attempts=repairs + 1, tag=request.tag)


def read_record(answer: Answer, cls: type[T]) -> T:
    """Read a record from an answer's text.

    Raises:
        FormatError: ``llm.truncated`` (cut at max_tokens), ``llm.no_json``, or every wrong field with its path.
    """
    if answer.finish == "length":
        raise FormatError("the answer was cut short; it must be shorter", reason="llm.truncated")
    return from_dict(cls, find_json(answer.text))


def find_json(text: str) -> Any:
    """The one JSON object or list in a text.

    Raises:
        FormatError: ``llm.no_json``: there is none, or it is broken.
    """
    text = _THINKING.sub("", text).strip()
    fenced = _FENCE.findall(text)
    for candidate in (text, *fenced[-1:], text[_first_bracket(text) :]):
        try:
            found, end = json.JSONDecoder().raw_decode(candidate.strip())
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict | list):
            return found
    raise FormatError("no JSON value can be read from it", reason="llm.no_json")


def _first_bracket(text: str) -> int:
    found = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    return min(found, default=0)


def with_schema(request: Request, cls: type[Any], mode: str) -> Request:
    """The request for an answer that is a record; the schema is told in words where a server takes none."""
    schema = schema_of(cls)
    asked = replace(request, schema=schema, schema_name=cls.__name__)
    if mode == "json_schema":
        return asked
    *others, last = asked.messages
    told = replace(last, parts=(*last.parts, _TOLD + json.dumps(schema, ensure_ascii=False, sort_keys=True)))
    return replace(asked, messages=(*others, told))
