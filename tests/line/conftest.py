"""A small hospital of phantoms for tests of the whole line."""

from pathlib import Path

import pytest

from gmai.base import JobConfig
from gmai.phantoms import HospitalConfig, write_hospital


@pytest.fixture(scope="session")
def hospital(tmp_path_factory) -> Path:
    """Files of a small hospital with its troubles."""
    out = tmp_path_factory.mktemp("hospital") / "out"
    job = JobConfig(workers=0)
    write_hospital(HospitalConfig(out=out, ct=9, xray=12, histology=12, fundus=9, ultrasound=12, text=40, job=job))
    return out / "files"
