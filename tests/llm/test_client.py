"""The client against the fake server: order, capacity, every fault, the journal, the cost."""

import asyncio
import base64
import threading
import time

import pytest

import gmai.llm.client as client_module
from gmai.base import dumps
from gmai.errors import ConfigError, RemoteError
from gmai.llm import (
    FAULTS,
    Answer,
    Client,
    EndpointConfig,
    Failure,
    FakeScript,
    FakeServer,
    Message,
    Picture,
    Request,
    Rule,
    Sampling,
    open_client,
)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_WAIT_S", 0.01)


def question(text, **more):
    return Request(messages=(Message("user", (text,)),), **more)


def questions(count):
    return [question(f"question {i}", tag=str(i)) for i in range(count)]


def endpoint(server, **more):
    return EndpointConfig(url=server.url, **{"model": "fake", "timeout_s": 5.0, **more})


def test_outcomes_come_in_the_order_of_the_questions():
    with FakeServer(FakeScript(latency_ms=10, spread=1.0)) as server, Client(endpoint(server)) as client:
        outcomes = list(client.ask_all(questions(300)))
    assert [each.text for each in outcomes] == [f"You asked: question {i}" for i in range(300)]
    assert [each.tag for each in outcomes] == [str(i) for i in range(300)]
    assert server.counts == {"answered": 300} and 32 < server.most_under_way <= 64


def test_questions_are_read_only_as_they_are_needed():
    read = []

    def stream():
        for i in range(10_000):
            read.append(i)
            yield question(str(i))

    with FakeServer() as server, Client(endpoint(server, in_flight=4)) as client:
        outcomes = client.ask_all(stream())
        for _ in range(10):
            next(outcomes)
        outcomes.close()
    assert len(read) <= 10 + client_module.WINDOW * 4


@pytest.mark.parametrize("fault", ["rate_limited", "server", "unavailable", "disconnect", "not_json", "half_body"])
def test_a_fault_that_passes_is_tried_again_and_counted(fault):
    script = FakeScript(faults={fault: 0.3}, times=2)
    with FakeServer(script) as server, Client(endpoint(server)) as client:
        outcomes = list(client.ask_all(questions(60)))
    assert all(isinstance(each, Answer) for each in outcomes)
    reason = {
        "rate_limited": "llm.rate_limited",
        "unavailable": "llm.rate_limited",
        "server": "llm.server",
        "disconnect": "llm.connection",
    }.get(fault, "llm.malformed")
    met = server.counts[fault]
    assert met >= 20 and client.ledger.retries == {reason: met}


def test_a_fault_that_stays_is_a_failure_and_stays_open(tmp_path):
    script = FakeScript(faults={"server": 1.0}, times=100)
    with FakeServer(script) as server, open_client(endpoint(server, attempts=3), tmp_path / "j.jsonl") as client:
        [outcome] = client.ask_all([question("a", tag="t")])
    assert isinstance(outcome, Failure) and outcome.reason == "llm.server" and outcome.attempts == 3
    assert outcome.tag == "t" and client.ledger.summary()["failures"] == {"llm.server": 1}
    assert (tmp_path / "j.jsonl").read_bytes() == b""
    with FakeServer() as server, open_client(endpoint(server), tmp_path / "j.jsonl") as client:
        [outcome] = client.ask_all([question("a")])
    assert isinstance(outcome, Answer) and not outcome.reused


def test_a_server_that_hangs_is_given_up_after_its_time():
    script = FakeScript(faults={"hang": 1.0}, times=100)
    with FakeServer(script) as server, Client(endpoint(server, attempts=2, timeout_s=0.2)) as client:
        [outcome] = client.ask_all([question("a")])
    assert outcome.reason == "llm.timeout" and outcome.attempts == 2


def test_an_answer_that_drips_is_given_up_after_its_time_all_told():
    """Every byte comes well within the time, the whole answer does not."""
    script = FakeScript(faults={"drip": 1.0}, times=100, drip_ms=40)
    with FakeServer(script) as server, Client(endpoint(server, attempts=2, timeout_s=0.3)) as client:
        started = time.monotonic()
        [outcome] = client.ask_all([question("a")])
        took = time.monotonic() - started
    assert outcome.reason == "llm.timeout" and outcome.attempts == 2 and server.counts["drip"] == 2
    assert 0.6 <= took < 3


def test_an_answer_that_drips_fast_enough_is_an_answer():
    with FakeServer(FakeScript(faults={"drip": 1.0}, drip_ms=0.1)) as server, Client(endpoint(server)) as client:
        [outcome] = client.ask_all([question("a")])
    assert outcome.text == "You asked: a"


def test_a_reply_without_end_is_no_answer(monkeypatch):
    monkeypatch.setattr(client_module, "MOST_REPLY", 50)
    with FakeServer() as server, Client(endpoint(server, attempts=2)) as client:
        [outcome] = client.ask_all([question("a")])
    assert outcome.reason == "llm.malformed" and "more than" in outcome.detail


def test_who_waits_for_the_same_question_gets_it_though_the_first_is_given_up():
    async def both():
        first = asyncio.ensure_future(client.ask(question("same")))
        second = asyncio.ensure_future(client.ask(question("same", tag="second")))
        await asyncio.sleep(0.05)
        first.cancel()
        return await second

    with FakeServer(FakeScript(latency_ms=100)) as server, Client(endpoint(server)) as client:
        outcome = asyncio.run_coroutine_threadsafe(both(), client._loop).result(10)
    assert outcome.text == "You asked: same" and outcome.tag == "second"


@pytest.mark.parametrize(
    "given",
    [{"url": "127.0.0.1:8000/v1"}, {"url": "ftp://a/v1"}, {"in_flight": 0}, {"attempts": 0}, {"timeout_s": -1.0}],
)
def test_an_endpoint_that_cannot_be_asked_is_refused_before_anything_is(given):
    with pytest.raises(ConfigError):
        EndpointConfig(model="fake", **given)


def test_a_sign_of_life_costs_no_question():
    with FakeServer(FakeScript()) as server, Client(EndpointConfig(model="fake", url=server.url)) as client:
        assert client.is_there() and server.counts["answered"] == 0
    with Client(EndpointConfig(model="fake", url="http://127.0.0.1:1/v1", attempts=1)) as client:
        assert not client.is_there()


def test_an_address_where_nothing_listens_is_a_failure():
    config = EndpointConfig(model="m", url="http://127.0.0.1:9/v1", attempts=2)
    with Client(config) as client:
        [outcome] = client.ask_all([question("a")])
    assert outcome.reason == "llm.connection"


@pytest.mark.parametrize(
    ("script", "model", "said"),
    [(FakeScript(), "other", "no such model"), (FakeScript(key="secret"), "fake", "refuses the key")],
)
def test_what_cannot_succeed_stops_the_run_at_once(script, model, said):
    with FakeServer(script) as server, Client(endpoint(server, model=model)) as client:
        with pytest.raises(RemoteError, match=said) as caught:
            list(client.ask_all(questions(500)))
    assert "OPENAI_API_KEY" in str(caught.value) and len(server.bodies) <= 64


def test_the_key_is_sent(monkeypatch):
    monkeypatch.setenv("MY_KEY", "secret")
    with FakeServer(FakeScript(key="secret")) as server, Client(endpoint(server, key_variable="MY_KEY")) as client:
        [outcome] = client.ask_all([question("a")])
    assert outcome.text == "You asked: a"


def test_too_many_at_a_time_lowers_the_number_under_way_and_nothing_is_lost():
    script = FakeScript(latency_ms=5, capacity=8)
    with FakeServer(script) as server, Client(endpoint(server, attempts=30)) as client:
        outcomes = list(client.ask_all(questions(400)))
    assert all(isinstance(each, Answer) for each in outcomes)
    assert server.most_under_way <= 8 and server.counts["over capacity"] < 400
    assert client._limiter.limit < 32


def test_the_same_question_under_way_is_sent_once():
    with FakeServer(FakeScript(latency_ms=50)) as server, Client(endpoint(server)) as client:
        outcomes = list(client.ask_all([question("same", tag=str(i)) for i in range(20)]))
    assert server.counts["answered"] == 1 and [each.tag for each in outcomes] == [str(i) for i in range(20)]
    assert client.ledger.reused == 19


def test_the_journal_answers_what_was_asked_before(tmp_path):
    journal = tmp_path / "answers.jsonl"
    with FakeServer() as server, open_client(endpoint(server, price_prompt=2.0, price_completion=4.0), journal) as one:
        first = list(one.ask_all(questions(50)))
    assert one.ledger.summary()["cost"] > 0 and len(journal.read_bytes().splitlines()) == 50
    with open_client(EndpointConfig(model="fake", url="http://127.0.0.1:9/v1"), journal) as two:
        again = list(two.ask_all(questions(50)))
    assert [each.text for each in again] == [each.text for each in first] and all(each.reused for each in again)
    assert two.ledger.summary()["cost"] == 0 and two.ledger.reused == 50


def test_the_key_of_a_question_is_all_that_can_change_its_answer():
    base = question("a")
    picture = Picture("00" * 32, lambda: b"")
    others = [
        question("b"),
        question("a", sampling=Sampling(temperature=1.0)),
        question("a", schema={"type": "object"}),
        Request(messages=(Message("system", ("a",)),)),
        Request(messages=(Message("user", (picture, "a")),)),
    ]
    keys = {base.key("m"), base.key("n"), *(each.key("m") for each in others)}
    assert len(keys) == 7 and base.key("m") == question("a", tag="other").key("m")


def test_pictures_are_loaded_once_and_sent_as_they_are():
    loads = []
    png = b"\x89PNG" + bytes(100)

    def load():
        loads.append(1)
        return png

    asked = [Request(messages=(Message("user", (Picture("ab" * 32, load), f"q{i}")),)) for i in range(5)]
    with FakeServer() as server, Client(endpoint(server)) as client:
        list(client.ask_all(asked))
    url = server.bodies[0]["messages"][0]["content"][0]["image_url"]["url"]
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")) == png and len(loads) == 1


def test_the_fake_answers_by_rule_and_by_function():
    script = FakeScript(rules=(Rule(match=r"is (\w+) red", answer="{1} is red"),))
    with FakeServer(script) as server, Client(endpoint(server)) as client:
        [outcome] = client.ask_all([question("is blood red?")])
    assert outcome.text == "blood is red"
    with FakeServer(FakeScript(function="made_answers:count_turns")) as server:
        with Client(endpoint(server)) as client:
            [outcome] = client.ask_all([question("x")])
    assert outcome.text == "1 turns"


def test_every_fault_of_the_fake_is_one_it_knows():
    script = FakeScript(faults=dict.fromkeys(FAULTS, 1 / len(FAULTS)))
    met = {script.fault(f"{i:064x}") for i in range(2000)}
    assert met == set(FAULTS)


def test_a_client_leaves_no_thread_behind():
    before = threading.active_count()
    with FakeServer() as server, Client(endpoint(server)) as client:
        outcomes = client.ask_all(questions(1000))
        next(outcomes)
        outcomes.close()
    assert threading.active_count() == before


@pytest.mark.parametrize("in_flight", [1, 7, 64])
def test_the_output_does_not_depend_on_how_many_are_under_way(in_flight):
    script = FakeScript(latency_ms=2, spread=1.0, faults={"server": 0.1, "disconnect": 0.05})
    with FakeServer(script) as server, Client(endpoint(server, in_flight=in_flight)) as client:
        outcomes = list(client.ask_all(questions(150)))
    assert [dumps(each) for each in outcomes] == [dumps(each) for each in expected_answers(150)]


def expected_answers(count):
    """What the server says to each question, asked one by one without any fault."""
    with FakeServer() as server, Client(endpoint(server, in_flight=1)) as client:
        return [outcome for each in questions(count) for outcome in client.ask_all([each])]
