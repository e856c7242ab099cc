"""A real model under torchrun: predictions and scores are the same bytes for any number of processes, killed or not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gmai.base.files import hash_file

pytestmark = pytest.mark.slow


def start(bench: Path, model: Path, out: Path, *torchrun: str, runner: str = "likelihood") -> subprocess.Popen:
    before = [sys.executable, "-m"]
    if torchrun:
        before += ["torch.distributed.run", "--standalone", *torchrun, "-m"]
    asked = ["--data", str(bench), "--model", f"tiny={model}", "--runner", runner, "--max-new-tokens", "6"]
    command = [*before, "gmai", "eval", "run", *asked, "--batch", "4", "-o", out.name, "--quiet"]
    return subprocess.Popen(command, cwd=out.parent)


def hashes(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hash_file(p) for p in folder.rglob("*") if p.is_file() and p.name != "run.json"}


@pytest.fixture(scope="module")
def whole(bench, model, tmp_path_factory) -> dict[str, dict[str, str]]:
    found = {}
    for runner in ("likelihood", "letters", "generate"):
        out = tmp_path_factory.mktemp("whole") / "out"
        assert start(bench, model, out, runner=runner).wait(timeout=300) == 0
        found[runner] = hashes(out)
        assert any(name.endswith("scores/scores.json") for name in found[runner])
    return found


@pytest.mark.parametrize(("count", "runner"), [(1, "likelihood"), (2, "likelihood"), (3, "letters"), (2, "generate")])
def test_any_number_of_processes_writes_the_same_bytes(bench, model, whole, tmp_path, count, runner):
    process = start(bench, model, tmp_path / "out", f"--nproc-per-node={count}", runner=runner)
    assert process.wait(timeout=300) == 0
    assert hashes(tmp_path / "out") == whole[runner]


def workers(agent: int) -> list[int]:
    children = Path(f"/proc/{agent}/task/{agent}/children").read_text().split()
    return [int(pid) for pid in children if b"gmai" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def kill_one(process: subprocess.Popen, out: Path) -> None:
    """Kill a worker once something has been answered."""
    while not any(part.stat().st_size for part in out.glob("*/*/.work/journal/*.jsonl")):
        assert process.poll() is None
        time.sleep(0.002)
    os.kill(workers(process.pid)[-1], signal.SIGKILL)


@pytest.mark.parametrize("restarts", [0, 1])
def test_a_worker_killed_on_the_way_changes_nothing(bench, model, whole, tmp_path, restarts):
    given = (f"--max-restarts={restarts}", "--nproc-per-node=2")
    process = start(bench, model, tmp_path / "out", *given)
    kill_one(process, tmp_path / "out")
    assert (process.wait(timeout=300) == 0) == bool(restarts)
    if not restarts:
        assert start(bench, model, tmp_path / "out", *given).wait(timeout=300) == 0
    assert hashes(tmp_path / "out") == whole["likelihood"]
