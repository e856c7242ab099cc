"""The server answers what the local model answers: to our client and the evaluator, whole, streamed and in batches."""

import asyncio
import base64
import json
import socket
import threading
import urllib.request
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.serve.conftest import LIMITS, TEXTS, get, picture, post, user

from gmai.bench import open_table
from gmai.evaluate import RUNNERS, RunConfig
from gmai.images import encode_png
from gmai.llm import Answer, Client, EndpointConfig, Message, Picture, Request, Sampling
from gmai.models import FAMILIES, Chat, OptionItem, Wish, generate, prompt_chat, save_model
from gmai.serve import Served, ServerThread
from gmai.serve.app import _stream
from gmai.serve.asked import Asked, make_prompt
from gmai.serve.pending import Pending
from gmai.serve.protocol import ChatRequest, read_request, read_talk
from gmai.serve.replies import Reply
from tiny_model import SHAPE, make_model

QUESTIONS = ["Which finding?", "Where is the nodule?", "This picture shows", "upper-left or lower-right?"]


def local(server: ServerThread, text: str, *pictures: np.ndarray, most: int = 8) -> str:
    return generate(server.served.loaded, [OptionItem(pictures, text)], max_new_tokens=most)[0]


def stream(server: ServerThread, body: dict) -> list[dict | str]:
    data = json.dumps({"model": "tiny", "stream": True, **body}).encode()
    request = urllib.request.Request(f"{server.url}/chat/completions", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")
        events = [line[6:] for line in reply.read().decode().split("\n\n") if line]
    assert events[-1] == "[DONE]"
    return [json.loads(event) for event in events[:-1]]


def test_an_answer_is_the_local_models_with_text_and_image_tokens_apart(server):
    status, body = post(server, {"messages": [user(QUESTIONS[0], picture(1))], "max_tokens": 8})
    assert status == 200 and body["object"] == "chat.completion" and body["model"] == "tiny"
    choice = body["choices"][0]
    assert choice["message"] == {"role": "assistant", "content": local(server, QUESTIONS[0], picture(1))}
    assert choice["finish_reason"] in ("stop", "length")
    usage, loaded = body["usage"], server.served.loaded
    expected = len(loaded.scaffold.prompt(QUESTIONS[0], [loaded.contract.tokens_per_image]))
    assert usage["prompt_tokens"] == expected
    assert usage["prompt_tokens_details"]["image_tokens"] == loaded.contract.tokens_per_image
    assert usage["prompt_tokens_details"]["text_tokens"] == expected - loaded.contract.tokens_per_image
    assert usage["total_tokens"] == expected + usage["completion_tokens"]


def test_our_own_client_and_many_at_once_get_the_same_answers(server):
    def request(number: int) -> Request:
        data = encode_png(picture(number % 5))
        shown = (Picture(f"{number % 5:064x}", lambda: data),) if number % 4 else ()
        text = QUESTIONS[number % 3] + "!" * number
        return Request(messages=(Message("user", (*shown, text)),), sampling=Sampling(max_tokens=6))

    before = json.loads(get(server, "/health")[1])
    requests = [request(number) for number in range(24)]
    with Client(EndpointConfig(model="tiny", url=server.url)) as client:
        answers = list(client.ask_all(requests))
    for number, answer in enumerate(answers):
        shown = (picture(number % 5),) if number % 4 else ()
        assert isinstance(answer, Answer)
        assert answer.text == local(server, QUESTIONS[number % 3] + "!" * number, *shown, most=6)
        assert answer.fingerprint == server.served.fingerprint and not answer.usage.estimated
    assert before["status"] == "ok"
    counts = dict(line.split(" ") for line in get(server, "/metrics")[1].splitlines() if not line.startswith("#"))
    assert int(counts["gmai_batches_total"]) < int(counts["gmai_batch_rows_total"])
    assert int(counts["gmai_prompt_image_tokens_total"]) > 0 and counts["gmai_waiting"] == "0"


def test_prompt_ids_and_pixels_are_those_of_evaluation(server, config, monkeypatch):
    from gmai.models import generation

    loaded = server.served.loaded
    pictures = (picture(1), picture(2, 64, 30))
    body = {"model": "tiny", "messages": [{"role": "system", "content": "Be brief."}, user("Where?", *pictures)]}
    prompt = make_prompt(read_talk(read_request(json.dumps(body).encode(), LIMITS), LIMITS), loaded, config)
    seen = {}

    def watch(**inputs):
        seen.update(inputs)
        return inputs["input_ids"]

    monkeypatch.setattr(loaded.model, "generate", watch)
    generation.generate(loaded, [OptionItem(pictures, "Be brief.\n\nWhere?")])
    assert seen["input_ids"][0].tolist() == list(prompt.tokens)
    mine = loaded.inputs([prompt.tokens], prompt.fitted)
    assert np.array_equal(seen["pixel_values"].numpy(), mine["pixel_values"].numpy())


def test_a_streamed_answer_is_the_whole_one_in_pieces(server):
    body = {"messages": [user(QUESTIONS[1], picture(2))], "max_tokens": 8}
    _, whole = post(server, body)
    events = stream(server, {**body, "stream_options": {"include_usage": True}})
    assert events[0]["choices"][0]["delta"]["role"] == "assistant"
    text = "".join(event["choices"][0]["delta"].get("content", "") for event in events[:-1])
    assert text == whole["choices"][0]["message"]["content"]
    assert events[-2]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert events[-1]["choices"] == [] and events[-1]["usage"] == whole["usage"]
    assert len({event["id"] for event in events}) == 1
    assert all("usage" not in event for event in stream(server, body))


def test_log_probabilities_of_letters_are_told_with_their_blanks(server):
    body = {"messages": [user("A or B?")], "max_tokens": 1, "logprobs": True, "top_logprobs": 20}
    _, reply = post(server, body)
    content = reply["choices"][0]["logprobs"]["content"]
    assert len(content) == 1 and len(content[0]["top_logprobs"]) == 20
    assert content[0]["logprob"] == content[0]["top_logprobs"][0]["logprob"] <= 0
    events = stream(server, body)
    pieces = [event["choices"][0]["logprobs"] for event in events if event["choices"][0].get("logprobs")]
    assert pieces == [{"content": content}]
    loaded = server.served.loaded
    for text in ("A", " B", "upper-left", "病"):
        tokens = loaded.scaffold.text(text)
        if len(tokens) == 1:
            assert server.served.spell(tokens[0]) == text
    assert server.served.spell(loaded.scaffold.text(" The")[0]).startswith(" ")


def test_stops_seeds_and_conversations(server):
    messages = [user("Which finding?", picture(3)), {"role": "assistant", "content": "mass"}, user("Where?")]
    status, body = post(server, {"messages": messages, "max_tokens": 4})
    chat = prompt_chat(server.served.loaded, Chat(("Which finding?", "mass", "Where?"), (picture(3),)))
    assert status == 200 and body["usage"]["prompt_tokens"] == len(chat.tokens)
    drawn = [
        post(server, {"messages": [user("Where?")], "max_tokens": 8, "temperature": 1.5, "seed": seed})[1]
        for seed in (1, 1, 2, 3, 4)
    ]
    texts = [reply["choices"][0]["message"]["content"] for reply in drawn]
    assert texts[0] == texts[1] and len(set(texts)) > 2
    whole = local(server, "Where?", most=12)
    stop = whole[2]
    _, cut = post(server, {"messages": [user("Where?")], "max_tokens": 12, "stop": stop})
    assert cut["choices"][0]["message"]["content"] == whole.partition(stop)[0].strip()
    assert cut["choices"][0]["finish_reason"] == "stop"


def test_fields_that_change_nothing_are_taken(server):
    body = {"messages": [user("Where?")], "user": "x", "n": 1, "tools": [], "frequency_penalty": 0, "max_tokens": 2}
    assert post(server, body)[0] == 200
    assert ChatRequest(model="tiny", messages=[user("?")]).stops == ()


def test_a_client_that_leaves_ends_its_answer_and_no_other(server):
    host, port = server.url.removeprefix("http://").removesuffix("/v1").split(":")
    data = json.dumps({"model": "tiny", "messages": [user("Where?")], "max_tokens": 16, "stream": True}).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    results = []
    asking = threading.Thread(target=lambda: results.append(post(server, {"messages": [user("Where?")]})))
    with socket.create_connection((host, int(port))) as gone:
        gone.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        asking.start()
    asking.join()
    assert results[0][0] == 200


@pytest.mark.parametrize("heard", [1, 2])
def test_a_streamed_answer_that_nobody_hears_any_more_ends_and_is_counted(config, server, heard):
    """After the first event, in which nothing of the answer is yet, and after a piece of it."""
    served = Served(server.served.loaded, config, "key")
    prompt = prompt_chat(served.loaded, Chat(("Where?",)))

    async def leave() -> Pending:
        pending = Pending(served, Asked(prompt, Wish(max_tokens=200)))
        pieces = _stream(pending, Reply.begin("tiny", "", len(prompt.tokens), 0), served, usage=False)
        for _ in range(heard):
            await anext(pieces)
        await pieces.aclose()
        return pending

    assert asyncio.run(leave())._job.cancelled.is_set()
    served.close()
    assert 'gmai_requests_total{outcome="cancelled"} 1\n' in served.counts.write(0)
    assert "gmai_answer_tokens_total 0\n" in served.counts.write(0)


@pytest.mark.parametrize("family", FAMILIES.names())
def test_every_family_answers_many_at_once_as_it_does_locally(config, family):
    shape = replace(SHAPE, max_tiles=4, context=2048)
    loaded = make_model(TEXTS, shape, seed=5, family=family)
    sizes = [(), ((40, 56),), ((64, 30), (33, 90)), ((100, 40),)]
    shown = [tuple(picture(number, *size) for number, size in enumerate(each)) for each in sizes]
    several = loaded.scaffold.between_images is not None
    questions = [(QUESTIONS[n], pictures) for n, pictures in enumerate(shown) if several or len(pictures) < 2]
    expected = [generate(loaded, [OptionItem(pictures, text)], 6)[0] for text, pictures in questions]
    slow = replace(config, gather_ms=30_000, batch_rows=len(questions))
    replies: dict[int, dict] = {}

    def put(number: int) -> None:
        text, pictures = questions[number]
        replies[number] = post(running, {"messages": [user(text, *pictures)], "max_tokens": 6})[1]

    with ServerThread(slow, Served(loaded, slow, "key")) as running:
        asking = [threading.Thread(target=put, args=(number,)) for number in range(len(questions))]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        assert "gmai_batches_total 1\n" in get(running, "/metrics")[1]
    for number, (text, pictures) in enumerate(questions):
        assert replies[number]["choices"][0]["message"]["content"] == expected[number]
        visual = [layout.tokens for layout in loaded.layouts(pictures)]
        details = replies[number]["usage"]["prompt_tokens_details"]
        assert details["image_tokens"] == sum(visual)
        assert replies[number]["usage"]["prompt_tokens"] == len(loaded.scaffold.prompt(text, visual))


@pytest.mark.parametrize("family", FAMILIES.names())
def test_weights_in_bfloat16_answer_too(config, family, tmp_path):
    save_model(make_model(TEXTS, replace(SHAPE, context=2048), family=family), tmp_path / "tiny")
    half = replace(config, model=tmp_path / "tiny", dtype="bfloat16")
    with ServerThread(half) as running:
        status, body = post(running, {"messages": [user("Where?", picture())], "max_tokens": 4})
    assert status == 200 and body["usage"]["completion_tokens"] > 0


@pytest.fixture(scope="module")
def lettered(config, tmp_path_factory):
    """A server of a model whose likeliest first tokens are letters, so that all of them are told."""
    made = make_model(TEXTS, seed=3)
    letters = [made.scaffold.text(f"{blank}{letter}")[0] for letter in "ABC" for blank in ("", " ")]
    tokens = made.inputs([made.scaffold.prompt("Where?", [])], [])
    with torch.no_grad():
        state = made.model(**tokens, output_hidden_states=True).hidden_states[-1][0, -1]
        for number, token in enumerate(letters):
            made.model.get_input_embeddings().weight[token] = state / state.norm() * (1 + number / 10)
    folder = tmp_path_factory.mktemp("lettered") / "tiny"
    save_model(made, folder)
    with ServerThread(replace(config, model=folder)) as running:
        yield running, folder


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    rows = ["index\timage\tquestion\tA\tB\tC\tanswer\tcategory\tl2-category"]
    for number in range(6):
        image = base64.b64encode(encode_png(picture(number))).decode()
        rows.append(f"{number}\t{image}\t{QUESTIONS[number % 4]}\tnodule\tmass\tnone\tA\tx\ty")
    tsv = tmp_path_factory.mktemp("bench") / "TEST.tsv"
    tsv.write_text("\n".join(rows) + "\n")
    return tsv


@pytest.mark.parametrize("asked, local", [("openai", "generate"), ("openai-letters", "letters")])
def test_the_evaluators_runner_answers_as_the_local_one(lettered, questions, tmp_path, asked, local):
    running, folder = lettered
    common = {"tsv": questions, "out": tmp_path / "out", "prompt": "letter", "max_new_tokens": 8, "threads": 1}
    endpoint = EndpointConfig(model="tiny", url=running.url)
    served = RUNNERS.get(asked)(RunConfig(runner=asked, endpoint=endpoint, **common))
    own = RUNNERS.get(local)(RunConfig(runner=local, model=folder, **common))
    rows = list(open_table(questions))
    found = {}
    served.answer_each(rows, lambda place, prediction: found.__setitem__(place, prediction))
    for place, expected in enumerate(own.answer(rows)):
        if local == "generate":
            assert found[place].text == expected.text != ""
        else:
            assert found[place].choice == expected.choice
            assert found[place].likelihoods == pytest.approx(expected.likelihoods, abs=1e-4)
