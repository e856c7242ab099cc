"""What the fake server does: how long it takes, what it answers, how it fails, each decided by the question's hash."""

import re
from collections.abc import Callable
from dataclasses import field
from typing import Any

from gmai.base import Registry, hash_unit
from gmai.llm.fake.instance import build_instance
from gmai.types import record

FAULTS = {
    "rate_limited": "429 with Retry-After 0",
    "server": "500",
    "unavailable": "503",
    "hang": "no answer at all",
    "drip": "an answer that comes byte by byte, one every ``drip_ms``",
    "disconnect": "the connection is cut",
    "not_json": "a body that is no JSON",
    "half_body": "a body cut in the middle",
    "empty": "an empty answer",
    "length": "an answer cut at max_tokens",
    "refusal": "a polite refusal",
    "prose": "words instead of JSON",
    "wrong_keys": "JSON of another shape",
    "fenced": "the right answer in a code fence with words around it",
}
"""Name to what happens; the last five are answers with status 200."""
ANSWERS: Registry[Callable[[dict[str, Any]], str]] = Registry(
    "fake answers", {"guided": "gmai.convert.guided.honest:answer"}
)
"""Functions of a request's body that answer it; each belongs to the room that asks such questions."""
REFUSAL = "I'm sorry, but I can't help with that."


@record
class Rule:
    """An answer for questions whose text matches."""

    match: str
    """Regular expression, searched in the text of the last user turn."""
    answer: str
    """The answer; ``{1}`` stands for the first group of the match."""


@record
class FakeScript:
    """How the fake server behaves; the same question gets the same treatment, whatever else is asked."""

    latency_ms: float = 0.0
    spread: float = 0.0
    """Part of the latency by which it varies, up and down."""
    faults: dict[str, float] = field(default_factory=dict)
    """Fault to the share of questions that meet it."""
    drip_ms: float = 100.0
    """Time between two bytes of an answer that drips."""
    times: int = 1
    """How often a question meets its fault before it is answered."""
    capacity: int = 0
    """More questions at a time than this are refused with 429; 0 for no limit."""
    rules: tuple[Rule, ...] = ()
    """The first that matches answers."""
    function: str = ""
    """Function of the request's body that gives the answer: a name of ``fake answers``, or ``package.module:function``;
    it is asked before the rules."""
    models: tuple[str, ...] = ("fake",)
    """Models it knows; others are 404."""
    key: str = ""
    """The key it wants; others are 401."""
    seed: int = 0

    def fault(self, digest: str) -> str:
        """The fault that a question meets, or an empty string."""
        draw, reached = hash_unit(self.seed, "fault", digest), 0.0
        for name, share in self.faults.items():
            reached += share
            if draw < reached:
                return name
        return ""

    def delay_s(self, digest: str) -> float:
        """Seconds before a question is answered."""
        return self.latency_ms / 1000 * (1 + self.spread * (2 * hash_unit(self.seed, "delay", digest) - 1))

    def answer(self, body: dict[str, Any]) -> str:
        """The answer to a request's body: of the function, of a rule, by the schema, or the question's own words."""
        if self.function:
            found: Callable[[dict[str, Any]], str] = ANSWERS.get(self.function)
            return found(body)
        text = last_words(body)
        for rule in self.rules:
            if match := re.search(rule.match, text, re.DOTALL):
                return rule.answer.format(match.group(), *match.groups())
        schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
        return build_instance(schema, text) if schema else f"You asked: {text}"


def last_words(body: dict[str, Any]) -> str:
    """Text of the last turn of the user."""
    content = next((turn["content"] for turn in reversed(body["messages"]) if turn["role"] == "user"), "")
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part.get("type") == "text")
