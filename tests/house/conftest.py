"""House tests parse much source; CPython 3.11 fails at that if a collected object's end compiles code meanwhile."""

import gc

import pytest


@pytest.fixture(autouse=True)
def _no_collection():
    """No garbage collection while source is parsed (https://github.com/python/cpython/issues/106905)."""
    gc.disable()
    yield
    gc.enable()
