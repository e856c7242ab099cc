"""The server's pages: chat completions, models, health and counts."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from gmai.serve.asked import Asked, make_prompt, make_wish, read_body
from gmai.serve.config import ServeConfig
from gmai.serve.pending import Pending
from gmai.serve.protocol import ChatRequest, read_request, read_talk
from gmai.serve.refusal import Refusal
from gmai.serve.replies import Reply, write_chances
from gmai.serve.served import Served

logger = logging.getLogger(__name__)
BODY_S = 60.0
"""A body must have come whole after so long."""
READING = 8
"""Requests whose body and pictures are in memory at a time; others wait."""
_GONE_S = 0.5
"""How often it is looked whether a client still waits."""


def build_app(served: Served, config: ServeConfig) -> FastAPI:
    """The application; it closes ``served`` when it ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(served.close)

    app = FastAPI(title="gmai", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    pages = _Pages(served, config)
    app.add_api_route("/v1/chat/completions", pages.complete, methods=["POST"])
    app.add_api_route("/v1/models", pages.models, methods=["GET"])
    app.add_api_route("/health", pages.health, methods=["GET"])
    app.add_api_route("/metrics", pages.metrics, methods=["GET"])

    async def refused(_: Request, error: Exception) -> Response:
        return _refuse(error, served)

    for kind in (Refusal, HTTPException, Exception):
        app.add_exception_handler(kind, refused)
    return app


class _Pages:
    def __init__(self, served: Served, config: ServeConfig) -> None:
        self.served, self.config, self.key = served, config, config.key
        self.reading = asyncio.Semaphore(READING)

    async def models(self, request: Request) -> Response:
        self._check_key(request)
        entry = {"id": self.served.name, "object": "model", "created": self.served.began, "owned_by": "gmai"}
        return _json({"object": "list", "data": [{**entry, "max_model_len": self.served.context}]})

    async def health(self) -> Response:
        return _json(self.served.health(), 200 if self.served.batcher.alive else 503)

    async def metrics(self, request: Request) -> Response:
        self._check_key(request)
        text = self.served.counts.write(self.served.batcher.waiting)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    async def complete(self, request: Request) -> Response:
        self._check_key(request)
        async with self.reading:
            wanted, asked = await self._read(request)
        reply = Reply.begin(self.served.name, self.served.fingerprint, len(asked.prompt.tokens), asked.prompt.visual)
        pending = Pending(self.served, asked)
        if wanted.stream:
            usage = wanted.stream_options is not None and wanted.stream_options.include_usage
            pieces = _stream(pending, reply, self.served, usage=usage)
            return StreamingResponse(pieces, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        answer = await pending.whole(request.is_disconnected, _GONE_S)
        return _json(reply.whole(answer, self.served.spell))

    async def _read(self, request: Request) -> tuple[ChatRequest, Asked]:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "invalid_content_type", "the body must be application/json")
        said = request.headers.get("content-length")
        try:
            async with asyncio.timeout(BODY_S):
                data = await read_body(request.stream(), said, self.config.limits)
        except TimeoutError:
            raise Refusal(408, "too_slow", f"the body has not come within {BODY_S:.0f} s") from None
        return await asyncio.to_thread(self._ask, data)

    def _ask(self, data: bytes) -> tuple[ChatRequest, Asked]:
        """Everything of a request that takes time, away from the loop."""
        limits = self.config.limits
        wanted = read_request(data, limits)
        if wanted.model != self.served.name:
            what = f"no model {wanted.model!r}; this server has {self.served.name!r}"
            raise Refusal(404, "model_not_found", what, "model")
        prompt = make_prompt(read_talk(wanted, limits), self.served.loaded, self.config)
        return wanted, Asked(prompt, make_wish(wanted, prompt, self.served.context, limits))

    def _check_key(self, request: Request) -> None:
        if not self.key:
            return
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self.key.encode()):
            raise Refusal(401, "invalid_api_key", "the key is missing or wrong")


async def _stream(pending: Pending, reply: Reply, served: Served, *, usage: bool) -> AsyncIterator[bytes]:
    """An answer as server-sent events."""
    try:
        yield _event(reply.piece({"role": "assistant", "content": ""}, None, None))
        async for piece in pending.pieces():
            chances = write_chances(piece.chances, served.spell)
            if piece.text or chances:
                yield _event(reply.piece({"content": piece.text}, None, chances))
            if piece.answer is not None:
                yield _event(reply.piece({}, piece.answer.finish, None))
                if usage:
                    yield _event(reply.last(piece.answer))
    except Refusal as refusal:
        served.counts.add_outcome(refusal.code)
        yield _event(refusal.body())
    finally:
        pending.leave()
    yield b"data: [DONE]\n\n"


def _event(body: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(body) + b"\n\n"


def _json(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")


def _refuse(error: Exception, served: Served) -> Response:
    if isinstance(error, HTTPException):
        code = {404: "no_such_page", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        error = Refusal(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))
    if not isinstance(error, Refusal):
        error = Refusal(500, "internal_error", "the server has failed; its log says why")
    served.counts.add_outcome(error.code)
    return _json(error.body(), error.status, error.headers)
