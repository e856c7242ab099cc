"""A judge's pass: recorded beside the score, counted where it fails, never part of the score."""

import re

import pytest
from answered import ask, chosen, reply
from click.testing import CliRunner

import gmai.llm.client as client_module
from gmai.base import from_dict, iter_jsonl, read_json, write_json, write_jsonl
from gmai.base.files import hash_file
from gmai.cli import main
from gmai.errors import ConfigError
from gmai.evaluate import JudgeConfig, ScoreConfig, judge, score
from gmai.evaluate.judging import Judged
from gmai.llm import EndpointConfig, FakeScript, FakeServer, Rule
from gmai.types import Measure

RULES = (
    Rule(match="That answer cannot be used", answer="still no verdict"),
    Rule(match="(?s)<reply>.*swelling", answer='{{"verdict": "right", "why": "Oedema is swelling."}}'),
    Rule(match="(?s)<reply>.*shadow", answer='{{"verdict": "unclear", "why": "It may mean either."}}'),
    Rule(match="(?s)<reply>.*nonsense", answer="no verdict at all"),
    Rule(match="(?s).*", answer='{{"verdict": "wrong", "why": "It names something else."}}'),
)
REPLIES = ["oedema", "a swelling", "a shadow", "nonsense", "a fracture", "I cannot tell."]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_WAIT_S", 0.01)


@pytest.fixture
def scores(tmp_path):
    keys = [ask(n, form="open", options=(), answer="oedema", subject=f"p{n}") for n in range(len(REPLIES))]
    write_jsonl(tmp_path / "key.jsonl", [*keys, ask(90), ask(91)])
    given = [*(reply(n, text) for n, text in enumerate(REPLIES)), reply(90, "A or B"), chosen(91)]
    write_jsonl(tmp_path / "m/predictions.jsonl", given)
    predictions = tmp_path / "m/predictions.jsonl"
    score(ScoreConfig(predictions=predictions, key=tmp_path / "key.jsonl", out=tmp_path / "s"))
    return tmp_path / "s"


def test_verdicts_stand_beside_the_score(scores, tmp_path):
    before = hash_file(scores / "manifest.json"), hash_file(scores / "scores.json")
    with FakeServer(FakeScript(rules=RULES)) as server:
        endpoint = EndpointConfig(model="fake", url=server.url, attempts=2)
        stats = judge(JudgeConfig(scores=scores, out=tmp_path / "j", endpoint=endpoint))
        asked = len(server.bodies)
        assert judge(JudgeConfig(scores=scores, out=tmp_path / "j", endpoint=endpoint)) == stats
        assert len(server.bodies) == asked
        seen = [body["messages"][-1]["content"] for body in server.bodies]
    assert stats.verdicts == {"failed": 1, "right": 1, "unclear": 1, "wrong": 3}
    assert stats.failures == {"llm.schema": 1} and stats.agreement == pytest.approx(2 / 4)
    lines = list(iter_jsonl(tmp_path / "j/judge.jsonl", Judged))
    assert [one.verdict for one in lines] == ["wrong", "right", "unclear", None, "wrong", "wrong"]
    assert [one.scored for one in lines] == [True, False, False, False, False, False]
    assert all(one.reply == text and one.prompt and one.asked for one, text in zip(lines, REPLIES, strict=True))
    whole = from_dict(tuple[Measure, ...], read_json(tmp_path / "j/judged.json"))[0]
    assert (whole.metric, whole.n, whole.errors, whole.invalid) == ("accuracy.judged", 6, 1, 1)
    assert whole.value == pytest.approx(1 / 6, abs=1e-6) and whole.low < whole.value < whole.high
    assert (hash_file(scores / "manifest.json"), hash_file(scores / "scores.json")) == before
    first = next(text for text in seen if "<reply>\noedema" in text)
    assert re.search(r"<right>\noedema\n</right>", first)


def test_what_could_not_be_read_is_judged_if_asked_for(scores, tmp_path):
    rule = Rule(match="(?s)A or B", answer='{{"verdict": "wrong", "why": "Two."}}')
    with FakeServer(FakeScript(rules=(rule, *RULES))) as server:
        arguments = ["eval", "judge", str(scores), "--model", "fake", "--base-url", server.url, "--which", "unread"]
        shown = CliRunner().invoke(main, [*arguments, "-o", str(tmp_path / "j"), "--quiet"])
    assert shown.exit_code == 0, shown.output
    assert "judged by fake: 0.000" in shown.output and "the score stays as it is" in shown.output
    lines = list(iter_jsonl(tmp_path / "j/judge.jsonl", Judged))
    assert [(one.index, one.verdict) for one in lines] == [(5, "wrong"), (90, "wrong")]


def test_a_judge_that_always_fails_is_an_error_and_can_be_asked_again(scores, tmp_path):
    rule = Rule(match="(?s).*", answer="no verdict at all")
    with FakeServer(FakeScript(rules=(rule,))) as server:
        arguments = ["eval", "judge", str(scores), "--model", "fake", "--base-url", server.url, "--quiet"]
        shown = CliRunner().invoke(main, [*arguments, "-o", str(tmp_path / "j")])
    assert shown.exit_code == 2 and "failed at all 6 replies: llm.schema (6)" in shown.output
    assert "0.000" not in shown.output and not (tmp_path / "j/judged.json").exists()
    with FakeServer(FakeScript(rules=RULES)) as server:
        arguments = ["eval", "judge", str(scores), "--model", "fake", "--base-url", server.url, "--quiet"]
        shown = CliRunner().invoke(main, [*arguments, "--no-resume", "-o", str(tmp_path / "j")])
    assert shown.exit_code == 0 and "judged by fake: 0.167" in shown.output


def test_scores_whose_predictions_changed_are_not_judged(scores, tmp_path):
    endpoint = EndpointConfig(model="fake", url="http://127.0.0.1:9/v1", attempts=1)
    write_jsonl(tmp_path / "m/predictions.jsonl", [chosen(0)])
    with pytest.raises(ConfigError, match="predictions of these scores are gone or have changed"):
        judge(JudgeConfig(scores=scores, out=tmp_path / "j", endpoint=endpoint))


def test_a_key_that_was_moved_is_given_and_must_be_the_same(scores, tmp_path):
    (tmp_path / "key.jsonl").rename(tmp_path / "moved.jsonl")
    with FakeServer(FakeScript(rules=RULES)) as server:
        arguments = ["eval", "judge", str(scores), "--model", "fake", "--base-url", server.url, "--quiet"]
        gone = CliRunner().invoke(main, [*arguments, "-o", str(tmp_path / "j")])
        assert gone.exit_code != 0 and "--key" in gone.output
        moved = [*arguments, "--key", str(tmp_path / "moved.jsonl"), "-o", str(tmp_path / "j")]
        shown = CliRunner().invoke(main, moved)
        assert shown.exit_code == 0 and "judged by fake" in shown.output
        write_jsonl(tmp_path / "moved.jsonl", [ask(0)])
        other = CliRunner().invoke(main, moved)
    assert other.exit_code != 0 and "have changed" in other.output


def test_scores_by_older_rules_are_not_judged(scores, tmp_path):
    stats = read_json(scores / "stats.json")
    stats["versions"]["extractor"] = "gmai-0"
    write_json(scores / "stats.json", stats)
    endpoint = EndpointConfig(model="fake", url="http://127.0.0.1:9/v1", attempts=1)
    with pytest.raises(ConfigError, match="read by rules gmai-0"):
        judge(JudgeConfig(scores=scores, out=tmp_path / "j", endpoint=endpoint))


def test_letters_without_words_are_nothing_to_judge(tmp_path):
    write_jsonl(tmp_path / "key.jsonl", [ask(0)])
    write_jsonl(tmp_path / "m/predictions.jsonl", [chosen(0)])
    predictions = tmp_path / "m/predictions.jsonl"
    score(ScoreConfig(predictions=predictions, key=tmp_path / "key.jsonl", out=tmp_path / "s"))
    endpoint = EndpointConfig(model="fake", url="http://127.0.0.1:9/v1", attempts=1)
    with pytest.raises(ConfigError, match="nothing to judge"):
        judge(JudgeConfig(scores=tmp_path / "s", out=tmp_path / "j", endpoint=endpoint, which="all"))
