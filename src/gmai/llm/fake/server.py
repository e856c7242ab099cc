"""The fake server itself: in a thread for tests, or in the foreground for ``gmai llm fake``."""

import asyncio
import threading
from collections import Counter, deque
from types import TracebackType
from typing import Any

import orjson
from aiohttp import web

from gmai.base import hash_bytes
from gmai.llm.fake.script import REFUSAL, FakeScript, last_words

MOST_BODY = 1 << 30
HANG_S = 3600.0
_ACCEPTING = 4
"""Turns of the loop until a connection just accepted is known to the server, which then closes it with the others."""


class FakeServer:
    """The server, answering on loopback while the context is open; it counts what it was asked."""

    def __init__(self, script: FakeScript | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.script = script or FakeScript()
        self.host, self.port = host, port
        self.counts: Counter[str] = Counter()
        """Requests by what happened to them: ``answered`` or the fault."""
        self.bodies: deque[dict[str, Any]] = deque(maxlen=100)
        """The last requests, newest last."""
        self.most_under_way = 0
        self._met: Counter[str] = Counter()
        self._under_way = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-llm", daemon=True)

    @property
    def url(self) -> str:
        """Address for a client."""
        return f"http://{self.host}:{self.port}/v1"

    def __enter__(self) -> "FakeServer":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.start(), self._loop).result()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def start(self) -> None:
        """Listen; the port is known afterwards."""
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self._sockets = site._server.sockets  # type: ignore[union-attr]
        self.port = self._sockets[0].getsockname()[1]

    async def _end(self) -> None:
        """Close, and let go of questions that hang."""
        for listening in self._sockets:
            asyncio.get_running_loop().remove_reader(listening)
        for _ in range(_ACCEPTING):
            await asyncio.sleep(0)
        await self._runner.cleanup()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _models(self, _: web.Request) -> web.Response:
        return _reply({"object": "list", "data": [{"id": name} for name in self.script.models]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        data = await request.read()
        body = orjson.loads(data)
        self.bodies.append(body)
        if self.script.key and request.headers.get("Authorization") != f"Bearer {self.script.key}":
            return _refuse(401, "wrong key")
        if body["model"] not in self.script.models:
            return _refuse(404, f"no model {body['model']}")
        if self.script.capacity and self._under_way >= self.script.capacity:
            self.counts["over capacity"] += 1
            return _refuse(429, "too many requests")
        self._under_way += 1
        self.most_under_way = max(self.most_under_way, self._under_way)
        try:
            return await self._treat(request, body, hash_bytes(data))
        finally:
            self._under_way -= 1

    async def _treat(self, request: web.Request, body: dict[str, Any], digest: str) -> web.StreamResponse:
        await asyncio.sleep(self.script.delay_s(digest))
        fault = self.script.fault(digest)
        if fault and self._met[digest] < self.script.times:
            self._met[digest] += 1
            self.counts[fault] += 1
            return await self._fail(request, body, fault)
        self.counts["answered"] += 1
        return _reply(_completion(body, self.script.answer(body)))

    async def _fail(self, request: web.Request, body: dict[str, Any], fault: str) -> web.StreamResponse:
        statuses = {"rate_limited": 429, "server": 500, "unavailable": 503}
        if fault in statuses:
            return _refuse(statuses[fault], fault)
        if fault == "hang":
            await asyncio.sleep(HANG_S)
        if fault == "disconnect" and request.transport is not None:
            request.transport.close()
        right = self.script.answer(body)
        whole = orjson.dumps(_completion(body, right))
        if fault == "not_json":
            return web.Response(text="<html>Bad gateway</html>")
        if fault == "half_body":
            return web.Response(body=whole[: len(whole) // 2])
        if fault == "drip":
            return await self._drip(request, whole)
        wrong = {
            "empty": "",
            "length": right[: len(right) // 2],
            "refusal": REFUSAL,
            "prose": f"Sure! The question says: {last_words(body)[:80]}",
            "wrong_keys": '{"something": "else"}',
            "fenced": f"Here it is:\n```json\n{right}\n```\nHope that helps.",
        }
        finish = "length" if fault == "length" else "stop"
        return _reply(_completion(body, wrong.get(fault, right), finish))

    async def _drip(self, request: web.Request, whole: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        try:
            for byte in whole:
                await response.write(bytes([byte]))
                await asyncio.sleep(self.script.drip_ms / 1000)
        except ConnectionResetError:
            self.counts["dripped in vain"] += 1
        return response


def _completion(body: dict[str, Any], text: str, finish: str = "stop") -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    prompt, words = len(last_words(body)) // 4, len(text) // 4
    usage = {"prompt_tokens": prompt, "completion_tokens": words, "total_tokens": prompt + words}
    choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": finish}
    if body.get("logprobs"):
        choice["logprobs"] = {"content": [_first_token(text[:1])]}
    known = {"id": "fake", "object": "chat.completion", "created": 0, "model": body["model"]}
    return {**known, "choices": [choice], "usage": usage}


def _first_token(text: str) -> dict[str, Any]:
    """The answer's first sign, likeliest; A to D after it, with and without a space before."""
    others = [{"token": token, "logprob": -5.0} for token in ("A", " A", "B", "C", "D") if token != text]
    return {"token": text, "logprob": -0.1, "top_logprobs": [{"token": text, "logprob": -0.1}, *others]}


def _reply(content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    body = orjson.dumps(content)
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def _refuse(status: int, why: str) -> web.Response:
    headers = {"Retry-After": "0"} if status == 429 else {}
    return _reply({"error": {"message": why}}, status, headers)


def serve(script: FakeScript, host: str, port: int) -> None:
    """Answer until interrupted."""

    async def forever() -> None:
        await FakeServer(script, host=host, port=port).start()
        await asyncio.Event().wait()

    asyncio.run(forever())
