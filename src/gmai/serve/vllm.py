"""vLLM, started from an environment of its own and held to the visual contract before anyone asks it.

It reads the same folder, but prepares pictures by code of its own; where that makes another number of tokens of a
question than the model was trained with, its answers are those of another model. So a few questions of known length
are put first, and a server that counts otherwise is stopped.
"""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gmai.base import hash_bytes
from gmai.base.config import whole_environment
from gmai.errors import ConfigError, ModelError, RemoteError
from gmai.images import encode_png
from gmai.llm import Answer, Client, EndpointConfig, Message, Picture, Request, Sampling
from gmai.models import LoadedModel, find_model_folder, read_outline
from gmai.serve.config import ServeConfig, reachable
from gmai.serve.served import served_name

logger = logging.getLogger(__name__)
QUESTION = "Which finding does this picture show?"
SIZES: tuple[tuple[tuple[int, int], ...], ...] = (
    (),
    ((448, 448),),
    ((64, 48),),
    ((1000, 500),),
    ((333, 999),),
    ((640, 480), (480, 640)),
)
"""Width and height of the pictures of each probe."""
_STOP_S = 20.0
_KEY_NAME = "VLLM_API_KEY"


@dataclass(frozen=True)
class Probe:
    """One question whose length is known, and what the server made of it."""

    sizes: tuple[tuple[int, int], ...]
    expected: int
    """Tokens of the question by the visual contract."""
    counted: int
    """Tokens that the server says it read."""


def vllm_line(config: ServeConfig, folder: Path) -> list[str]:
    """The command that starts vLLM on a model folder; the key is handed over in the environment."""
    limits = json.dumps({"image": config.limits.images})
    return [
        str(config.vllm_python or "python"),
        "-m",
        "vllm.entrypoints.cli.main",
        "serve",
        str(folder),
        "--served-model-name",
        served_name(config),
        "--host",
        config.host,
        "--port",
        str(config.port),
        "--limit-mm-per-prompt",
        limits,
        "--generation-config",
        "vllm",
        *config.vllm_options,
    ]


def serve_with_vllm(config: ServeConfig) -> None:
    """Start vLLM, check it, and let it answer until it ends or this process is interrupted.

    Raises:
        ConfigError: vLLM cannot be started, or ends by itself.
        ModelError: its token counts are not those of the visual contract.
    """
    signal.signal(signal.SIGTERM, _end)
    with suppress(KeyboardInterrupt), start_vllm(config) as (process, probes):
        logger.info("serve: vLLM counts as the visual contract does, in %d of %d probes", len(probes), len(probes))
        code = process.wait()
        if code:
            raise ConfigError(f"vLLM has ended with exit code {code}", where=str(config.vllm_python))


@contextmanager
def start_vllm(config: ServeConfig) -> Iterator[tuple[subprocess.Popen[bytes], list[Probe]]]:
    """vLLM, up and checked, while the context is open.

    Raises:
        ConfigError: it does not start.
        ModelError: its token counts are not those of the visual contract.
    """
    folder = find_model_folder(config.model)
    if config.port == 0:
        raise ConfigError("vLLM needs a port", where="port", fix="give one, such as --port 8000")
    outline = read_outline(folder)
    environment = whole_environment() | ({_KEY_NAME: config.key} if config.key else {})
    try:
        process = subprocess.Popen(vllm_line(config, folder), env=environment)
    except OSError as error:
        raise ConfigError(f"vLLM cannot be started: {error}", where=str(config.vllm_python)) from None
    try:
        _wait_until_up(process, config)
        probes = put_probes(outline, config)
        check_probes(probes)
        yield process, probes
    finally:
        _stop(process)


def put_probes(outline: LoadedModel, config: ServeConfig) -> list[Probe]:
    """Ask the server that answers at the config's address every probe that its limits allow.

    Raises:
        RemoteError: it does not answer.
    """
    chosen = [sizes for sizes in SIZES if len(sizes) <= config.limits.images]
    with Client(_endpoint(config, attempts=3)) as client:
        outcomes = list(client.ask_all(_request(sizes) for sizes in chosen))
    probes = []
    for sizes, outcome in zip(chosen, outcomes, strict=True):
        if not isinstance(outcome, Answer):
            raise RemoteError(f"a probe of {_name(sizes)} failed: {outcome.detail}", reason=outcome.reason)
        counted = -1 if outcome.usage.estimated else outcome.usage.prompt
        probes.append(Probe(sizes, _count(outline, sizes), counted))
    return probes


def check_probes(probes: Sequence[Probe]) -> None:
    """Hold what was counted against the contract.

    Raises:
        ModelError: a count that differs, or that the server does not tell.
    """
    wrong = [probe for probe in probes if probe.expected != probe.counted]
    if wrong:
        told = "; ".join(f"{_name(p.sizes)}: {p.counted} tokens, by the contract {p.expected}" for p in wrong)
        fix = "its preprocessing differs from training: check its version and --mm-processor-kwargs"
        raise ModelError(f"vLLM does not follow the visual contract: {told}", fix=fix, reason="serve.contract")


def _count(outline: LoadedModel, sizes: Sequence[tuple[int, int]]) -> int:
    """Tokens of a probe by the visual contract."""
    visual = [outline.contract.layout(width, height, len(sizes)).tokens for width, height in sizes]
    return len(outline.scaffold.prompt(QUESTION, visual))


def _request(sizes: tuple[tuple[int, int], ...]) -> Request:
    pictures = [_picture(width, height) for width, height in sizes]
    return Request(messages=(Message("user", (*pictures, QUESTION)),), sampling=Sampling(max_tokens=1))


def _picture(width: int, height: int) -> Picture:
    rows, columns = np.mgrid[0:height, 0:width]
    data = encode_png(np.stack([rows % 256, columns % 256, (rows + columns) % 256], axis=-1).astype(np.uint8))
    return Picture(hash_bytes(data), lambda: data)


def _endpoint(config: ServeConfig, *, attempts: int) -> EndpointConfig:
    url = f"http://{reachable(config.host)}:{config.port}/v1"
    return EndpointConfig(model=served_name(config), url=url, key_variable=config.key_variable, attempts=attempts)


def _wait_until_up(process: subprocess.Popen[bytes], config: ServeConfig) -> None:
    end = time.monotonic() + config.vllm_start_s
    with Client(_endpoint(config, attempts=1)) as client:
        while time.monotonic() < end:
            if (code := process.poll()) is not None:
                what = f"vLLM has ended with exit code {code} before it answered"
                raise ConfigError(what, where=str(config.vllm_python), fix="its own messages stand above")
            if client.is_there():
                return
            time.sleep(0.2)
    raise ConfigError(f"vLLM has not answered within {config.vllm_start_s:g} s", where="vllm_start_s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end(*_: object) -> None:
    """Leave by the door when told to stop, so that vLLM is stopped too."""
    raise SystemExit(0)


def _name(sizes: tuple[tuple[int, int], ...]) -> str:
    return " and ".join(f"{width} x {height}" for width, height in sizes) or "text alone"
