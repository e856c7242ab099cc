"""Checkpoints: whole or not there, the last ones kept, what is saved is what was at that step."""

import shutil

import pytest
import torch

from gmai.errors import ModelError
from gmai.train.checkpoint import Checkpoints
from gmai.train.parallel import World


def state(value: float, size: int = 5) -> dict:
    weights = {"a.b": torch.full((size, 3), value), "c": torch.full((2,), value, dtype=torch.bfloat16)}
    return {"weights": weights, "optimizer": {"a.b": {"m": torch.full((4,), int(value), dtype=torch.uint8)}}}


def test_the_newest_is_read_and_the_last_are_kept(tmp_path):
    with Checkpoints(tmp_path, World(), kept=2) as checkpoints:
        assert checkpoints.read(state(0)) is None
        for step in range(1, 5):
            checkpoints.write(step, state(step), {"step": step})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000003", "00000004"]
    with Checkpoints(tmp_path, World()) as checkpoints:
        found = state(0)
        assert checkpoints.read(found) == {"step": 4}
    for name, weight in state(4)["weights"].items():
        assert torch.equal(found["weights"][name], weight)
    assert torch.equal(found["optimizer"]["a.b"]["m"], state(4)["optimizer"]["a.b"]["m"])


def test_what_changes_while_it_is_written_is_not_saved(tmp_path):
    large = {"weights": {"w": torch.zeros(1 << 20)}}
    with Checkpoints(tmp_path, World()) as checkpoints:
        checkpoints.write(1, large, {})
        large["weights"]["w"].fill_(7)
    found = {"weights": {"w": torch.ones(1 << 20)}}
    with Checkpoints(tmp_path, World()) as checkpoints:
        checkpoints.read(found)
    assert (found["weights"]["w"] == 0).all()


def test_half_a_checkpoint_is_no_checkpoint_and_goes_away(tmp_path):
    with Checkpoints(tmp_path, World()) as checkpoints:
        checkpoints.write(1, state(1), {"step": 1})
    shutil.copytree(tmp_path / "00000001", tmp_path / ".00000002.new")
    with Checkpoints(tmp_path, World()) as checkpoints:
        assert checkpoints.read(state(0)) == {"step": 1}
        checkpoints.write(3, state(3), {"step": 3})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000001", "00000003"]


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    with Checkpoints(tmp_path, World()) as checkpoints:
        checkpoints.write(1, state(1), {})
        checkpoints.settle()
        with pytest.raises(ModelError, match="does not fit"):
            checkpoints.read(state(0, size=6))
        with pytest.raises(ModelError, match="does not fit"):
            checkpoints.read({"weights": {"other": torch.zeros(3)}})


def test_an_error_of_writing_is_raised(tmp_path, monkeypatch):
    monkeypatch.setattr("gmai.train.checkpoint.write_json", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"), Checkpoints(tmp_path, World()) as checkpoints:
        checkpoints.write(1, state(1), {})
    assert not list(tmp_path.glob("[0-9]*"))
