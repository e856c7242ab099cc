"""Whatever is sent, the reply is a clear refusal in OpenAI's shape, before memory is asked for; the server goes on."""

import base64
import json
import socket
import struct
import sys
import threading
import time
import zlib
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

import pytest
from click.testing import CliRunner
from PIL import Image
from tests.serve.conftest import LIMITS, data_url, get, picture, post, user

from gmai.cli import main
from gmai.errors import ConfigError
from gmai.images import encode_png
from gmai.models import Chat, Wish, prompt_chat
from gmai.serve import LimitsConfig, ServeConfig, ServerThread, batcher, check_config
from gmai.serve.batcher import Batcher, Job
from gmai.serve.counts import Counts
from gmai.serve.pictures import load_picture
from gmai.serve.refusal import Refusal


def ask(text="Where?", *urls: str, **more) -> dict:
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return {"messages": [{"role": "user", "content": [*parts, {"type": "text", "text": text}]}], **more}


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def film() -> bytes:
    frames = [Image.fromarray(picture(number)) for number in range(3)]
    file = BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


PNG = encode_png(picture())
PICTURES = {
    "not base64": ("data:image/png;base64,!!!!", "invalid_image"),
    "half base64": (data_url(PNG)[:-3], "invalid_image"),
    "empty": ("data:image/png;base64,", "invalid_image"),
    "another kind": ("data:text/plain;base64,AAAA", "invalid_image"),
    "no picture": (data_url(b"hello, this is text"), "invalid_image"),
    "cut short": (data_url(PNG[:200]), "invalid_image"),
    "damaged": (data_url(PNG[:60] + b"\xff" * 40 + PNG[100:]), "invalid_image"),
    "a film": (data_url(film()), "invalid_image"),
    "a bomb": (data_url(bomb(60_000, 60_000)), "image_too_large"),
    "a large bomb": (data_url(bomb(2**31 - 1, 2**31 - 1)), "image_too_large"),
    "no pixels": (data_url(bomb(0, 5)), "invalid_image"),
    "too many pixels": (data_url(encode_png(picture(0, 201, 200))), "image_too_large"),
    "too many bytes": (data_url(PNG + bytes(1 << 20)), "image_too_large"),
    "a file": ("file:///etc/passwd", "invalid_image"),
    "an address": ("http://127.0.0.1:1/x.png", "url_not_allowed"),
    "svg": (data_url(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg+xml"), "invalid_image"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_hostile_picture_is_refused_by_name_and_place(server, name):
    url, code = PICTURES[name]
    status, body = post(server, ask("Where?", data_url(PNG), url))
    assert (status, body["error"]["code"]) == (400, code)
    assert body["error"]["param"] == "messages.0.content.1" and body["error"]["type"] == "invalid_request_error"
    assert "base64," not in body["error"]["message"] or "begins with" in body["error"]["message"]


BODIES = {
    "too many pictures": (ask("Where?", *[data_url(PNG)] * 4), "too_many_images", "messages.0.content"),
    "too long an answer": (ask(max_tokens=17), "too_many_tokens", "max_tokens"),
    "no length": (ask(max_tokens=0), "invalid_request", "max_tokens"),
    "hot": (ask(temperature=3), "invalid_request", "temperature"),
    "tools": (ask(tools=[{"type": "function"}]), "unsupported_parameter", "tools"),
    "schema": (ask(response_format={"type": "json_object"}), "unsupported_parameter", "response_format"),
    "several": (ask(n=2), "unsupported_parameter", "n"),
    "unknown": (ask(beam_width=4), "unsupported_parameter", "beam_width"),
    "nothing": ({"messages": []}, "invalid_request", "messages"),
    "two of the user": ({"messages": [user("a"), user("b")]}, "invalid_turns", "messages.1.role"),
    "answered": ({"messages": [user("a"), {"role": "assistant", "content": "b"}]}, "invalid_turns", "messages"),
    "late system": (
        {"messages": [user("a"), {"role": "system", "content": "b"}]},
        "invalid_turns",
        "messages.1.role",
    ),
    "only system": ({"messages": [{"role": "system", "content": "b"}]}, "invalid_turns", "messages"),
    "many turns": ({"messages": [user("a"), {"role": "assistant", "content": "b"}] * 5}, "too_many_turns", "messages"),
    "late picture": (
        {"messages": [user("a"), {"role": "assistant", "content": "b"}, user("c", picture())]},
        "image_not_in_first_turn",
        "messages.2.content.0",
    ),
    "audio": (
        {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
        "invalid_request",
        None,
    ),
    "detail": (
        {
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x", "detail": "low"}}]}
            ]
        },
        "invalid_request",
        None,
    ),
    "too many stops": (ask(stop=["a"] * 9), "too_many_stops", "stop"),
    "an empty stop": (ask(stop=""), "too_many_stops", "stop"),
    "top alone": (ask(top_logprobs=3), "invalid_request", "top_logprobs"),
    "too long a text": (ask("a" * 400_001), "text_too_long", "messages"),
    "too long a question": (ask("word " * 1200), "context_length_exceeded", "messages"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_question_beyond_the_rules_is_refused_by_name_and_place(server, name):
    body, code, place = BODIES[name]
    status, reply = post(server, body)
    assert (status, reply["error"]["code"]) == (400, code), reply
    assert place is None or reply["error"]["param"] == place


def test_other_models_pages_and_kinds_of_bodies_are_refused(server):
    assert post(server, json.dumps({"model": "gpt", **ask()}).encode())[1]["error"]["code"] == "model_not_found"
    assert get(server, "/v1/nothing")[0] == 404 and get(server, "/v1/chat/completions")[0] == 405
    assert json.loads(get(server, "/v1/nothing")[1])["error"]["code"] == "no_such_page"
    for data in (b"", b"[]", b"null", b"{", b'{"model": "tiny"}', b"\xff\xfe", b"[" * 100_000):
        status, reply = post(server, data)
        assert (status, reply["error"]["code"]) == (400, "invalid_request")
    status, reply = post(server, b"{}", **{"Content-Type": "text/plain"})
    assert (status, reply["error"]["code"]) == (415, "invalid_content_type")


def test_a_body_that_is_too_long_is_not_taken_in(server):
    status, reply = post(server, ask("x" * (3 << 20)))
    assert (status, reply["error"]["code"]) == (413, "request_too_large")
    host, port = server.url.removeprefix("http://").removesuffix("/v1").split(":")
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        part = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        try:
            for _ in range(400):
                line.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert b" 413 " in line.recv(1000)
    assert post(server, ask(max_tokens=1))[0] == 200


def test_a_key_is_wanted_where_there_is_one(config, server, monkeypatch):
    monkeypatch.setenv("GMAI_SERVE_KEY", "right")
    with ServerThread(replace(config, host="0.0.0.0"), None) as guarded:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer rightx"}):
            status, reply = post(guarded, ask(max_tokens=1), **headers)
            assert (status, reply["error"]["type"]) == (401, "authentication_error")
            assert get(guarded, "/v1/models", **headers)[0] == get(guarded, "/metrics", **headers)[0] == 401
        right = {"Authorization": "Bearer right"}
        assert post(guarded, ask(max_tokens=1), **right)[0] == 200
        assert json.loads(get(guarded, "/v1/models", **right)[1])["data"][0]["id"] == "tiny"
        assert get(guarded, "/health")[0] == 200


def test_listening_for_others_needs_a_key(folder, monkeypatch):
    monkeypatch.delenv("GMAI_SERVE_KEY", raising=False)
    for host in ("0.0.0.0", "::", "192.168.1.2", "example.org"):
        with pytest.raises(ConfigError, match="no key"):
            check_config(ServeConfig(model=folder, host=host))
    for host in ("127.0.0.1", "::1", "localhost", "127.0.0.9"):
        check_config(ServeConfig(model=folder, host=host))
    for wrong in ({"batch_rows": 0}, {"limits": LimitsConfig(pixels=0)}, {"backend": "vllm"}):
        with pytest.raises(ConfigError):
            check_config(ServeConfig(model=folder, **wrong))


def test_a_web_server_that_is_not_installed_is_told_with_its_install_line(folder, monkeypatch):
    monkeypatch.delitem(sys.modules, "gmai.serve.server")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = CliRunner().invoke(main, ["serve", str(folder)])
    assert result.exit_code == 2 and "pip install 'gmai[train,serve]'" in result.output


def test_an_address_that_is_taken_is_told(config, server):
    port = int(server.url.removesuffix("/v1").rpartition(":")[2])
    with pytest.raises(ConfigError, match="cannot listen"):
        ServerThread(replace(config, port=port), server.served)


def test_health_tells_what_is_served(server):
    status, text = get(server, "/health")
    health = json.loads(text)
    assert status == 200 and health["status"] == "ok"
    assert health["visual_contract"] == server.served.loaded.contract.hash
    assert health["model"] == "tiny" and len(health["model_key"]) == 64


class Files(BaseHTTPRequestHandler):
    """Serves a picture, a redirect, and more than is allowed."""

    def do_GET(self) -> None:
        if self.path == "/turn.png":
            self.send_response(302)
            self.send_header("Location", "/x.png")
            self.end_headers()
            return
        data = PNG if self.path == "/x.png" else PNG + bytes(2 << 20)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_) -> None:
        pass


def test_pictures_are_fetched_from_allowed_hosts_alone(config):
    with HTTPServer(("127.0.0.1", 0), Files) as files:
        threading.Thread(target=files.serve_forever, args=(0.01,), daemon=True).start()
        host = f"127.0.0.1:{files.server_port}"
        allowing = replace(config, allow_urls=(host,))
        assert load_picture(f"http://{host}/x.png", "here", allowing).shape == (40, 56, 3)
        refused = {
            f"http://{host}/turn.png": "fetch_failed",
            f"http://{host}/large.png": "image_too_large",
            f"http://localhost:{files.server_port}/x.png": "url_not_allowed",
            f"http://{host}@localhost/x.png": "url_not_allowed",
            f"http://user@{host}/x.png": "url_not_allowed",
            f"ftp://{host}/x.png": "invalid_image",
        }
        for url, code in refused.items():
            with pytest.raises(Refusal) as found:
                load_picture(url, "here", allowing)
            assert found.value.code == code, url
        with pytest.raises(Refusal, match="fetches no pictures"):
            load_picture(f"http://{host}/x.png", "here", config)
        files.shutdown()


def test_too_many_waiting_are_told_to_come_later(config, server):
    limits = replace(LIMITS, waiting=2)
    slow = Batcher(server.served.loaded, replace(config, limits=limits, gather_ms=200, batch_rows=8), Counts())
    prompt = prompt_chat(server.served.loaded, Chat(("Where?",)))
    done: list[str] = []

    def job() -> Job:
        return Job(prompt, Wish(max_tokens=2), lambda new, answer: done.append(answer.finish), lambda error: None)

    slow.put(job())
    slow.put(job())
    with pytest.raises(Refusal) as full:
        slow.put(job())
    assert (full.value.status, full.value.headers) == (429, {"Retry-After": "1"})
    slow.close(5)
    assert done.count("length") + done.count("stop") == 2
    with pytest.raises(Refusal, match="stopping"):
        slow.put(job())


def test_one_question_that_fails_does_not_take_others_with_it(config, server, monkeypatch):
    real = batcher.answer_prompts

    def failing(loaded, prompts, wishes, hear, **how):
        if any(wish.seed == 13 for wish in wishes):
            raise RuntimeError("out of memory")
        return real(loaded, prompts, wishes, hear, **how)

    monkeypatch.setattr(batcher, "answer_prompts", failing)
    prompt = prompt_chat(server.served.loaded, Chat(("Where?",)))
    ended: list[tuple[int, str]] = []

    def job(seed: int) -> Job:
        def hear(new, answer):
            if answer.finish:
                ended.append((seed, answer.finish))

        return Job(prompt, Wish(max_tokens=2, seed=seed), hear, lambda error: ended.append((seed, str(error))))

    queue = Batcher(server.served.loaded, replace(config, gather_ms=300), Counts())
    for seed in (1, 13, 2):
        queue.put(job(seed))
    queue.close(5)
    assert {seed for seed, _ in ended} == {1, 2, 13}
    assert (13, "out of memory") in ended and len(ended) == 3


def test_stopping_lets_answers_end(config, server):
    results = []
    with ServerThread(config, None) as ending:
        asking = [
            threading.Thread(target=lambda: results.append(post(ending, ask(max_tokens=16))[0])) for _ in range(4)
        ]
        for thread in asking:
            thread.start()
        while ending.served.counts.write(0).count("gmai_prompt_text_tokens_total 0") == 1:
            time.sleep(0.002)
        for thread in asking:
            thread.join()
    assert results == [200] * 4
    assert not ending.served.batcher.alive


def test_base64_is_measured_before_it_is_decoded(config, monkeypatch):
    import gmai.serve.pictures as module

    monkeypatch.setattr(module, "b64decode", lambda *_, **__: pytest.fail("decoded"))
    long = "data:image/png;base64," + base64.b64encode(bytes(2 << 20)).decode()
    with pytest.raises(Refusal, match="more than"):
        load_picture(long, "here", config)
