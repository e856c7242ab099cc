"""Numbers reach TensorBoard and Weights & Biases, offline, inside the run folder; a continued run goes on."""

import math

import pytest

from gmai.errors import ConfigError
from gmai.train.loggers import LOGGERS, LoggerConfig, Loggers


def read_events(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder))
    found.Reload()
    return {tag: [(event.step, event.value) for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def write(folder, steps, done=0, kind="tensorboard"):
    loggers = Loggers([LoggerConfig(kind=kind)], folder, done)
    for step in steps:
        loggers.write(step, {"loss": 1 / step, "speed/tokens_per_second": 10.0 * step})
    loggers.close()


def test_tensorboard_has_every_number(tmp_path):
    write(tmp_path, [1, 2, 3])
    found = read_events(tmp_path / "tensorboard")
    assert [step for step, _ in found["loss"]] == [1, 2, 3]
    assert math.isclose(found["loss"][2][1], 1 / 3, rel_tol=1e-6)
    assert found["speed/tokens_per_second"][1] == (2, 20.0)


def test_tensorboard_forgets_what_a_killed_run_wrote_beyond_its_checkpoint(tmp_path):
    write(tmp_path, [1, 2, 3, 4])
    write(tmp_path, [3, 4], done=2)
    assert [step for step, _ in read_events(tmp_path / "tensorboard")["loss"]] == [1, 2, 3, 4]


def test_weights_and_biases_writes_offline(tmp_path):
    import wandb

    write(tmp_path, [1, 2], kind="wandb")
    wandb.teardown()  # its own process writes the last bytes when it ends
    (run,) = (tmp_path / "wandb").glob("offline-run-*/*.wandb")
    assert b"tokens_per_second" in run.read_bytes()


def test_an_unknown_logger_is_named_with_those_there_are(tmp_path):
    with pytest.raises(ConfigError, match="did you mean wandb"):
        Loggers([LoggerConfig(kind="wanbd")], tmp_path)
    assert LOGGERS.names() == ["tensorboard", "wandb"]


def test_a_logger_of_ones_own_is_taken(tmp_path, monkeypatch):
    import gmai.train.loggers as module

    taken = []

    class Own:
        def __init__(self, folder, config, done):
            self.place = folder, config.project, done

        def write(self, step, values):
            taken.append((step, dict(values)))

        def close(self):
            taken.append("closed")

    monkeypatch.setattr(module, "Own", Own, raising=False)
    loggers = Loggers([LoggerConfig(kind="gmai.train.loggers:Own")], tmp_path, 4)
    loggers.write(5, {"loss": 2.0})
    loggers.close()
    assert taken == [(5, {"loss": 2.0}), "closed"]
