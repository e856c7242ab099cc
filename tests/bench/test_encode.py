"""Pictures to base64 and back: without loss where that is said, as Pillow does it where not."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

import make
from gmai.bench import decode_base64_to_image, encode_image_file_to_base64, encode_image_to_base64, encode_lossless
from gmai.errors import FormatError, ImageError

MODES = ["L", "RGB", "RGBA", "P", "LA", "1", "I;16"]


def drawn(mode="RGB"):
    if mode == "I;16":
        return Image.fromarray(make.pixels().astype(np.uint16) * 200)
    return Image.fromarray(make.pixels(channels=3)).convert(mode)


@pytest.mark.parametrize("mode", MODES)
def test_lossless_is_lossless(mode):
    image = drawn(mode)
    back = decode_base64_to_image(encode_lossless(image))
    wanted = image.convert("RGB") if mode in ("RGBA", "P", "LA") else image
    assert back.mode == wanted.mode and np.array_equal(np.asarray(back), np.asarray(wanted))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA"])
def test_jpeg_is_what_pillow_makes(mode):
    image, out = drawn(mode), io.BytesIO()
    (image if mode == "L" else image.convert("RGB")).save(out, format="JPEG")
    text = encode_image_to_base64(image)
    assert base64.b64decode(text) == out.getvalue()
    assert np.array_equal(np.asarray(decode_base64_to_image(text)), np.asarray(Image.open(out)))


def test_sizes_shrink_and_never_grow_and_the_picture_given_stays():
    image = drawn()
    small = decode_base64_to_image(encode_image_to_base64(image, target_size=16))
    assert small.size == (16, 12) and image.size == (32, 24)
    assert decode_base64_to_image(encode_image_to_base64(image, target_size=100)).size == (32, 24)
    assert decode_base64_to_image(encode_lossless(image), target_size=8).size == (8, 6)


def test_files(tmp_path):
    path = make.picture(tmp_path / "a.png", make.pixels(channels=3))
    assert encode_image_file_to_base64(path) == encode_image_to_base64(Image.open(path))
    assert np.array_equal(
        np.asarray(decode_base64_to_image(encode_image_file_to_base64(str(path), fmt="PNG"))), make.pixels(channels=3)
    )


def test_what_is_no_picture_is_told(tmp_path):
    with pytest.raises(FormatError, match="not base64"):
        decode_base64_to_image("###")
    with pytest.raises(ImageError, match="no whole picture"):
        decode_base64_to_image(base64.b64encode(b"text").decode())
    whole = base64.b64decode(encode_lossless(drawn()))
    with pytest.raises(ImageError, match="no whole picture"):
        decode_base64_to_image(base64.b64encode(whole[: len(whole) // 2]).decode())
    with pytest.raises(ImageError, match="no whole picture"):
        encode_image_file_to_base64(tmp_path / "gone.png")
    with pytest.raises(ImageError, match="no JPEG"):
        encode_image_to_base64(drawn("I;16"))
    with pytest.raises(ImageError, match="no PNG"):
        encode_lossless(drawn().convert("HSV"))
