"""Several processes look on as one does: the same validation losses, one set of files, one voice."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
SETTINGS = {"steps": 4, "precision": "fp32", "batch.packs": 2, "checkpoint_every": 2, "device": "cpu"}
WATCHED = {"watch.validate_every": 2, "watch.validate_split": "test", "watch.loggers": "[{kind: tensorboard}]"}


def call(corpus, model, out, processes: int, **settings) -> str:
    given = {"corpus": corpus, "init.model": model, **SETTINGS, **WATCHED, **settings}
    words = [word for name, value in given.items() for word in ("--set", f"{name}={value}")]
    launch = ["torch.distributed.run", f"--nproc-per-node={processes}", "-m"] if processes > 1 else []
    command = [sys.executable, "-m", *launch, "gmai", "train", "tiny-stage3", *words, "-o", str(out), "--quiet"]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout


def read(folder, name):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


@pytest.mark.parametrize("parallel", ["ddp", "fsdp2"])
def test_two_processes_look_on_as_one_does(corpus, model, tmp_path, parallel):
    call(corpus, model, tmp_path / "one", 1)
    said = call(corpus, model, tmp_path / "two", 2, parallel=parallel)
    assert said.count("4 steps") == 1
    one, two = (read(tmp_path / name, "validation.jsonl") for name in ("one", "two"))
    assert [line["step"] for line in one] == [line["step"] for line in two] == [2, 4]
    for mine, theirs in zip(one, two, strict=True):
        assert theirs["loss"] == pytest.approx(mine["loss"], rel=1e-5)
        assert (theirs["labels"], theirs["rows"]) == (mine["labels"], mine["rows"])
    logs = [read(tmp_path / name, "log.jsonl") for name in ("one", "two")]
    for name in ("tokens", "labels", "tiles", "patches"):
        assert [line[name] for line in logs[0]] == [line[name] for line in logs[1]]
    assert [line["tflop"] for line in logs[0]] == pytest.approx([line["tflop"] for line in logs[1]], rel=1e-2)
    assert len(list((tmp_path / "two/tensorboard").iterdir())) == 1
    assert "on 2 devices" in (tmp_path / "two/train.html").read_text()
