"""Guided runs that are stopped, by a kill or by a server that goes, end with the bytes of one that was not."""

import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import guiding
import pytest
from guiding import HONEST, content, guide
from raw_files import make_raws

import gmai.llm.client as client_module
from gmai.corpus import iter_conversations
from gmai.errors import RemoteError
from gmai.llm import FakeScript, FakeServer


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_WAIT_S", 0.01)


@pytest.fixture(scope="module")
def raws(tmp_path_factory):
    return make_raws(tmp_path_factory.mktemp("raws"), count=4)


@pytest.mark.parametrize(("share", "last"), [(3, 30), (1, 3)])
def test_a_server_that_is_gone_stops_the_run_and_the_next_goes_on(raws, tmp_path, share, last):
    """With many questions open, or with the last few of a shard."""
    subsets = ("caption", "percept") if last > 3 else ("caption",)
    # a server that ends cuts some connections while it still answers on others: that takes a second attempt
    patient = {"endpoint": {"attempts": 4}, "in_flight": 4 if last > 3 else 1, "subsets": subsets}
    raws = raws[:share]
    with ThreadPoolExecutor(1) as pool:
        with FakeServer(FakeScript(function="guided", latency_ms=5)) as server:
            run = pool.submit(guide, raws, tmp_path / "out", server, **patient)
            while server.counts["answered"] < last:
                time.sleep(0.001)
        answered = server.counts["answered"]
        with pytest.raises(RemoteError, match="in a row") as caught:
            run.result()
    assert caught.value.reason == "llm.gone" and "same command" in caught.value.fix
    with FakeServer(HONEST) as server:
        guide(raws, tmp_path / "out", server, **patient)
        second = server.counts["answered"]
    with FakeServer(HONEST) as server:
        guide(raws, tmp_path / "whole", server, **patient)
        assert second <= server.counts["answered"] - answered + 4
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_a_verifier_that_is_gone_stops_the_run_whatever_the_model_answers(raws, tmp_path):
    gone = {"model": "judge", "url": "http://127.0.0.1:9/v1", "attempts": 1}
    with FakeServer(HONEST) as server, pytest.raises(RemoteError, match="in a row") as caught:
        guide(raws, tmp_path / "out", server, verifier=gone)
    assert caught.value.reason == "llm.gone" and caught.value.where == gone["url"]


def kill_and_go_on(raw, out, server, workers, moments):
    """Kill a run whenever so many more answers are in its journals, then let it end."""
    command = [
        sys.executable,
        str(Path(__file__).with_name("guiding.py")),
        server.url,
        str(out),
        str(workers),
        str(raw),
    ]
    for moment in range(moments):
        child = subprocess.Popen(command)
        deadline = time.monotonic() + 60
        while child.poll() is None and time.monotonic() < deadline:
            journals = (out / ".work/answers").glob("*.jsonl")
            if sum(path.read_bytes().count(b"\n") for path in journals) >= (moment + 1) * ASKED // (moments + 1):
                break
            time.sleep(0.01)
        child.kill()
        assert child.wait() != 0, "the run ended before it was killed"
    guiding.run(server.url, out, workers, raw)


ASKED = 40
"""Answers before the last kill; a run that is let alone asks for more."""


def check_kills(raws, tmp_path, workers, moments):
    script = FakeScript(function="guided_answers:lying_sometimes", latency_ms=20)
    with FakeServer(script) as server:
        kill_and_go_on(raws[0], tmp_path / "killed", server, workers, moments)
        sent = server.counts["answered"]
    with FakeServer(script) as server:
        guiding.run(server.url, tmp_path / "whole", workers, raws[0])
        once = server.counts["answered"]
    assert content(tmp_path / "killed") == content(tmp_path / "whole") and once > ASKED
    assert sent - once <= moments * 8
    ids = Counter(talk.id for talk in iter_conversations(tmp_path / "killed"))
    assert max(ids.values()) == 1 and len(ids) > 20


def test_a_killed_run_goes_on_loses_nothing_and_pays_for_little_twice(raws, tmp_path):
    check_kills(raws, tmp_path, workers=0, moments=1)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_killed_twenty_times_is_as_one_that_was_not(raws, tmp_path, workers):
    check_kills(raws, tmp_path, workers, moments=20)
