"""A tiny model behind a server, and ways to ask it."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import numpy as np
import pytest

from gmai.images import encode_png
from gmai.models import save_model
from gmai.serve import LimitsConfig, ServeConfig, ServerThread
from tiny_model import make_model

TEXTS = [
    "Which finding does this X-ray picture show? A: nodule B: effusion C: mass D: none",
    "Where is the nodule? A: upper-left B: upper-right C: lower-left D: lower-right",
    "This is an X-ray picture. The finding is nodule.",
] * 3
LIMITS = LimitsConfig(images=3, pixels=40_000, image_bytes=1 << 20, body_bytes=2 << 20, answer_tokens=16, turns=8)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "tiny"
    save_model(make_model(TEXTS, seed=3), path)
    return path


@pytest.fixture(scope="session")
def config(folder) -> ServeConfig:
    return ServeConfig(model=folder, port=0, threads=1, drain_s=5, limits=LIMITS)


@pytest.fixture(scope="session")
def server(config) -> Iterator[ServerThread]:
    with ServerThread(config) as running:
        yield running


def picture(number: int = 0, height: int = 40, width: int = 56) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)


def data_url(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def user(text: str, *pictures: np.ndarray) -> dict:
    parts = [{"type": "image_url", "image_url": {"url": data_url(encode_png(each))}} for each in pictures]
    return {"role": "user", "content": [*parts, {"type": "text", "text": text}] if parts else text}


def post(server: ServerThread, body, **headers: str) -> tuple[int, dict]:
    """Status and body of a reply; bytes are sent as they are."""
    data = body if isinstance(body, bytes) else json.dumps({"model": "tiny", **body}).encode()
    sent = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(f"{server.url}/chat/completions", data, sent)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def get(server: ServerThread, page: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(server.url.removesuffix("/v1") + page, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
