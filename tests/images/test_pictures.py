"""Windows, fingerprints, encoding and overlays."""

import cv2
import numpy as np
import pytest

import make
from gmai.errors import ImageError
from gmai.images import (
    apply_window,
    decode_mask,
    decode_picture,
    difference_hash,
    encode_mask,
    encode_png,
    find_window,
    hash_distance,
    hash_picture,
    read_picture,
    region_pixels,
    render_view,
)
from gmai.types import Box, Label, MaskRef, Polygon, View, WindowPolicy


def test_a_dicom_window_follows_the_standard():
    """PS3.3 C.11.2.1.2.1: x <= c - 0.5 - (w-1)/2 gives the lowest, x > c - 0.5 + (w-1)/2 the highest value."""
    window = find_window(np.zeros(1), WindowPolicy(mode="fixed", centre=40, width=400))
    values = np.array([-1000, -160, -159, 40, 239, 3000], np.int16)
    assert apply_window(values, window).tolist() == [0, 0, 1, 128, 255, 255]


def test_long_and_short_integer_arrays_are_windowed_alike():
    values = np.arange(-2000, 2000, dtype=np.int16)
    window = find_window(values, WindowPolicy())
    long = np.tile(values, 40)
    assert np.array_equal(apply_window(long, window)[:4000], apply_window(values, window))
    assert np.array_equal(apply_window(values.astype(np.float32), window), apply_window(values, window))


def test_percentiles_of_integers_and_floats_agree():
    values = (np.random.default_rng(3).normal(100, 30, 5000)).astype(np.int16)
    whole, real = (find_window(v, WindowPolicy()) for v in (values, values.astype(np.float32)))
    assert (whole.centre, whole.width) == (real.centre, real.width) and whole.mode == "percentile"


def test_a_header_window_is_used_only_where_there_is_one():
    values = np.arange(100, dtype=np.int16)
    assert find_window(values, WindowPolicy(mode="header"), (40.0, 80.0)).mode == "header"
    assert find_window(values, WindowPolicy(mode="header")).mode == "percentile"


def test_what_is_no_number_is_black_and_does_not_move_the_window():
    values = np.array([[0.0, 1.0, np.nan, 3.0]])
    window = find_window(values, WindowPolicy(mode="range"))
    assert (window.centre, window.width) == (1.5, 3.0) and apply_window(values, window)[0].tolist() == [0, 85, 0, 255]
    with pytest.raises(ImageError, match="number"):
        find_window(np.full((2, 2), np.nan), WindowPolicy())


def test_equal_percentiles_fall_back_to_the_range_and_constants_are_black():
    values = np.zeros((100, 100), np.int16)
    values[0, 0] = 50
    assert find_window(values, WindowPolicy()).mode == "range"
    flat = np.full((4, 4), 7, np.int16)
    assert apply_window(flat, find_window(flat, WindowPolicy())).max() == 0


def test_near_copies_share_a_fingerprint_and_others_do_not():
    array = np.kron(np.random.default_rng(0).integers(0, 255, (8, 9)).astype(np.uint8), np.ones((20, 20), np.uint8))
    noisy = np.clip(array.astype(int) + np.random.default_rng(1).integers(-4, 5, array.shape), 0, 255).astype(np.uint8)
    own = difference_hash(array)
    assert len(own) == 16 and hash_distance(own, difference_hash(noisy)) <= 4
    assert hash_distance(own, difference_hash(array[:, ::-1])) > 20
    assert difference_hash(np.dstack([array] * 3)) == own
    assert len(difference_hash(np.zeros((1, 1), np.uint8))) == 16


def test_the_quick_fingerprint_of_bytes_is_that_of_their_picture(tmp_path):
    small = cv2.GaussianBlur(make.pixels(40, 50, 3), (9, 9), 3)
    for size in ((50, 40), (200, 160), (1000, 800), (1031, 777)):
        array = cv2.resize(small, size)
        whole = difference_hash(array)
        assert hash_picture(encode_png(array)) == whole and hash_picture(encode_png(array[..., 0]))
        path = make.picture(tmp_path / "a.jpg", array, quality=90)
        assert hash_distance(hash_picture(path.read_bytes()), difference_hash(read_picture(path).pixels)) <= 3
        mirrored = make.picture(tmp_path / "b.jpg", array[:, ::-1], quality=90)
        assert hash_distance(hash_picture(mirrored.read_bytes()), whole) > 12
    with pytest.raises(ImageError):
        hash_picture(b"\xff\xd8\xff nothing")
    with pytest.raises(ImageError):
        hash_picture(make.truncated(path).read_bytes()[:40])


@pytest.mark.data
def test_quick_fingerprints_of_real_jpegs_lie_near_the_whole_ones(data):
    """Four in five are equal, and all but one in a hundred differ in three bits of 64 at most."""
    away = []
    for path in sorted(data.rglob("*.jp*g")):
        try:
            whole = difference_hash(decode_picture(path.read_bytes()))
        except ImageError:
            continue
        away.append(hash_distance(whole, hash_picture(path.read_bytes())))
    assert len(away) > 900 and np.mean([each == 0 for each in away]) > 0.75
    assert np.mean([each <= 3 for each in away]) > 0.99 and max(away) <= 12


@pytest.mark.parametrize("channels", [0, 3])
def test_png_bytes_are_lossless_and_the_same_each_time(channels):
    array = make.pixels(channels=channels)
    data = encode_png(array)
    back = decode_picture(data)
    assert data == encode_png(array.copy()) and back.shape == (24, 32, 3)
    assert np.array_equal(back if channels else back[..., 0], array)
    with pytest.raises(ImageError):
        decode_picture(data[:40])


def regions():
    inside = np.zeros((24, 32), np.uint8)
    inside[6:12, 10:20] = 1
    ring = (10.0, 6.0, 20.0, 6.0, 20.0, 12.0, 10.0, 12.0)
    return (
        Box(label="a", xyxy=(10, 6, 20, 12), record="r"),
        Polygon(label="a", rings=(ring,), record="r"),
        MaskRef(label="a", record="r", uri="u", rle=encode_mask(inside), size=(24, 32)),
    )


def test_the_three_kinds_of_region_cover_the_same_pixels():
    box, polygon, mask = (region_pixels(region, 24, 32) for region in regions())
    assert box.sum() == 60 and np.array_equal(box, mask) and np.array_equal(box, polygon)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_each_granularity_draws_where_it_should(position):
    picture = np.full((24, 32, 3), 100, np.uint8)
    annotations = (*regions(), Label(name="x", record="r"))
    drawn = {}
    for level in ("image", "box", "mask", "contour"):
        view = View(granularity=level, regions=(position,), line_px=1)
        drawn[level] = (render_view(picture, view, annotations) != 100).any(axis=2)
    inside = np.zeros((24, 32), bool)
    inside[6:12, 10:20] = True
    edge = inside.copy()
    edge[7:11, 11:19] = False
    assert not drawn["image"].any() and (picture == 100).all()
    assert np.array_equal(drawn["mask"], inside)
    assert np.array_equal(drawn["box"], edge) and np.array_equal(drawn["contour"], edge)


def test_a_mask_is_mixed_with_its_colour():
    picture = np.full((24, 32, 3), 100, np.uint8)
    drawn = render_view(picture, View(granularity="mask", regions=(0,), opacity=0.5, colour=(255, 0, 0)), regions())
    assert drawn[8, 15].tolist() == [178, 50, 50]


def test_a_view_of_no_region_is_an_error():
    for annotations, position in (((Label(name="x", record="r"),), 0), (regions(), 3)):
        with pytest.raises(ImageError):
            render_view(np.zeros((24, 32, 3), np.uint8), View(granularity="box", regions=(position,)), annotations)
    unmeasured = (MaskRef(label="a", record="r", uri="u"),)
    with pytest.raises(ImageError):
        render_view(np.zeros((24, 32, 3), np.uint8), View(granularity="mask", regions=(0,)), unmeasured)


def test_masks_survive_their_code():
    inside = np.random.default_rng(0).random((17, 23)) > 0.5
    assert np.array_equal(decode_mask(encode_mask(inside), (17, 23)), inside)
