"""Models behind a server: what is sent, what is kept, what becomes of failures."""

import base64
import math

import pytest

import gmai.llm.client as client_module
from gmai.base import iter_jsonl, read_json
from gmai.bench import LETTERS, read_tsv
from gmai.errors import ConfigError, RemoteError
from gmai.evaluate import RunConfig, find_prompt, run_model
from gmai.llm import EndpointConfig, FakeScript, FakeServer, Rule
from gmai.types import Prediction


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_WAIT_S", 0.01)


def run(bench, url, out, in_flight=8, runner="openai", **settings):
    endpoint = EndpointConfig(model="fake", url=url, in_flight=in_flight, attempts=2, timeout_s=20)
    run_model(RunConfig(tsv=bench / "public/TEST.tsv", out=out, runner=runner, endpoint=endpoint, **settings))
    return list(iter_jsonl(out / "predictions.jsonl", Prediction))


def test_the_stored_bytes_and_the_prompt_are_sent_and_the_reply_is_kept(bench, tmp_path):
    with FakeServer(FakeScript(rules=(Rule(match="(?s).*", answer="I choose (B)."),))) as server:
        found = run(
            bench, server.url, tmp_path / "p", prompt="doctor", max_new_tokens=7, request={"top_p": 0.5}, limit=3
        )
        bodies = server.bodies
    prompt = find_prompt("doctor", "openai")
    rows = {(prompt.word(row), row.picture()) for row in list(read_tsv(bench / "public/TEST.tsv"))[:3]}
    for body in bodies:
        system, user = body["messages"]
        (picture, text) = user["content"]
        kind, _, data = picture["image_url"]["url"].partition(",")
        assert kind == "data:image/png;base64" and (text["text"], base64.b64decode(data)) in rows
        assert system["content"].startswith("You are an experienced physician")
        assert (body["max_tokens"], body["top_p"], body["temperature"], body["seed"]) == (7, 0.5, 0.0, 0)
    assert [(p.choice, p.text, p.mode) for p in found] == [("B", "I choose (B).", "generate")] * 3
    assert all(min(p.usage) > 0 for p in found)
    told = read_json(tmp_path / "p/run.json")["measured"]["server"]
    assert told["models"] == [{"model": "fake", "fingerprint": "", "answers": 3}]
    assert (told["answered"], told["cut"]) == (3, 0)


def test_a_blind_run_sends_no_picture_and_says_no_more(bench, tmp_path):
    with FakeServer() as server:
        run(bench, server.url, tmp_path / "p", blind=True, limit=4)
        texts = {body["messages"][0]["content"] for body in server.bodies}
    prompt = find_prompt("", "openai")
    assert texts == {prompt.word(row) for row in list(read_tsv(bench / "public/TEST.tsv"))[:4]}


def test_the_order_of_answers_and_their_number_under_way_change_no_byte(bench, tmp_path):
    for number, (in_flight, spread) in enumerate([(1, 0.0), (8, 1.0), (50, 0.9)]):
        script = FakeScript(latency_ms=3, spread=spread, seed=number)
        with FakeServer(script) as server:
            run(bench, server.url, tmp_path / f"{number}", in_flight=in_flight, name="m")
    files = [{p.name: p.read_bytes() for p in (tmp_path / f"{n}").iterdir() if p.name != "run.json"} for n in range(3)]
    for each in files[1:]:
        assert {name for name in each if each[name] != files[0][name]} == {"manifest.json"}
        assert (
            each["predictions.jsonl"] == files[0]["predictions.jsonl"]
            and each["m_TEST.xlsx"] == files[0]["m_TEST.xlsx"]
        )


def test_failed_questions_are_asked_again_and_only_those(bench, tmp_path):
    with FakeServer(FakeScript(faults={"server": 0.5}, times=2)) as server:
        with pytest.raises(RemoteError, match="questions have no answer, such as index"):
            run(bench, server.url, tmp_path / "p")
        before, failed = server.counts["answered"], server.counts["server"] // 2
        assert failed > 3
        found = run(bench, server.url, tmp_path / "p")
        assert server.counts["answered"] == before + failed == len(found)
    assert not any(p.error for p in found)


def test_failed_questions_may_count_as_wrong(bench, tmp_path):
    with FakeServer(FakeScript(faults={"server": 0.3}, times=99)) as server:
        found = run(bench, server.url, tmp_path / "p", unanswered="wrong")
    errors = [p for p in found if p.error]
    assert errors and all(p.reason == "llm.server" and p.choice is None and not p.text for p in errors)
    assert read_json(tmp_path / "p/stats.json")["errors"] == {"llm.server": len(errors)}


def test_circular_puts_every_rotation_and_keeps_the_order_of_the_file(bench, tmp_path):
    with FakeServer(FakeScript(rules=(Rule(match=r"(?s).*", answer="A"),))) as server:
        found = run(bench, server.url, tmp_path / "p", circular=True)
    rows = list(read_tsv(bench / "public/TEST.tsv"))
    assert [(p.index, p.rotation) for p in found] == [(q.index, r) for q in rows for r in range(len(q.options))]
    assert all(p.choice == LETTERS[p.rotation] and p.text == "A" for p in found)
    assert read_json(tmp_path / "p/stats.json")["rotations"] is True


def test_a_server_is_part_of_the_identity_and_a_password_is_not_written(bench, tmp_path):
    with FakeServer(FakeScript(models=("fake", "other"))) as server:
        first = run(bench, server.url, tmp_path / "p", limit=2)
        assert run(bench, server.url, tmp_path / "p", limit=2, batch=3, in_flight=2, threads=1) == first
        endpoint = EndpointConfig(model="other", url=server.url)
        config = RunConfig(
            tsv=bench / "public/TEST.tsv", out=tmp_path / "p", runner="openai", endpoint=endpoint, limit=2, name="fake"
        )
        with pytest.raises(ConfigError, match="another run"):
            run_model(config)
    with pytest.raises(ConfigError, match="a password in it"):
        run(bench, "http://me:secret@127.0.0.1:1/v1", tmp_path / "q")
    assert not (tmp_path / "q").exists()


def test_what_no_question_can_mend_stops_the_run(bench, tmp_path):
    with FakeServer(FakeScript(models=("another",))) as server, pytest.raises(RemoteError, match="no such model"):
        run(bench, server.url, tmp_path / "p")
    with pytest.raises(ConfigError, match="asks a server"):
        run_model(RunConfig(tsv=bench / "public/TEST.tsv", out=tmp_path / "q", runner="openai"))


def test_letters_are_chosen_by_the_servers_log_probabilities(bench, tmp_path):
    with FakeServer(FakeScript(rules=(Rule(match="(?s).*", answer="B"),))) as server:
        found = run(bench, server.url, tmp_path / "p", runner="openai-letters")
        body = server.bodies[0]
    assert (body["max_tokens"], body["logprobs"], body["top_logprobs"]) == (1, True, 20)
    rows = {row.index: row for row in read_tsv(bench / "public/TEST.tsv")}
    for one in found:
        if rows[one.index].form == "multiple":
            assert (one.choice, one.reason) == (None, "not_one_option")
            continue
        assert (one.mode, one.choice, one.tie) == ("letters", "B", False)
        count = len(rows[one.index].options)
        assert one.likelihoods == pytest.approx([-5 + math.log(2), -0.1, -5.0, -5.0][:count])


def test_a_server_without_log_probabilities_is_told_and_no_letter_is_none(bench, tmp_path, monkeypatch):
    import gmai.llm.fake.server as fake

    with FakeServer(FakeScript(rules=(Rule(match="(?s).*", answer="1"),))) as server:
        monkeypatch.setattr(fake, "_first_token", lambda text: {"token": text, "logprob": -0.1})
        found = run(bench, server.url, tmp_path / "p", runner="openai-letters", limit=5)
        assert {(one.choice, one.reason) for one in found} <= {(None, "no_letter"), (None, "not_one_option")}
        assert (None, "no_letter", "1") in {(one.choice, one.reason, one.text) for one in found}
        monkeypatch.setattr(fake, "_first_token", lambda text: {})
        with pytest.raises(RemoteError, match="tells no log-probabilities"):
            run(bench, server.url, tmp_path / "q", runner="openai-letters")
