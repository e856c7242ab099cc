"""Answers as records: wrapping is taken off, wrong values are sent back, what stays wrong is a failure."""

from typing import Literal

import pytest

import gmai.llm.client as client_module
from gmai.base import schema_of
from gmai.errors import FormatError
from gmai.llm import Client, EndpointConfig, Failure, FakeScript, FakeServer, Message, Request, ask_record, find_json
from gmai.types import record


@record
class Side:
    """A side."""

    side: Literal["left", "right"]
    size_mm: float
    notes: tuple[str, ...] = ()


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_WAIT_S", 0.01)


def ask(script, texts=("which side?",), structured="json_schema", **more):
    with FakeServer(script) as server:
        config = EndpointConfig(model="fake", url=server.url, structured=structured)
        with Client(config) as client:
            asked = [Request(messages=(Message("user", (text,)),), tag=text) for text in texts]
            found = list(client.map(lambda request: ask_record(client, request, Side, **more), asked))
    return found, server


def test_the_schema_is_strict():
    schema = schema_of(Side)
    assert schema["required"] == ["side", "size_mm", "notes"] and schema["additionalProperties"] is False


def test_an_answer_is_a_record():
    [found], server = ask(FakeScript())
    assert found.value == Side(side="left", size_mm=0, notes=("which side?",)) and found.repairs == 0
    assert server.bodies[0]["response_format"]["json_schema"]["name"] == "Side"


@pytest.mark.parametrize("mode", ["json_object", "text"])
def test_servers_without_schemas_are_told_in_words(mode):
    [found], server = ask(FakeScript(function="made_answers:left"), structured=mode)
    assert found.value.side == "left"
    content = server.bodies[0]["messages"][-1]["content"]
    assert "size_mm" in str(content) and ("response_format" in server.bodies[0]) == (mode == "json_object")


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("empty", "no JSON value"),
        ("length", "cut short"),
        ("refusal", "no JSON value"),
        ("prose", "no JSON value"),
        ("wrong_keys", "something"),
    ],
)
def test_a_wrong_answer_is_sent_back_with_why(fault, problem):
    """Each question is new to the server; the first seed is taken by which it fails the first question alone."""
    tried = (ask(FakeScript(faults={fault: 0.5}, seed=seed)) for seed in range(40))
    [found], server = next(each for each in tried if each[1].counts == {fault: 1, "answered": 1})
    assert found.value.side == "left" and found.repairs == 1
    first, second = (body["messages"] for body in server.bodies)
    assert [turn["role"] for turn in second] == ["user", "assistant", "user"] and second[:1] == first
    assert "cannot be used" in second[2]["content"] and problem in second[2]["content"]


@pytest.mark.parametrize("fault", ["empty", "length", "refusal", "prose", "wrong_keys"])
def test_a_wrong_answer_to_every_question_is_a_failure_after_so_many_repairs(fault):
    [found], server = ask(FakeScript(faults={fault: 1.0}, times=1))
    assert isinstance(found, Failure) and found.reason == "llm.schema" and found.attempts == 3
    assert server.counts == {fault: 3}


def test_what_stays_wrong_is_a_failure_with_the_last_problem():
    [found], server = ask(FakeScript(faults={"wrong_keys": 1.0}, times=9), repairs=2)
    assert found.reason == "llm.schema" and "something" in found.detail and found.tag == "which side?"
    assert server.counts["wrong_keys"] == 3


def test_a_fence_and_words_around_it_are_taken_off():
    [found], _ = ask(FakeScript(faults={"fenced": 1.0}))
    assert found.value.side == "left" and found.repairs == 0


def test_a_record_may_be_checked_beyond_its_types():
    [found], server = ask(FakeScript(), check=lambda side: "the side must be right" if side.side == "left" else None)
    assert found.reason == "llm.schema" and found.detail == "the side must be right"
    assert "the side must be right" in server.bodies[-1]["messages"][-1]["content"]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        ' \n{"a": 1}\n',
        'Here: {"a": 1} as you asked',
        '```json\n{"a": 1}\n```',
        '```\n{"a": 1}\n```\nDone {x}',
        '<think>maybe {"a": 2}</think>{"a": 1}',
        '{"a": 1}}',
    ],
)
def test_json_is_found_in_its_wrapping(text):
    assert find_json(text) == {"a": 1}


@pytest.mark.parametrize("text", ["", "none", '{"a": ', "{'a': 1}", '{"a": 1,}', "[" * 100_000, "3"])
def test_broken_json_is_never_mended(text):
    with pytest.raises(FormatError) as caught:
        find_json(text)
    assert caught.value.reason == "llm.no_json"
