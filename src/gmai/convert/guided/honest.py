"""A model that says what the facts in its prompt say: for trying a run without one, and for tests.

It is asked as ``gmai llm fake --answers guided``. It reads nothing but the request, as a model would.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from gmai.convert.guided.prompts import HEADINGS
from gmai.llm import last_words

_FACT = re.compile(r"^(f\d+) \| ([^|\n]+) \| ([^\n]*?) \| ([^\n]*)$", re.MULTILINE)
_WAY = re.compile(r"^(f\d+) \| ([^|\n]+)$", re.MULTILINE)
_OPTION = re.compile(r"^([A-Z])\. (.*)$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|(?<=[。！？])")
_CLAIM = re.compile(r"^(\d+)\. .+$", re.MULTILINE)


class _Fact(NamedTuple):
    number: str
    kind: str
    words: str
    statement: str


def answer(body: dict[str, Any]) -> str:
    """The answer to a request's body: each fact in the words of its statement, each question in the way proposed."""
    text = next(_users(body), last_words(body))
    schema = _schema(body)
    facts = [_Fact(*(part.strip() for part in match.groups())) for match in _FACT.finditer(text)]
    made: Any
    if "claims" in schema:
        numbers = [int(match[1]) for match in _CLAIM.finditer(_part(text, "claims"))]
        made = {"claims": [{"number": n, "verdict": "supported", "why": "a fact says so"} for n in numbers]}
    elif "turns" in schema:
        made = {"turns": [_turn(number, question, facts) for number, question in _asked(text)]}
    elif "letter" in schema:
        (number, question), *_ = _asked(text)
        made = {"question": question, "letter": _letter(text, number, facts), "sentences": _sentences(facts, {number})}
    elif "question" in schema:
        source = facts[0]
        said = [text for text in _SENTENCE.split(source.statement) if text.strip()]
        made = {"question": source.words, "sentences": [{"text": text, "facts": [source.number]} for text in said]}
    else:
        made = {"sentences": _sentences(facts, {fact.number for fact in facts})}
    return json.dumps(made, ensure_ascii=False)


def _users(body: dict[str, Any]) -> Iterator[str]:
    """The texts of the user's turns that list facts; the first is the question, however often it was asked again."""
    for turn in body["messages"]:
        text = last_words({"messages": [turn]}) if turn["role"] == "user" else ""
        if any(f"{words['facts']}:" in text for words in HEADINGS.values()):
            yield text


def _schema(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of the answer; of a server that takes no schemas, those that the request tells."""
    schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    if schema is None:
        text = last_words(body)
        schema, _ = json.JSONDecoder().raw_decode(text[text.index('{"$defs"') :])
    fields: dict[str, Any] = schema["properties"]
    return fields


def _part(text: str, name: str) -> str:
    """What stands below a heading, up to the next empty line."""
    for words in HEADINGS.values():
        if (start := text.find(f"{words[name]}:")) >= 0:
            return text[start:].split("\n\n", 1)[0]
    return ""


def _asked(text: str) -> list[tuple[str, str]]:
    return [(match[1], match[2].strip()) for match in _WAY.finditer(_part(text, "ask"))]


def _turn(number: str, question: str, facts: list[_Fact]) -> dict[str, Any]:
    return {"fact": number, "question": question, "sentences": _sentences(facts, {number})}


def _sentences(facts: list[_Fact], numbers: set[str]) -> list[dict[str, Any]]:
    return [{"text": fact.statement, "facts": [fact.number]} for fact in facts if fact.number in numbers]


def _letter(text: str, number: str, facts: list[_Fact]) -> str:
    """The letter of the option that stands in the fact's words; a size is written with hyphens as an option."""
    options = _OPTION.findall(_part(text, "options"))
    said = next(fact.words for fact in facts if fact.number == number).partition(": ")[2] or ""
    said = said or next(fact.words for fact in facts if fact.number == number)
    plain = [(letter, option.replace("-", " ").casefold()) for letter, option in options]
    return next((letter for letter, option in plain if option == said.replace("-", " ").casefold()), "")
