"""One small hospital, written once and only read by the tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gmai.base import JobConfig
from gmai.phantoms import HospitalConfig, write_hospital

MakeConfig = Callable[..., HospitalConfig]


@pytest.fixture(scope="session")
def config() -> MakeConfig:
    """Config of a hospital of 36 pictures and 9 CT series, for a folder and a number of workers."""

    def make(folder: Path, workers: int = 0) -> HospitalConfig:
        job = JobConfig(workers=workers, shard_size=8)
        return HospitalConfig(out=folder, seed=3, ct=9, xray=8, histology=8, fundus=6, ultrasound=8, text=40, job=job)

    return make


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory, config: MakeConfig) -> Path:
    """Its run folder, with trouble."""
    folder = tmp_path_factory.mktemp("hospital") / "run"
    write_hospital(config(folder))
    return folder
