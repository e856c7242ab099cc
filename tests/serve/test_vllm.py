"""vLLM, started from an environment of its own, is held to the visual contract; an executable stands in for it here."""

import json
import socket
import stat
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gmai.errors import ConfigError, ModelError
from gmai.llm import Answer, Client, EndpointConfig, Message, Request
from gmai.models import Chat, prompt_chat
from gmai.serve import Probe, start_vllm, vllm_line
from gmai.serve.vllm import QUESTION, SIZES, check_probes

STAND_IN = Path(__file__).with_name("stand_in.py")


@pytest.fixture
def vllm(config, server, tmp_path, monkeypatch):
    """A config whose ``vllm_python`` is the stand-in, on a free port; it counts what the model is given."""
    counts = {}
    for sizes in SIZES:
        shown = tuple(np.zeros((height, width, 3), np.uint8) for width, height in sizes)
        prompt = prompt_chat(server.served.loaded, Chat((QUESTION,), shown))
        counts[json.dumps(sizes)] = len(prompt.tokens)
    monkeypatch.setenv("COUNTS", json.dumps(counts))
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {STAND_IN} "$@"\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    limits = replace(config.limits, images=2)
    return replace(config, backend="vllm", vllm_python=python, port=port, limits=limits, vllm_start_s=60)


def test_a_server_that_counts_as_the_contract_does_is_let_answer_and_then_stopped(vllm, monkeypatch):
    monkeypatch.setenv("GMAI_SERVE_KEY", "secret")
    with start_vllm(vllm) as (process, probes):
        assert len(probes) == len(SIZES) and all(probe.expected == probe.counted > 0 for probe in probes)
        assert len({probe.expected for probe in probes}) == 3
        assert "secret" not in " ".join(process.args)
        endpoint = EndpointConfig(model="tiny", url=f"http://127.0.0.1:{vllm.port}/v1", key_variable="GMAI_SERVE_KEY")
        with Client(endpoint) as client:
            (outcome,) = client.ask_all([Request(messages=(Message("user", ("Where?",)),))])
        assert isinstance(outcome, Answer)
    assert process.poll() is not None


def test_a_server_that_counts_otherwise_is_stopped_and_told_of(vllm, monkeypatch):
    monkeypatch.setenv("SKEW", "7")
    with pytest.raises(ModelError, match="does not follow the visual contract: 448 x 448: .* by the contract") as found:
        with start_vllm(vllm):
            pytest.fail("it was let answer")
    assert found.value.reason == "serve.contract" and "text alone" not in str(found.value)
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", vllm.port))


def test_a_server_that_does_not_start_is_told_of(vllm, monkeypatch, tmp_path):
    monkeypatch.setenv("DIES", "1")
    with pytest.raises(ConfigError, match="exit code 3"), start_vllm(vllm):
        pass
    with pytest.raises(ConfigError, match="cannot be started"), start_vllm(replace(vllm, vllm_python=tmp_path / "no")):
        pass
    with pytest.raises(ConfigError, match="needs a port"), start_vllm(replace(vllm, port=0)):
        pass


def test_a_server_that_tells_no_counts_does_not_pass():
    with pytest.raises(ModelError, match="text alone: -1 tokens, by the contract 9"):
        check_probes([Probe((), 9, -1), Probe(((4, 4),), 25, 25)])


def test_the_line_names_the_folder_the_model_and_the_limits(vllm, folder):
    line = vllm_line(replace(vllm, vllm_options=("--max-model-len", "4096")), folder)
    assert line[:4] == [str(vllm.vllm_python), "-m", "vllm.entrypoints.cli.main", "serve"]
    assert line[4] == str(folder) and line[-2:] == ["--max-model-len", "4096"]
    assert line[line.index("--limit-mm-per-prompt") + 1] == '{"image": 2}'
