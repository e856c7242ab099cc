"""Padded files: exactly as long as asked, the same pixels in every decoder, and as before without the padding."""

from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from gmai.errors import ImageError
from gmai.images import (
    LEAST_PADDING,
    decode_picture,
    find_raster_size,
    pad_raster,
    strip_metadata,
    unpad_raster,
)


def encoded(mode: str, **settings) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (37, 52, 4), dtype=np.uint8)
    picture = Image.fromarray(pixels).convert("RGB").convert("RGB" if mode == "I;16" else mode)
    if mode == "I;16":
        picture = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    out = BytesIO()
    picture.save(out, **settings)
    return out.getvalue()


FILES = {
    "grey png": encoded("L", format="PNG"),
    "rgb png": encoded("RGB", format="PNG"),
    "rgba png": encoded("RGBA", format="PNG"),
    "palette png": encoded("P", format="PNG"),
    "deep png": encoded("I;16", format="PNG"),
    "single pixel png": cv2.imencode(".png", np.full((1, 1), 7, np.uint8))[1].tobytes(),
    "jpeg": encoded("RGB", format="JPEG"),
    "grey jpeg": encoded("L", format="JPEG"),
    "progressive jpeg": encoded("RGB", format="JPEG", progressive=True),
    "jpeg with resolution": encoded("RGB", format="JPEG", dpi=(300, 300)),
    "jpeg in cmyk": encoded("CMYK", format="JPEG"),
}


def seen(data: bytes) -> list[np.ndarray]:
    """What Pillow, OpenCV and our own decoder show."""
    with Image.open(BytesIO(data)) as image:
        pillow = np.asarray(image)
    array = np.frombuffer(data, np.uint8)
    return [
        pillow,
        decode_picture(data),
        cv2.imdecode(array, cv2.IMREAD_COLOR),
        cv2.imdecode(array, cv2.IMREAD_UNCHANGED),
    ]


@pytest.mark.parametrize("more", [LEAST_PADDING, 17, 65_536, 65_537, 65_538, 3_000_001])
@pytest.mark.parametrize("name", FILES)
def test_a_padded_file_shows_the_same_in_every_decoder(name, more):
    data = FILES[name]
    padded = pad_raster(data, len(data) + more)
    assert len(padded) == len(data) + more
    for before, after in zip(seen(data), seen(padded), strict=True):
        assert np.array_equal(before, after)
    assert unpad_raster(padded) == data
    assert find_raster_size(padded) == find_raster_size(data)


@pytest.mark.parametrize("name", ["grey png", "jpeg", "progressive jpeg"])
def test_padding_is_no_metadata_and_goes_with_it(name):
    data = FILES[name]
    cleaned = strip_metadata(pad_raster(data, len(data) + 70_000))
    assert cleaned.removed == ("padding",) and cleaned.data == data


def test_comments_and_private_chunks_with_words_are_no_padding():
    telling = FILES["jpeg"][:2] + b"\xff\xfe\x00\x06cyst" + FILES["jpeg"][2:]
    assert strip_metadata(telling).removed == ("comment",)
    assert unpad_raster(telling) == telling
    padded = pad_raster(FILES["grey png"], len(FILES["grey png"]) + 100)
    assert strip_metadata(padded.replace(b"paDd\0\0", b"paDdcy")).removed == ("chunk paDd",)


def test_sizes_are_read_from_the_header():
    assert {find_raster_size(data) for name, data in FILES.items() if name != "single pixel png"} == {(52, 37)}


def test_what_cannot_be_padded_is_refused():
    data = FILES["jpeg"]
    assert pad_raster(data, len(data)) == data
    for size in (len(data) - 1, len(data) + LEAST_PADDING - 1):
        with pytest.raises(ImageError, match="cannot become") as told:
            pad_raster(data, size)
        assert told.value.reason == "pad.size"
    gif = encoded("P", format="GIF")
    assert unpad_raster(gif) == gif
    for call in (lambda: pad_raster(gif, len(gif) + 100), lambda: find_raster_size(gif)):
        with pytest.raises(ImageError, match="only PNG and JPEG"):
            call()
    for broken in (data[:40], FILES["rgb png"][:60], b"\x89PNG\r\n\x1a\n"):
        with pytest.raises(ImageError):
            pad_raster(broken, 10_000)
        with pytest.raises(ImageError):
            unpad_raster(broken)
