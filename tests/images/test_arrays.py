"""Arrays in NPZ archives and NPY files: rows and whole arrays, sizes held against the file."""

import io
import zipfile

import numpy as np
import pytest

import make
from gmai.errors import ImageError
from gmai.images import find_kind, peek, read_array, read_row
from gmai.types import WindowPolicy

RANGE = WindowPolicy(mode="range")


def reason_of(call, *arguments):
    with pytest.raises(ImageError) as error:
        call(*arguments)
    return error.value.reason


def test_rows_of_an_archive(tmp_path):
    grey = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
    path = tmp_path / "a.npz"
    np.savez(path, grey=grey, colour=make.pixels(channels=3)[None])
    assert np.array_equal(read_row(path, "grey", 2).pixels, grey[2])
    assert np.array_equal(read_row(path, "colour", 0).pixels, make.pixels(channels=3))
    assert peek(path, "a.npz").arrays == (("colour", (1, 24, 32, 3)), ("grey", (3, 4, 5)))
    for member, row in (("grey", 3), ("grey", -1), ("none", 0)):
        assert reason_of(read_row, path, member, row).startswith("npz.")


def test_npy_files_hold_one_picture_or_rows(tmp_path):
    picture = np.arange(20, dtype=np.float32).reshape(4, 5)
    np.save(tmp_path / "a.npy", picture)
    assert find_kind(tmp_path / "a.npy") == "npz" and peek(tmp_path / "a.npy", "a.npy").arrays == (("", (4, 5)),)
    shown = read_row(tmp_path / "a.npy", "", None, RANGE)
    assert shown.pixels.max() == 255 and shown.window == (9.5, 19.0)
    np.save(tmp_path / "b.npy", np.stack([picture, picture + 1]))
    assert isinstance(read_array(tmp_path / "b.npy", ""), np.memmap), "of a large file only the row is read"
    assert np.array_equal(read_row(tmp_path / "b.npy", "", 1, RANGE).pixels, shown.pixels)


def test_masks_and_other_types(tmp_path):
    np.savez(tmp_path / "a.npz", mask=np.eye(9, dtype=bool)[None], big=np.arange(81, dtype=">i4").reshape(1, 9, 9))
    assert set(np.unique(read_row(tmp_path / "a.npz", "mask", 0).pixels)) == {0, 255}
    assert np.all(np.diff(read_row(tmp_path / "a.npz", "big", 0, RANGE).pixels.ravel().astype(int)) >= 3)
    np.savez(tmp_path / "b.npz", words=np.array([[["a", "b"], ["c", "d"]]]), objects=np.array([[None]], dtype=object))
    assert reason_of(read_row, tmp_path / "b.npz", "words", 0) == "npz.dtype"
    assert reason_of(read_row, tmp_path / "b.npz", "objects", 0) == "npz.unreadable"


def claiming(path, shape, *, packed):
    """An archive whose one array claims a shape and holds a few bytes."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(64))
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_a_header_that_claims_too_much_is_refused_before_allocating(tmp_path, packed):
    path = claiming(tmp_path / "a.npz", (100_000, 1000, 1000), packed=packed)
    assert reason_of(read_row, path, "x", 0) == "npz.too_large"
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**5, 10**5)})
    (tmp_path / "a.npy").write_bytes(header.getvalue() + bytes(64))
    assert reason_of(read_row, tmp_path / "a.npy", "", 0) == "npz.unreadable"


def test_a_header_nested_too_deep_is_refused_before_it_is_parsed(tmp_path):
    header = b"-" * 9_990 + b"1\n"
    data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    (tmp_path / "a.npy").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", data)
    for name, member in (("a.npy", ""), ("a.npz", "x")):
        assert reason_of(read_row, tmp_path / name, member, 0) == "npz.unreadable", name


def test_damaged_files_are_refused(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.random.default_rng(0).random((3, 9, 9)))
    make.truncated(tmp_path / "a.npz")
    np.save(tmp_path / "b.npy", np.zeros((3, 9, 9)))
    make.truncated(tmp_path / "b.npy")
    make.text(tmp_path / "c.npz", "PK\x03\x04 and nothing more")
    for name, member in (("a.npz", "x"), ("b.npy", ""), ("c.npz", "x")):
        assert reason_of(read_row, tmp_path / name, member, 0) == "npz.unreadable", name
    assert reason_of(peek, tmp_path / "c.npz", "c.npz") == "npz.unreadable"
