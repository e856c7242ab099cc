"""Fixtures of all tests: no network but loopback, and the folder of real data if one is given."""

from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts


def absolute(folder: str) -> Path:
    return Path(folder).resolve()


def pytest_addoption(parser):
    parser.addoption("--data", type=absolute, default=None, help="folder of real public data sets")
    parser.addoption("--model", type=absolute, default=None, help="model folder or run folder of a model")


def pytest_runtest_setup():
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture
def data(request) -> Path:
    """Folder of real public data; the test is skipped where none is given."""
    folder = request.config.getoption("--data")
    if folder is None:
        pytest.skip("needs --data FOLDER")
    return folder


@pytest.fixture
def model_folder(request) -> Path:
    """A model's folder; the test is skipped where none is given."""
    folder = request.config.getoption("--model")
    if folder is None:
        pytest.skip("needs --model FOLDER")
    return folder
