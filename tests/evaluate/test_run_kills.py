"""A run that is killed at any moment, without a word: no answer is lost or there twice, and the bytes are the same."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gmai.base.files import hash_file
from gmai.bench import write_tsv
from gmai.llm import FakeScript, FakeServer

QUESTIONS = 240


@pytest.fixture(scope="module")
def tsv(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("kills") / "q.tsv"
    rows = [{"index": n, "question": f"Number {n}?", "A": "one", "B": "two"} for n in range(QUESTIONS)]
    write_tsv(path, rows, ("index", "question", "A", "B"))
    return path


@pytest.fixture(scope="module")
def server():
    with FakeServer(FakeScript(latency_ms=20, spread=0.9)) as server:
        yield server


def start(tsv: Path, url: str, out: Path) -> subprocess.Popen:
    model = ["--model", f"m=openai:fake@{url}", "--in-flight", "8", "--batch", "7"]
    command = [sys.executable, "-m", "gmai", "eval", "run", str(tsv), *model, "-o", str(out), "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def hashes(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hash_file(p) for p in folder.rglob("*") if p.is_file() and p.name != "run.json"}


def count(out: Path) -> int:
    journal = out / ".work/journal/journal-000.jsonl"
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def kill_often(tsv: Path, server: FakeServer, out: Path, moments: list[float]) -> None:
    """Each moment is a share of the questions; the run is killed once so many are in the journal, and a bit later."""
    for moment in moments:
        before = server.counts["answered"]
        known = count(out)
        process = start(tsv, server.url, out)
        while count(out) < int(QUESTIONS * moment) and process.poll() is None:
            time.sleep(0.002)
        time.sleep(random.Random(moment).random() / 50)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        time.sleep(0.1)  # the server finishes what nobody waits for any more
        there = count(out)
        assert there >= known and there - known <= server.counts["answered"] - before
    before, known = server.counts["answered"], count(out)
    assert start(tsv, server.url, out).wait() == 0
    assert server.counts["answered"] - before == QUESTIONS - known


@pytest.fixture(scope="module")
def whole(tsv, server, tmp_path_factory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("whole") / "out"
    assert start(tsv, server.url, out).wait() == 0
    return hashes(out)


def test_two_kills(tsv, server, whole, tmp_path):
    kill_often(tsv, server, tmp_path / "out", [0.2, 0.7])
    assert hashes(tmp_path / "out") == whole


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_twenty_kills(tsv, server, whole, tmp_path, seed):
    drawn = random.Random(seed)
    kill_often(tsv, server, tmp_path / "out", sorted(drawn.random() * 0.95 for _ in range(4)))
    assert hashes(tmp_path / "out") == whole
