"""A corpus learned from by two processes: the rows of one, and the loss of every step the same."""

import json
import os
import subprocess
import sys

import pytest

from gmai.base import dumps, read_json
from gmai.train import BatchConfig, FeedConfig, RowConfig, train

pytestmark = pytest.mark.slow


def launch(config, folder) -> None:
    path = folder / "recipe.yaml"
    path.write_bytes(dumps(config))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m"]
    words = ["gmai", "train", str(path), "-o", str(config.out), "--quiet"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*command, *words], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]


def losses(folder) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


def test_two_processes_learn_from_the_rows_of_one(recipe, tmp_path):
    settings = {
        "rows": RowConfig(questions=None, chances={}, weights={}),
        "batch": BatchConfig(tokens=300, tiles=6, packs=3),
        "precision": "fp32",
        "steps": 4,
    }
    alone = recipe("all", "alone", **settings)
    train(alone)
    both = recipe("all", "both", **settings, parallel="ddp", feed=FeedConfig(workers=1, copies=True))
    launch(both, tmp_path)
    assert losses(both.out) == pytest.approx(losses(alone.out), rel=1e-5)
    one, two = (read_json(folder / "stats.json") for folder in (alone.out, both.out))
    assert one["learned"] == two["learned"] and one["mixture"] == two["mixture"]
