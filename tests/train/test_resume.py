"""A run that is killed and started again ends with the bytes of a run that was not."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from gmai.base import dumps, hash_file, load_config
from gmai.base.run import RunFolder
from gmai.train import TrainConfig, train
from gmai.train import export as export_module
from gmai.train import learn as learn_module
from gmai.train.checkpoint import Checkpoints
from gmai.train.loop import Pupil
from gmai.train.meters import MEASURED


class Killed(BaseException):
    """Stands for a kill inside one process; nothing catches it."""


def outputs(folder: Path) -> dict[str, object]:
    """Hash of every file but those that hold times, and the log without what is measured."""
    files = [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"run.json", "log.jsonl", "train.html"}
    ]
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    log = [{name: value for name, value in line.items() if name not in MEASURED} for line in lines]
    return {**{path.relative_to(folder).as_posix(): hash_file(path) for path in files}, "log": log}


def fail_at(original, count: int):
    """The function, killed at its ``count``-th call before it does anything."""
    calls = iter(range(1, 1_000_000))

    def wrapped(*args, **kwargs):
        if next(calls) == count:
            raise Killed
        return original(*args, **kwargs)

    return wrapped


MOMENTS = {
    "first step": (Pupil, "step", 1),
    "between checkpoints": (Pupil, "step", 4),
    "at a checkpoint": (Checkpoints, "write", 2),
    "while a checkpoint is written": (Checkpoints, "_finish", 2),
    "after the last step": (learn_module, "check_moved", 1),
    "saving the model": (export_module, "save_model", 1),
    "before the manifest": (RunFolder, "finish", 1),
}


@pytest.fixture(scope="module")
def whole(recipe_in, tmp_path_factory):
    """What a run of a stage in one piece leaves."""
    home = tmp_path_factory.mktemp("whole")

    @cache
    def run(stage: str) -> dict[str, object]:
        config = recipe_in(home, stage, stage, seed=5)
        train(config)
        return outputs(config.out)

    return run


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("stage", ["vision", "all"])
def test_killed_anywhere_and_run_again(recipe, whole, monkeypatch, stage, moment):
    again = recipe(stage, seed=5)
    place, name, count = MOMENTS[moment]
    with monkeypatch.context() as patch:
        patch.setattr(place, name, fail_at(getattr(place, name), count))
        with pytest.raises(Killed):
            train(again)
    assert not (again.out / "manifest.json").exists()
    train(again)
    assert outputs(again.out) == whole(stage)


def test_killed_between_the_numbers_and_the_manifest(recipe, whole, monkeypatch):
    import gmai.base.run as base_run

    again = recipe("projector", seed=5)
    with monkeypatch.context() as patch:
        patch.setattr(base_run, "hash_file", fail_at(base_run.hash_file, 3))
        with pytest.raises(Killed):
            train(again)
    train(again)
    assert outputs(again.out) == whole("projector")


def test_how_often_checkpoints_are_written_changes_nothing(recipe):
    often, never = recipe("all", "often", checkpoint_every=1), recipe("all", "never", checkpoint_every=1000)
    train(often)
    train(never)
    assert outputs(often.out) == outputs(never.out)


def test_half_a_line_of_the_log_is_dropped(recipe, whole, monkeypatch):
    again = recipe("projector", seed=5)
    with monkeypatch.context() as patch:
        patch.setattr(Pupil, "step", fail_at(Pupil.step, 4))
        with pytest.raises(Killed):
            train(again)
    with (again.out / "log.jsonl").open("ab") as log:
        log.write(b'{"step":4,"lo')
    train(again)
    assert outputs(again.out) == whole("projector")


@pytest.mark.slow
def test_kill_9_at_five_moments(recipe, tmp_path):
    config = recipe("all", "whole", steps=40, checkpoint_every=5)
    train(config)
    again = replace(config, out=tmp_path / "again")
    path = tmp_path / "again.yaml"
    path.write_bytes(dumps(again))
    assert load_config(TrainConfig, path) == again
    imports = "from pathlib import Path; from gmai.base import load_config; from gmai.train import TrainConfig, train"
    code = f"{imports}; train(load_config(TrainConfig, Path({str(path)!r})))"
    for lines in (1, 7, 15, 26, 39):
        process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "OMP_NUM_THREADS": "1"})
        log = again.out / "log.jsonl"
        while process.poll() is None and (not log.exists() or log.read_bytes().count(b"\n") < lines):
            time.sleep(0.002)
        assert process.poll() is None, "the run ended before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
    train(again)
    assert outputs(again.out) == outputs(config.out)
