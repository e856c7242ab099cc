"""Raster pictures: every mode to 8 bits as shown, nothing clipped, nothing half read."""

import numpy as np
import pytest
from PIL import Image

import make
from gmai.errors import ImageError
from gmai.images import decode_picture, orient, orient_point, peek, read_picture
from gmai.types import WindowPolicy


def told(picture):
    return picture.steps[0].parameters if picture.steps else {}


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
@pytest.mark.parametrize("channels", [0, 3])
def test_plain_pictures_keep_their_own_bytes(tmp_path, name, channels):
    path = make.picture(tmp_path / name, make.pixels(channels=channels))
    picture = read_picture(path)
    assert picture.encoded() == path.read_bytes() and picture.steps == ()
    assert picture.size == (32, 24) and picture.pixels.ndim == (3 if channels else 2)


def test_pixels_of_a_png_come_back_exactly(tmp_path):
    array = make.pixels(channels=3)
    picture = read_picture(make.picture(tmp_path / "a.png", array))
    assert np.array_equal(picture.pixels, array) and np.array_equal(decode_picture(picture.encoded()), array)


def test_a_file_that_cannot_be_stripped_is_encoded_anew_and_it_is_told(tmp_path):
    path = make.picture(tmp_path / "a.png", make.pixels())
    path.write_bytes(path.read_bytes()[:-12])  # its end mark, which no decoder needs
    picture = read_picture(path)
    assert picture.own_bytes is None and np.array_equal(picture.pixels, make.pixels())
    (step,) = picture.steps
    assert step.name == "strip" and step.parameters["encoded_anew"].startswith("metadata cannot be removed")


def test_sixteen_bits_are_windowed_not_clipped(tmp_path):
    array = np.linspace(0, 40000, 24 * 32).reshape(24, 32).astype(np.uint16)
    picture = read_picture(make.picture(tmp_path / "deep.png", array), WindowPolicy(mode="range"))
    assert picture.pixels.dtype == np.uint8 and picture.pixels.min() == 0 and picture.pixels.max() == 255
    assert len(np.unique(picture.pixels)) > 200
    assert picture.window == (20000.0, 40000.0) and told(picture)["window"] == "range" and picture.own_bytes is None


def test_transparent_parts_are_laid_over_white_and_told(tmp_path):
    array = np.dstack([make.pixels(channels=3), np.full((24, 32), 255, np.uint8)])
    opaque = read_picture(make.picture(tmp_path / "a.png", array))
    assert told(opaque)["alpha"] == "opaque, dropped" and np.array_equal(opaque.pixels, array[..., :3])
    array[:4, :, 3] = 0
    clear = read_picture(make.picture(tmp_path / "b.png", array))
    assert told(clear)["alpha"] == "laid over white"
    assert (clear.pixels[:4] == 255).all() and np.array_equal(clear.pixels[4:], array[4:, :, :3])


def test_palette_cmyk_bilevel_and_grey_alpha_are_converted(tmp_path):
    array = make.pixels(channels=3)
    palette = read_picture(make.picture(tmp_path / "p.png", array, mode="P"))
    assert palette.pixels.shape == (24, 32, 3) and told(palette)["mode"] == "P"
    cmyk = read_picture(make.picture(tmp_path / "c.jpg", array, mode="CMYK"))
    assert cmyk.pixels.shape == (24, 32, 3) and abs(cmyk.pixels.astype(int) - array).mean() < 12
    bilevel = read_picture(make.picture(tmp_path / "1.png", make.pixels(), mode="1"))
    assert bilevel.pixels.shape == (24, 32) and set(np.unique(bilevel.pixels)) <= {0, 255}
    grey = read_picture(make.picture(tmp_path / "la.png", make.pixels(), mode="LA"))
    assert np.array_equal(grey.pixels, make.pixels())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_to_pixels_and_points(tmp_path, orientation):
    path = make.rotated_jpeg(tmp_path / "a.jpg", orientation)
    picture = read_picture(path)
    with Image.open(path) as image:
        plain = np.asarray(image)
    assert picture.orientation == orientation and np.array_equal(picture.pixels, orient(plain, orientation))
    assert picture.stored_size == (32, 24) and picture.size == ((24, 32) if orientation >= 5 else (32, 24))
    marked = np.zeros((24, 32), np.uint8)
    marked[5, 9] = 1
    row, column = np.argwhere(orient(marked, orientation))[0]
    assert orient_point(9.5, 5.5, orientation, picture.size) == (column + 0.5, row + 0.5)
    assert (picture.own_bytes is None) == (orientation != 1)


def test_orientation_agrees_with_pillow(tmp_path):
    from PIL import ImageOps

    for orientation in range(1, 9):
        path = make.rotated_jpeg(tmp_path / f"{orientation}.jpg", orientation)
        with Image.open(path) as image:
            assert np.array_equal(read_picture(path).pixels, np.asarray(ImageOps.exif_transpose(image)))


def test_the_first_frame_of_several_is_taken_and_told(tmp_path):
    frames = [Image.fromarray(make.pixels(seed=seed)) for seed in (0, 3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert told(read_picture(tmp_path / "a.gif"))["frames"] == 2


def test_a_name_says_nothing_about_the_content(tmp_path):
    path = make.picture(tmp_path / "a.png", make.pixels(channels=3), format="JPEG")
    assert read_picture(path).own_bytes == path.read_bytes()


def test_a_tiny_picture_is_told(tmp_path):
    assert told(read_picture(make.picture(tmp_path / "a.png", np.zeros((1, 1), np.uint8))))["tiny"] is True


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_half_a_picture_is_refused(tmp_path, name):
    with pytest.raises(ImageError) as error:
        read_picture(make.truncated(make.picture(tmp_path / name, make.pixels(60, 80, 3)), 0.6))
    assert error.value.reason == "image.truncated"


def test_bombs_empty_files_and_other_files_are_refused(tmp_path):
    reasons = {}
    for path in (
        make.png_claiming(tmp_path / "bomb.png", 20000, 20000),
        make.png_claiming(tmp_path / "big.png", 12000, 11000),
        make.text(tmp_path / "empty.jpg", ""),
        make.text(tmp_path / "page.jpg", "<html>404</html>"),
    ):
        with pytest.raises(ImageError) as error:
            read_picture(path)
        reasons[path.stem] = error.value.reason
    assert reasons == {
        "bomb": "image.too_large",
        "big": "image.too_large",
        "empty": "image.empty",
        "page": "image.not_a_picture",
    }


def test_a_look_tells_size_without_decoding(tmp_path):
    seen = peek(make.picture(tmp_path / "a.png"), "x/a.png")
    assert (seen.kind, seen.width, seen.height, seen.shown) == ("raster", 32, 24, "x/a.png")
