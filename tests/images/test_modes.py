"""Raster files of every mode, depth and format: true bits, true colours, frames told, damage refused."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

import make
from gmai.errors import ImageError
from gmai.images import find_window, peek, read_picture
from gmai.types import WindowPolicy

RANGE = WindowPolicy(mode="range")


def told(picture):
    return picture.steps[0].parameters if picture.steps else {}


def reason_of(call, *arguments, **named):
    with pytest.raises(ImageError) as error:
        call(*arguments, **named)
    return error.value.reason


def deep_colours(seed=0):
    """16-bit colours whose upper and lower bytes both say something."""
    return np.random.default_rng(seed).integers(0, 65536, (24, 32, 3)).astype(np.uint16)


def as_shown(values):
    low, high = float(values.min()), float(values.max())
    return np.rint((values.astype(np.float64) - low) * 255 / (high - low)).astype(np.uint8)


@pytest.mark.parametrize("ending", [".png", ".tif"])
def test_sixteen_bits_of_colour_are_all_read(tmp_path, ending):
    array = deep_colours()
    path = tmp_path / f"deep{ending}"
    path.write_bytes(cv2.imencode(ending, array[..., ::-1])[1].tobytes())
    picture = read_picture(path, RANGE)
    assert np.abs(picture.pixels.astype(int) - as_shown(array)).max() <= 1 and picture.own_bytes is None
    assert told(picture)["mode"] == "RGB;16" and told(picture)["window"] == "range"
    dark = (array >> 8).astype(np.uint16)
    path.write_bytes(cv2.imencode(ending, dark[..., ::-1])[1].tobytes())
    assert len(np.unique(read_picture(path, RANGE).pixels)) > 200, "the upper 8 bits alone are all 0"


def test_sixteen_bits_with_alpha_are_laid_over_white(tmp_path):
    array = np.dstack([deep_colours(), np.full((24, 32), 65535, np.uint16)])
    array[:4, :, 3] = 0
    path = tmp_path / "a.png"
    path.write_bytes(cv2.imencode(".png", array[..., [2, 1, 0, 3]])[1].tobytes())
    picture = read_picture(path, RANGE)
    assert told(picture)["alpha"] == "laid over white" and (picture.pixels[:4] == 255).all()
    assert np.abs(picture.pixels[4:].astype(int) - as_shown(array[4:, :, :3])).max() <= 1


def test_jpeg_2000_of_any_depth(tmp_path):
    eight = make.picture(tmp_path / "a.jp2", make.pixels(channels=3), irreversible=False)
    assert np.array_equal(read_picture(eight).pixels, make.pixels(channels=3))
    grey = make.picture(tmp_path / "g.jp2", deep_colours()[..., 0], irreversible=False)
    assert np.abs(read_picture(grey, RANGE).pixels.astype(int) - as_shown(deep_colours()[..., 0])).max() <= 1


def test_jpeg_2000_of_sixteen_bits_of_colour(tmp_path):
    array = np.random.default_rng(0).integers(0, 65536, (128, 128, 3)).astype(np.uint16)
    lossless = [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000]
    (tmp_path / "a.jp2").write_bytes(cv2.imencode(".jp2", array[..., ::-1], lossless)[1].tobytes())
    picture = read_picture(tmp_path / "a.jp2", RANGE)
    assert np.abs(picture.pixels.astype(int) - as_shown(array)).max() <= 1 and told(picture)["mode"] == "RGB;16"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("code", ["u2", "i4", "f4"])
def test_deep_grey_tiff_of_both_byte_orders(tmp_path, order, code):
    values = (np.random.default_rng(0).random((24, 32)) * 40000).astype(code)
    path = grey_tiff(tmp_path / "a.tif", values, order)
    picture = read_picture(path, RANGE)
    assert np.abs(picture.pixels.astype(int) - as_shown(values)).max() <= 1
    assert told(picture)["window"] == "range"


def grey_tiff(path, values, order):
    """Write an uncompressed grey TIFF of one strip in a byte order."""
    height, width = values.shape
    bits, kind = values.dtype.itemsize * 8, {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    entries = [(256, width), (257, height), (258, bits), (259, 1), (262, 1), (273, 0), (277, 1), (278, height)]
    entries += [(279, values.nbytes), (339, kind)]
    start = 8 + 2 + 12 * len(entries) + 4
    out = io.BytesIO()
    out.write((b"II" if order == "<" else b"MM") + np.array([42], order + "u2").tobytes())
    out.write(np.array([8], order + "u4").tobytes() + np.array([len(entries)], order + "u2").tobytes())
    for tag, value in entries:
        out.write(np.array([tag, 4], order + "u2").tobytes())
        out.write(np.array([1, start if tag == 273 else value], order + "u4").tobytes())
    out.write(bytes(4) + values.astype(values.dtype.newbyteorder(order)).tobytes())
    path.write_bytes(out.getvalue())
    return path


def test_lab_and_hsv_become_the_colours_they_mean(tmp_path):
    lab = Image.new("LAB", (8, 8))
    lab.paste((128, 128, 128), (0, 0, 8, 8))
    lab.save(tmp_path / "lab.tif")
    grey = read_picture(tmp_path / "lab.tif")
    assert told(grey) == {"mode": "LAB"} and np.abs(grey.pixels.astype(int) - 119).max() <= 2, "L* 50 is grey 119"
    cmyk = read_picture(make.picture(tmp_path / "c.tif", make.pixels(channels=3), mode="CMYK"))
    assert np.array_equal(cmyk.pixels, make.pixels(channels=3)) and told(cmyk) == {"mode": "CMYK"}


def test_an_inverted_cmyk_jpeg_shows_its_colours(tmp_path):
    """Adobe writes CMYK and YCCK JPEG inverted; Pillow writes and reads them so."""
    array = np.zeros((16, 16, 3), np.uint8)
    array[:] = (200, 40, 60)
    picture = read_picture(make.picture(tmp_path / "a.jpg", array, mode="CMYK", quality=95))
    assert np.abs(picture.pixels.astype(int) - array).max() < 12


OPTIONS = {
    "lzw.tif": {"compression": "tiff_lzw"},
    "deflate.tif": {"compression": "tiff_adobe_deflate"},
    "packbits.tif": {"compression": "packbits"},
    "plain.tif": {},
    "a.bmp": {},
    "a.ppm": {},
    "a.gif": {},
    "a.webp": {"lossless": True},
    "a.png": {"optimize": True},
}


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_lossless_formats_give_every_pixel_and_refuse_what_is_cut(tmp_path, name):
    array = make.pixels(48, 64, 0 if name == "a.gif" else 3)
    path = make.picture(tmp_path / name, array, **OPTIONS[name])
    pixels = read_picture(path).pixels
    assert np.array_equal(pixels[..., 0] if name == "a.gif" and pixels.ndim == 3 else pixels, array)
    make.truncated(path, 0.6)
    assert reason_of(read_picture, path) in {"image.truncated", "image.broken"}


@pytest.mark.parametrize("name", ["a.jpg", "b.tif", "c.webp", "d.jp2"])
def test_lossy_pictures_cut_short_are_refused(tmp_path, name):
    options = {"compression": "jpeg"} if name == "b.tif" else {"quality": 80} if name != "d.jp2" else {}
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    path = make.picture(tmp_path / name, noise, **options)
    assert read_picture(path).size == (64, 64)
    assert reason_of(read_picture, make.truncated(path)) in {"image.truncated", "image.broken"}


def test_a_tiled_tiff_is_read_whole(tmp_path):
    array = make.pixels(64, 80)
    tiled = Image.fromarray(array)
    tiled.save(tmp_path / "t.tif", compression="tiff_deflate", tiffinfo={322: 16, 323: 16})
    assert np.array_equal(read_picture(tmp_path / "t.tif").pixels, array)


@pytest.mark.parametrize("name", ["a.tif", "a.gif", "a.webp", "a.png"])
def test_of_several_frames_the_first_is_shown_or_the_one_asked_for(tmp_path, name):
    frames = [Image.fromarray(np.full((16, 20), 40 + 60 * number, np.uint8)) for number in range(3)]
    lossless = {"lossless": True} if name == "a.webp" else {}
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **lossless)
    for frame in (None, 0, 2):
        picture = read_picture(tmp_path / name, frame=frame)
        assert told(picture)["frames"] == 3 and told(picture)["frame"] == (frame or 0)
        assert np.abs(picture.pixels.astype(int) - (40 + 60 * (frame or 0))).max() <= 1
    assert reason_of(read_picture, tmp_path / name, frame=3) == "image.frame"
    assert peek(tmp_path / name, name).frames == 3


def test_pages_of_sixteen_bits_are_read_by_number(tmp_path):
    pages = [deep_colours(seed) for seed in range(3)]
    done, data = cv2.imencodemulti(".tif", [page[..., ::-1] for page in pages])
    (tmp_path / "a.tif").write_bytes(data.tobytes())
    for number, page in enumerate(pages):
        picture = read_picture(tmp_path / "a.tif", RANGE, frame=number)
        assert np.abs(picture.pixels.astype(int) - as_shown(page)).max() <= 1, number


def test_one_pixel_is_told(tmp_path):
    assert told(read_picture(make.picture(tmp_path / "a.png", np.zeros((1, 1), np.uint8))))["tiny"] is True


@pytest.mark.parametrize("name", ["a.gif", "a.bmp", "a.ppm", "a.tif"])
def test_a_header_that_claims_too_much_is_refused_before_decoding(tmp_path, name):
    path = make.picture(tmp_path / name, make.pixels(8, 8))
    raw = bytearray(path.read_bytes())
    if name == "a.gif":
        raw[6:10] = b"\xff\xff\xff\xff"
    elif name == "a.bmp":
        raw[18:26] = np.array([60000, 60000], "<i4").tobytes()
    elif name == "a.ppm":
        raw = bytearray(raw.replace(b"8 8", b"60000 60000"))
    else:
        path = grey_tiff(path, np.zeros((8, 8), np.uint16), "<")
        raw = bytearray(path.read_bytes())
        raw[18:22] = raw[30:34] = np.array([60000], "<u4").tobytes()
    path.write_bytes(raw)
    assert reason_of(read_picture, path) == "image.too_large"
    if name == "a.tif":
        assert peek(path, name).kind == "slide", "a TIFF of that size is no picture"
    else:
        assert reason_of(peek, path, name) == "image.too_large"


def test_a_window_that_was_told_gives_the_same_picture(tmp_path):
    path = make.picture(tmp_path / "deep.png", deep_colours()[..., 0])
    first = read_picture(path)
    window = find_window(deep_colours()[..., 0], WindowPolicy())
    assert np.array_equal(read_picture(path, window).pixels, first.pixels) and told(first)["centre"] == window.centre
