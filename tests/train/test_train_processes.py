"""``gmai train`` under torchrun: killed by SIGKILL, continued with the same and with another number of processes."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gmai.base import dumps, hash_file
from gmai.train import BatchConfig, TrainConfig, train
from gmai.train.meters import MEASURED

pytestmark = pytest.mark.slow


def log_of(folder: Path) -> list[dict]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name not in MEASURED} for line in lines]


def start(config: TrainConfig, parallel: str, processes: int = 2) -> subprocess.Popen:
    """``gmai train`` in so many processes, as users start it."""
    path = config.out.with_name(f"{config.out.name}-{parallel}.yaml")
    path.write_bytes(dumps(replace(config, parallel=parallel)))
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command = [*launcher, "-m", "gmai", "train", str(path), "-o", str(config.out)]
    return subprocess.Popen(
        command,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(config: TrainConfig, parallel: str, processes: int = 2) -> str:
    """Run to the end and return what was printed."""
    process = start(config, parallel, processes)
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error[-4000:]
    return out


def kill_after(config: TrainConfig, parallel: str, lines: int) -> None:
    """Kill all processes at once when the log has so many lines."""
    process = start(config, parallel)
    log = config.out / "log.jsonl"
    while process.poll() is None and (not log.exists() or log.read_bytes().count(b"\n") < lines):
        time.sleep(0.005)
    assert process.poll() is None, process.communicate()[1][-4000:]
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.fixture
def config(recipe, tmp_path):
    """A run of forty steps of four packs each, with a worker that reads pictures."""
    batch = BatchConfig(tokens=160, packs=4)
    made = recipe("all", "one", steps=40, batch=batch, precision="fp32", checkpoint_every=4)
    return replace(made, feed=replace(made.feed, workers=1))


@pytest.mark.parametrize("parallel", ["ddp", "fsdp2"])
def test_killed_by_the_system_and_run_again(config, tmp_path, parallel):
    whole, again, other = (replace(config, out=tmp_path / name) for name in ("whole", "again", "other"))
    train(config)
    said = finish(whole, parallel)
    assert said.count(f"{whole.out}: 40 steps") == 1, "one process speaks"
    for lines in (3, 17):
        kill_after(again, parallel, lines)
    finish(again, parallel)
    assert log_of(again.out) == log_of(whole.out)
    weights = "model/model.safetensors"
    assert hash_file(again.out / weights) == hash_file(whole.out / weights)
    kill_after(other, parallel, 17)
    train(other)
    for out in (whole.out, other.out):
        losses, alone = ([line["loss"] for line in log_of(folder)] for folder in (out, config.out))
        assert losses[:20] == pytest.approx(alone[:20], rel=1e-5)
        assert [line["tokens"] for line in log_of(out)] == [line["tokens"] for line in log_of(config.out)]
