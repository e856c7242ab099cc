import numpy as np
import pytest

from gmai.images.channels import largest_channel, smallest_channel


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 1, 3), (0, 4, 3)])
def test_they_are_what_numpy_finds(shape):
    colours = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert np.array_equal(largest_channel(colours), colours.max(axis=2))
    assert np.array_equal(smallest_channel(colours), colours.min(axis=2))


def test_grey_is_left_as_it_is():
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert largest_channel(grey) is grey and smallest_channel(grey) is grey
