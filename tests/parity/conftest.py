"""What these tests need: an environment that has torchvision (``make test-parity``)."""

import pytest

pytest.importorskip("torchvision", reason="needs torchvision: make test-parity")


def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.parity)
