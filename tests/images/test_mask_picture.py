"""Mask pictures of one thing and of colours: exact, and refused where they are not what they are said to be."""

import numpy as np
import pytest
from PIL import Image

import make
from gmai.errors import ImageError
from gmai.images import read_binary_mask, read_colour_mask

INSIDE = np.zeros((24, 32), bool)
INSIDE[3:9, 4:14] = True
INSIDE[5, 6] = False  # a hole
INSIDE[20:22, 28:31] = True  # a second part
GREY = INSIDE.astype(np.uint8) * 255


def reason(call, *arguments):
    with pytest.raises(ImageError) as error:
        call(*arguments)
    return error.value.reason


def palette(path, first, second):
    image = Image.fromarray(INSIDE.astype(np.uint8))
    image = image.convert("P") if image.mode != "P" else image
    image.putpalette([*first, *second])
    image.save(path)
    return path


@pytest.mark.parametrize(
    ("name", "array", "options"),
    [
        ("m.png", GREY, {}),
        ("m.png", INSIDE.astype(np.uint8), {}),
        ("m.png", GREY, {"mode": "1"}),
        ("m.bmp", GREY, {}),
        ("m.gif", GREY, {}),
        ("m.tif", GREY, {"compression": "tiff_lzw"}),
        ("m.png", GREY.astype(np.uint16) * 257, {}),
        ("m.tif", GREY.astype(np.uint16), {}),
        ("m.tif", INSIDE.astype(np.float32), {}),
        ("m.png", np.stack([GREY, GREY, GREY], axis=2), {}),
        ("m.png", np.stack([GREY, GREY * 0, GREY * 0], axis=2), {}),
        ("m.png", np.stack([GREY, GREY, GREY, np.full_like(GREY, 255)], axis=2), {}),
        ("m.png", np.stack([np.full_like(GREY, 7)] * 3 + [GREY], axis=2), {}),
    ],
)
def test_holes_and_parts_are_kept_in_every_mode(tmp_path, name, array, options):
    found = read_binary_mask(make.picture(tmp_path / name, array, **options))
    assert found.dtype == bool and np.array_equal(found, INSIDE)


def test_a_palette_marks_by_what_it_shows_or_else_by_place(tmp_path):
    assert np.array_equal(read_binary_mask(palette(tmp_path / "a.png", (0, 0, 0), (128, 0, 0))), INSIDE)
    assert np.array_equal(read_binary_mask(palette(tmp_path / "b.gif", (255, 255, 255), (0, 0, 0))), ~INSIDE)
    assert np.array_equal(read_binary_mask(palette(tmp_path / "c.png", (0, 0, 0), (0, 0, 0))), INSIDE)


def test_soft_edges_need_a_threshold(tmp_path):
    soft = make.picture(tmp_path / "m.jpg", GREY, quality=80)
    assert reason(read_binary_mask, soft) == "labels.lossy"
    found = read_binary_mask(soft, 128)
    assert (found != INSIDE).mean() < 0.01 and found.any()
    grey = GREY.copy()
    grey[2, 4:14] = 90
    edges = make.picture(tmp_path / "m.png", grey)
    assert reason(read_binary_mask, edges) == "mask.not_binary"
    assert np.array_equal(read_binary_mask(edges, 128), INSIDE)
    assert read_binary_mask(edges, 90)[2, 4:14].all()


def test_colours_are_told_exactly(tmp_path):
    colours = np.zeros((24, 32, 3), np.uint8)
    colours[INSIDE] = (255, 0, 16)
    found = read_colour_mask(make.picture(tmp_path / "m.png", colours))
    assert set(np.unique(found)) == {0, 0xFF0010} and np.array_equal(found == 0xFF0010, INSIDE)
    assert set(np.unique(read_colour_mask(make.picture(tmp_path / "g.png", GREY)))) == {0, 0xFFFFFF}
    assert set(np.unique(read_colour_mask(palette(tmp_path / "p.png", (0, 0, 0), (1, 2, 3))))) == {0, 0x010203}
    assert reason(read_colour_mask, make.picture(tmp_path / "m.jpg", colours)) == "labels.lossy"
    assert reason(read_colour_mask, make.picture(tmp_path / "d.png", GREY.astype(np.uint16))) == "labels.deep"


def test_broken_masks_are_errors(tmp_path):
    for read in (read_binary_mask, read_colour_mask):
        assert reason(read, make.truncated(make.picture(tmp_path / "t.png", make.pixels(200, 200)))) == "image.broken"
        assert reason(read, make.text(tmp_path / "x.png", "x")) == "image.not_a_picture"
        assert reason(read, make.png_claiming(tmp_path / "b.png", 60000, 60000)) == "image.too_large"
