"""The quick ways of the fingerprint give what the plain ways give."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from gmai.images.hashing import _average, _size


@pytest.mark.parametrize("shape", [(8, 9), (9, 8), (64, 50), (513, 301), (1024, 1024)])
@pytest.mark.parametrize("turned", [False, True])
def test_averages_of_bytes_are_exact(shape, turned):
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    picture = picture.T if turned else picture
    rows = np.arange(8) * len(picture) // 8
    plain = [band.astype(np.float64).sum(axis=0) / len(band) for band in np.split(picture, rows[1:])]
    assert np.array_equal(_average(picture, 8, axis=0), plain)


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"exif": True}, {"comment": b"x" * 60_000}])
def test_the_size_of_a_jpeg_is_that_of_its_first_frame(how):
    thumbnail = BytesIO()
    Image.new("RGB", (16, 8)).save(thumbnail, "JPEG")
    if how.pop("exif", False):
        how["exif"] = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0" + thumbnail.getvalue()
    out = BytesIO()
    Image.new("RGB", (123, 77)).save(out, "JPEG", **how)
    data = out.getvalue()
    assert _size(data) == (123, 77)
    assert _size(data[:2] + b"\xff\xff" + data[3:]) == (123, 77)  # fill bytes
