"""``kill -9`` at five moments of a build and of a run: going on gives the bytes of an undisturbed one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bench_corpus import make_corpus, make_samples

from gmai.base.files import hash_file

pytestmark = pytest.mark.slow


def hashes(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hash_file(p) for p in folder.rglob("*") if p.is_file() and p.name != "run.json"}


def gmai(*arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "gmai", *map(str, arguments), "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)


def kill_at(share: float, seconds: float, *arguments: object) -> None:
    process = gmai(*arguments)
    time.sleep(share * seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("what", ["build", "run"])
def test_five_kills(tmp_path, what):
    corpus = make_corpus(tmp_path / "corpus", make_samples(400))
    build = ("bench", "build", corpus, "--shard-size", 8, "--workers", 1, "-o")
    assert gmai(*build, tmp_path / "bench").wait() == 0
    tsv = tmp_path / "bench/public/TEST.tsv"
    command = build if what == "build" else ("eval", "run", tsv, "--runner", "random", "--batch", 1, "-o")
    start = time.monotonic()
    assert gmai(*command, tmp_path / "whole").wait() == 0
    seconds = time.monotonic() - start
    for share in (0.3, 0.5, 0.7, 0.85, 0.95):
        kill_at(share, seconds, *command, tmp_path / "killed")
    assert gmai(*command, tmp_path / "killed").wait() == 0
    assert hashes(tmp_path / "killed") == hashes(tmp_path / "whole")
