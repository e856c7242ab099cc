"""The guided engine against the fake server: what is kept, what is rejected, and that nothing is lost or paid twice."""

import json

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from guiding import HONEST, content, guide, rejects
from raw_files import make_raws

import gmai.convert.guided.job as job_module
import gmai.llm.client as client_module
from gmai.base import write_jsonl
from gmai.cli import main
from gmai.convert import GuidedConfig, convert_guided, judge_reply
from gmai.convert.guided.prompts import read_prompt
from gmai.convert.guided.replies import REPLIES
from gmai.convert.guided.write import host_class
from gmai.corpus import Tombstone, iter_conversations, open_corpus, trace
from gmai.errors import ConfigError, RejectLimit, RemoteError
from gmai.llm import EndpointConfig, FakeScript, FakeServer


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_WAIT_S", 0.01)


@pytest.fixture(scope="module")
def raws(tmp_path_factory):
    return make_raws(tmp_path_factory.mktemp("raws"), count=4)


def test_an_honest_model_loses_nothing_and_every_text_tells_how_it_was_made(raws, tmp_path):
    with FakeServer(HONEST) as server:
        summary = guide(raws, tmp_path / "out", server, languages=("en", "zh"))
    assert set(summary.accepted) == {"caption", "percept", "instruct", "text"}
    assert set(summary.reasons) <= {"convert.no_name", "convert.nothing"}
    talks = list(iter_conversations(tmp_path / "out"))
    assert len(talks) == len({talk.id for talk in talks}) == sum(summary.accepted.values())
    assert {talk.language for talk in talks} == {"en", "zh"}
    assert {talk.view.granularity for talk in talks} >= {"image", "mask"}
    for talk in talks:
        [step] = talk.steps
        made = step.parameters
        prompt = read_prompt(made["prompt"].split(".")[0], talk.language)
        assert (made["prompt"], made["prompt_hash"]) == (prompt.name, prompt.hash)
        assert (made["model"], made["host"], made["attempts"]) == ("fake", "loopback", 1)
        assert talk.template == f"guided-1:{prompt.name}" and talk.facts
        stated = {n for sentences in made["references"] for numbers in sentences for n in numbers}
        assert stated == set(range(len(talk.facts)))
        if talk.options:
            assert talk.options.count(talk.answer) == 1
    steps = trace(tmp_path / "out", talks[0].id)
    assert any(step.what == "step" and "prompt_hash" in step.details for step in steps)
    assert open_corpus(tmp_path / "out")


def test_every_answer_is_kept_and_its_tokens_are_summed(raws, tmp_path):
    with FakeServer(FakeScript(function="guided_answers:lying_sometimes")) as server:
        guide(raws, tmp_path / "out", server, endpoint={"price_prompt": 2.0, "price_completion": 4.0})
        asked = server.counts["answered"]
    kept = [json.loads(line) for path in (tmp_path / "out/answers").iterdir() for line in path.read_text().splitlines()]
    assert len(kept) == len({answer["key"] for answer in kept}) == asked
    ledger = json.loads((tmp_path / "out/stats.json").read_text())["ledger"]
    assert sum(total["answers"] for total in ledger["answers"].values()) == asked
    prompt = sum(answer["usage"]["prompt"] for answer in kept)
    completion = sum(answer["usage"]["completion"] for answer in kept)
    assert ledger["cost"] == pytest.approx((2 * prompt + 4 * completion) / 1e6, abs=1e-6)
    by_key = {answer["key"]: answer["text"] for answer in kept}
    assert all(talk.steps[0].parameters["answer"] in by_key for talk in iter_conversations(tmp_path / "out"))
    lies = [reject for reject in rejects(tmp_path / "out") if reject["unit"] == "conversation"]
    assert lies and all("pneumothorax" in reject["detail"] for reject in lies)


def test_what_was_refused_is_asked_again_with_the_reason(raws, tmp_path):
    with FakeServer(FakeScript(function="guided_answers:lying_at_first")) as server:
        summary = guide(raws, tmp_path / "out", server, subsets=("caption",))
        again = [body for body in server.bodies if len(body["messages"]) == 4]
    assert "pneumothorax" in again[0]["messages"][3]["content"] and again[0]["messages"][2]["role"] == "assistant"
    assert summary.accepted["regenerated"] == summary.accepted["caption"] > 0
    talk = next(iter(iter_conversations(tmp_path / "out")))
    assert talk.steps[0].parameters["attempts"] == 2
    assert "guided.finding" in talk.steps[0].parameters["refused"][0]


def test_what_stays_wrong_is_a_counted_reject_with_the_reply(raws, tmp_path):
    with FakeServer(FakeScript(function="guided_answers:lying")) as server:
        summary = guide(raws, tmp_path / "out", server, subsets=("caption", "instruct"), regenerate=2)
    assert summary.accepted == {} and summary.reasons["guided.reference.unstated"] > 10
    found = next(reject for reject in rejects(tmp_path / "out") if reject["unit"] == "conversation")
    assert "attempts 3" in found["detail"] and "A pneumothorax is seen." in found["detail"]


def test_bytes_are_the_same_with_any_number_of_workers_and_of_questions_under_way(raws, tmp_path):
    made = []
    script = FakeScript(function="guided_answers:lying_sometimes", latency_ms=2, spread=1.0)
    for name, workers, in_flight in (("a", 0, 1), ("b", 0, 32), ("c", 2, 16)):
        with FakeServer(script) as server:
            guide(raws[:2], tmp_path / name, server, workers=workers, in_flight=in_flight, subsets=("caption",))
        made.append(content(tmp_path / name))
    assert made[0] == made[1] == made[2] and any(name.startswith("answers/") for name in made[0])


@pytest.mark.parametrize("structured", ["json_object", "text"])
def test_servers_without_schemas_are_told_in_words(raws, tmp_path, structured):
    with FakeServer(HONEST) as server:
        summary = guide(raws, tmp_path / "out", server, endpoint={"structured": structured}, job={"limit": 8})
    assert summary.accepted["caption"] > 0 and "conversation" not in summary.rejected


@pytest.mark.parametrize("fault", ["rate_limited", "server", "disconnect", "half_body", "fenced", "prose", "length"])
def test_faults_of_a_server_that_pass_lose_nothing(raws, tmp_path, fault):
    script = FakeScript(function="guided", faults={fault: 0.3})
    with FakeServer(script) as server:
        summary = guide(raws, tmp_path / "out", server, subsets=("caption",), endpoint={"attempts": 4}, regenerate=3)
    assert summary.accepted["caption"] == 12 and "conversation" not in summary.rejected


def test_a_question_without_an_answer_is_a_counted_reject(raws, tmp_path):
    with FakeServer(FakeScript(function="guided", faults={"not_json": 0.2}, times=99)) as server:
        summary = guide(raws, tmp_path / "out", server)
    assert summary.reasons["llm.malformed"] > 5 and summary.accepted["percept"] > 5


def test_a_wrong_model_stops_the_run(raws, tmp_path):
    with FakeServer(HONEST) as server, pytest.raises(RemoteError, match="no such model"):
        guide(raws, tmp_path / "out", server, endpoint={"model": "other"})


def test_more_rejects_than_allowed_stop_the_run(raws, tmp_path):
    with FakeServer(FakeScript(function="guided_answers:lying")) as server, pytest.raises(RejectLimit):
        guide(raws, tmp_path / "out", server, job={"max_rejects": 5})


TWO = {"models": ("fake", "judge")}


def test_a_verifier_that_agrees_leaves_its_verdicts(raws, tmp_path):
    with FakeServer(FakeScript(function="guided", **TWO)) as server:
        guide(raws, tmp_path / "out", server, verifier={"model": "judge"}, languages=("en", "zh"))
    for talk in iter_conversations(tmp_path / "out"):
        _, step = talk.steps
        assert step.name == "verify" and step.parameters["model"] == "judge"
        assert {claim["verdict"] for claim in step.parameters["claims"]} == {"supported"}
        assert step.parameters["prompt"] == f"verify.{talk.language}@1"


@pytest.mark.parametrize(
    ("function", "more", "reason"),
    [
        ("contradicting", {}, "guided.verifier.contradicted"),
        ("doubting", {}, "guided.verifier.unknown"),
        ("doubting", {"unknown": "keep"}, None),
        ("one_claim_less", {}, "guided.verifier.failed"),
    ],
)
def test_what_a_verifier_does_not_support_is_rejected(raws, tmp_path, function, more, reason):
    with FakeServer(FakeScript(function=f"guided_answers:{function}", **TWO)) as server:
        summary = guide(raws, tmp_path / "out", server, verifier={"model": "judge"}, subsets=("caption",), **more)
    wanted = {"caption": 12} if reason is None else {}
    assert summary.accepted == wanted and summary.reasons.get(reason or "", 0) == (12 if reason else 0)


def test_a_text_that_a_verifier_contradicts_is_written_again(raws, tmp_path):
    with FakeServer(FakeScript(function="guided_answers:contradicting_once", **TWO)) as server:
        summary = guide(raws, tmp_path / "out", server, verifier={"model": "judge"}, subsets=("caption",))
    assert summary.accepted == {"caption": 12, "regenerated": 12}


def test_a_model_does_not_verify_itself_unless_it_is_told_to(raws, tmp_path):
    with FakeServer(HONEST) as server:
        with pytest.raises(ConfigError, match="verify what it wrote itself"):
            guide(raws, tmp_path / "out", server, verifier={"model": "fake"})
        guide(raws, tmp_path / "out", server, verifier={"model": "fake"}, same_model=True, job={"limit": 1})


def test_the_model_sees_the_drawn_region(raws, tmp_path):
    import base64

    with FakeServer(HONEST) as server:
        guide(raws[:1], tmp_path / "out", server, subsets=("caption",), granularities=("box", "contour", "mask"))
        bodies = list(server.bodies)
    for body in bodies:
        picture, text = body["messages"][1]["content"]
        data = base64.b64decode(picture["image_url"]["url"].split(",")[1])
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) == 2
        assert "region" in body["messages"][0]["content"] and "| CT |" in text["text"]


def test_prompts_of_ones_own_take_the_place_of_those_that_ship(raws, tmp_path):
    own = tmp_path / "prompts"
    own.mkdir()
    head = "---\nname: caption\nversion: 7\nlanguage: en\nschema: CaptionReply\nfacts: [finding]\n---\n"
    (own / "caption.en.md").write_text(head + "Say what is found.\n")
    with FakeServer(HONEST) as server:
        guide(raws[:1], tmp_path / "out", server, subsets=("caption",), granularities=("image",), prompts=own)
        assert server.bodies[0]["messages"][0]["content"] == "Say what is found."
    talks = list(iter_conversations(tmp_path / "out"))
    assert {talk.template for talk in talks} == {"guided-1:caption.en@7"}
    assert {fact.kind for talk in talks for fact in talk.facts} == {"finding"}
    (own / "caption.en.md").write_text("Say what is found.\n")
    with FakeServer(HONEST) as server, pytest.raises(ConfigError, match="without a head"):
        guide(raws[:1], tmp_path / "other", server, prompts=own)
    (own / "caption.en.md").write_text(head.replace("caption", "region") + "x")
    with FakeServer(HONEST) as server, pytest.raises(ConfigError, match="in the place of"):
        guide(raws[:1], tmp_path / "other", server, prompts=own)


@pytest.mark.parametrize("name", [None, "captions.en.md", "caption.fr.md"])
def test_a_folder_that_takes_the_place_of_no_prompt_is_refused(raws, tmp_path, name):
    if name is not None:
        (tmp_path / "own").mkdir()
        (tmp_path / "own" / name).write_text("x")
    endpoint = EndpointConfig(model="fake", url="http://127.0.0.1:9/v1")
    with pytest.raises(ConfigError, match=name or "no folder with prompts"):
        convert_guided(GuidedConfig(raw=raws, out=tmp_path / "out", endpoint=endpoint, prompts=tmp_path / "own"))


def test_a_prompt_that_takes_fewer_facts_is_asked_about_those_alone(raws, tmp_path):
    own = tmp_path / "prompts"
    own.mkdir()
    for task, schema in (("percept", "PerceptReply"), ("instruct", "InstructReply")):
        head = f"---\nname: {task}\nversion: 2\nlanguage: en\nschema: {schema}\nfacts: [finding, location]\n---\n"
        (own / f"{task}.en.md").write_text(f"{head}Ask.\n")
    with FakeServer(HONEST) as server:
        summary = guide(raws[:1], tmp_path / "out", server, subsets=("percept", "instruct"), prompts=own)
    assert "conversation" not in summary.rejected and set(summary.accepted) == {"percept", "instruct"}
    assert {f.kind for talk in iter_conversations(tmp_path / "out") for f in talk.facts} == {"finding", "location"}
    (own / "percept.en.md").write_text(head.replace("instruct", "percept") + "Ask.\n")
    with FakeServer(HONEST) as server, pytest.raises(ConfigError, match="is answered by PerceptReply"):
        guide(raws[:1], tmp_path / "other", server, prompts=own)


@pytest.mark.parametrize("url", ["http://10.255.255.1:9/v1", "http://127.0.0.1:9/v1"])
def test_it_is_told_that_pictures_leave_the_machine_before_one_does(raws, tmp_path, caplog, monkeypatch, url):
    class Begun(Exception):
        pass

    def begin(*_, **__):
        raise Begun

    monkeypatch.setattr(job_module, "run_job", begin)
    with pytest.raises(Begun):
        convert_guided(GuidedConfig(raw=raws, out=tmp_path / "out", endpoint=EndpointConfig(model="fake", url=url)))
    assert (f"are sent to a private address: {url}" in caplog.text) == ("10.255" in url)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_prompts_that_ship_name_the_record_that_answers_them(language):
    for task, cls in REPLIES.items():
        prompt = read_prompt(task, language)
        assert prompt.head.schema == cls.__name__ and prompt.hash and len(prompt.body) > 200
    assert read_prompt("verify", language).head.schema == "VerifyReply"


def test_an_address_leads_to_this_machine_a_private_one_or_away():
    urls = ["http://127.0.0.1:8000/v1", "http://localhost/v1", "http://10.1.2.3:80/v1", "https://api.example.org/v1"]
    assert [host_class(url) for url in urls] == ["loopback", "loopback", "private", "remote"]


def test_the_command_makes_a_corpus_and_is_finished_the_second_time(raws, tmp_path):
    out = tmp_path / "out"
    with FakeServer(FakeScript(function="guided", **TWO)) as server:
        flags = ["--model", "fake", "--url", server.url, "--languages", "en,zh", "--workers", "0", "--limit", "8"]
        words = ["convert", "guided", *map(str, raws), "-o", str(out), *flags, "--verifier-model", "judge"]
        first = CliRunner().invoke(main, words)
        asked = server.counts["answered"]
        second = CliRunner().invoke(main, words)
        assert (first.exit_code, second.exit_code, server.counts["answered"]) == (0, 0, asked), first.output
    assert len(list(iter_conversations(out))) > 30 and (out / "README.md").exists()
    assert CliRunner().invoke(main, ["convert", "--help"]).exit_code == 0


def test_samples_that_were_taken_out_do_not_come_back(raws, tmp_path):
    grave = Tombstone(id="ct/1", source="ct", subject="1", assets=(), reason="withdrawn")
    (tmp_path / "removed").mkdir()
    write_jsonl(tmp_path / "removed/tombstones.jsonl", [grave])
    with FakeServer(HONEST) as server:
        flags = ["--model", "fake", "--url", server.url, "--workers", "0", "--removed", str(tmp_path / "removed")]
        words = ["convert", "guided", str(raws[0]), "-o", str(tmp_path / "out"), *flags]
        assert CliRunner().invoke(main, words).exit_code == 0
    assert {talk.sample for talk in iter_conversations(tmp_path / "out")} == {f"ct/{n}" for n in (0, 2, 3)}
    [gone] = [reject for reject in rejects(tmp_path / "out") if reject["unit"] == "sample"]
    assert (gone["id"], gone["reason"], gone["detail"]) == ("ct/1", "removed", "withdrawn")


def test_kept_texts_pass_the_gates_again(raws, tmp_path):
    with FakeServer(FakeScript(function="guided_answers:lying_sometimes")) as server:
        guide(raws, tmp_path / "out", server, subsets=("caption",), languages=("en", "zh"))
    corpus, judged = open_corpus(tmp_path / "out"), 0
    for talk in iter_conversations(tmp_path / "out"):
        numbers = [f"f{n}" for n in range(1, len(talk.facts) + 1)]
        gap = "。" if talk.language == "zh" else ". "
        parts = [part.strip() for part in talk.turns[1].text.split(gap) if part.strip(" .。")]
        references = talk.steps[0].parameters["references"][0]
        if len(parts) != len(references):
            continue
        said = [
            {"text": part, "facts": [numbers[n] for n in stated]}
            for part, stated in zip(parts, references, strict=True)
        ]
        sample = corpus.sample(talk.sample).sample
        found = judge_reply({"sentences": said}, talk.facts, "caption", talk.language, sample=sample)
        assert found.accepted, (found.told, talk.turns)
        judged += 1
    assert judged > 20
