"""Known mistakes put into true and varied answers: none passes the gates; faults of a server: every answer comes.

``python -m benchmarks.llm.faults`` does the same with thousands.
"""

from itertools import cycle, islice
from random import Random

import pytest
from spoken.cases import ingest_phantoms, made_case, read_cases, write_answers
from spoken.faults import FAULTS
from spoken.writer import WORDS, Written

import gmai.llm.client as client_module
from gmai.convert.guided import Ask, judge_reply
from gmai.llm import Answer, Client, EndpointConfig, FakeScript, FakeServer, Message, Request

EACH = 30
LANGUAGES = ("en", "zh")
KINDS = ("MODALITY", "FINDING", "REGION", "LOCATION", "COUNT", "COUNT_ONE", "PRESENT", "ABSENT", "SIZE", "GRADE",
         "LOCATION_SIZE", "PRESENT_ABSENT")  # fmt: skip


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    raws = ingest_phantoms(tmp_path_factory.mktemp("raw"), ct=1, xray=2, histology=1, fundus=2, ultrasound=1)
    return {language: [*read_cases(raws, language, samples=2), made_case(language)] for language in LANGUAGES}


@pytest.fixture(scope="module")
def answers(cases):
    """Clean answers and what the gates say of them."""
    written = {language: list(write_answers(found, 200, seed=2)) for language, found in cases.items()}
    return {language: [(each, judge(each, each.reply)) for each in written[language]] for language in LANGUAGES}


def judge(written: Written, reply):
    case = written.case
    ask = Ask(case.target or "f1", case.options)
    return judge_reply(reply, case.facts, case.task, case.language, sample=case.sample, tongue=case.tongue, ask=ask)


def spoilt(answers, fault):
    """Clean answers that the gates accept, each with a mistake; one answer may come again with another."""
    draw, found = Random(0), 0
    for written, verdict in islice(cycle(answers), 100 * EACH):
        reply = FAULTS[fault](written, draw) if verdict.accepted else None
        if reply is not None:
            found += 1
            yield written, reply
        if found == EACH:
            return


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_no_mistake_passes_the_gates(answers, fault, language):
    found = list(spoilt(answers[language], fault))
    assert len(found) == EACH
    assert [reply for written, reply in found if judge(written, reply).accepted] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_few_true_answers_are_refused(answers, language):
    told = [verdict.told for _, verdict in answers[language] if not verdict.accepted]
    assert len(told) <= 0.05 * len(answers[language]), told


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_are_varied(answers, language):
    assert sum(len(set(getattr(WORDS[language], kind))) for kind in KINDS) >= 60
    written = [each for each, _ in answers[language]]
    patterns = {said.pattern for each in written for _, _, said in each.sentences()}
    traits = set().union(*(each.traits for each in written))
    assert len(patterns) >= 60
    assert {"negation", "number in words", "passive", "count", "location", "size", "centimetres"} <= traits
    assert language == "zh" or "synonym" in traits


@pytest.mark.parametrize(
    "fault", ["rate_limited", "server", "unavailable", "hang", "drip", "disconnect", "not_json", "half_body"]
)
def test_every_question_that_meets_a_fault_of_the_server_is_answered(fault, monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_WAIT_S", 0.01)
    asked = [Request(messages=(Message("user", (f"question {n}",)),)) for n in range(EACH)]
    with FakeServer(FakeScript(faults={fault: 1.0}, drip_ms=20)) as server:
        with Client(EndpointConfig(model="fake", url=server.url, timeout_s=0.5, attempts=10)) as client:
            outcomes = list(client.ask_all(asked))
    assert [isinstance(outcome, Answer) and outcome.text for outcome in outcomes] == [
        f"You asked: question {n}" for n in range(EACH)
    ]
    assert server.counts[fault] == EACH and sum(client.ledger.retries.values()) >= EACH
