"""Pictures kept as rows of an array in an NPZ archive, as MedMNIST does, or as arrays in NPY files."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np

from gmai.base import DAMAGED_ARRAY, find_overclaim, hash_file, open_bounded, read_array_header
from gmai.errors import ImageError
from gmai.images.picture import Picture
from gmai.images.window import Window, apply_window, find_window
from gmai.types import Step, WindowPolicy

MAX_BYTES = 2**32
"""Arrays of more bytes are refused before memory is asked for; those in plain NPY files are mapped, not read."""
_NPY = b"\x93NUMPY"


def read_shapes(path: Path) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Names and shapes of the arrays of an archive, or of the one array of an NPY file (its name is empty).

    Raises:
        ImageError: ``npz.unreadable``.
    """
    with _readable(path, ""):
        if _is_npy(path):
            with open_bounded(path) as stream:
                return (("", read_array_header(stream)[0]),)
        found = []
        with open_bounded(path) as file, zipfile.ZipFile(file) as archive:
            for name in sorted(archive.namelist()):
                with archive.open(name) as stream:
                    found.append((name.removesuffix(".npy"), read_array_header(stream)[0]))
        return tuple(found)


@lru_cache(maxsize=2)
def read_array(path: Path, member: str) -> np.ndarray:
    """Read one array of an archive, or the array of an NPY file, mapped; the last two are kept for their neighbours.

    Raises:
        ImageError: ``npz.unreadable``: no archive, no such array, damaged, or an array of Python objects;
            ``npz.too_large``: the header claims what the file cannot hold (nothing was allocated).
    """
    with _readable(path, member):
        if _is_npy(path):
            with open_bounded(path) as stream:
                read_array_header(stream)  # numpy would ask for what the header claims to be long
            mapped: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
            return mapped
        with open_bounded(path) as file, zipfile.ZipFile(file) as archive:
            if claim := find_overclaim(archive, member, path.stat().st_size, MAX_BYTES):
                raise ImageError(claim, where=str(path), reason="npz.too_large")
        with np.load(path, allow_pickle=False) as arrays:
            array: np.ndarray = arrays[member]
            return array


@contextmanager
def _readable(path: Path, member: str) -> Iterator[None]:
    try:
        yield
    except DAMAGED_ARRAY as error:
        what = f"array {member!r} cannot be read: {error}" if member else f"no array can be read: {error}"
        raise ImageError(what, where=str(path), reason="npz.unreadable") from None


def _is_npy(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_NPY)) == _NPY


@lru_cache(maxsize=2)
def _hash(path: Path) -> str:
    return hash_file(path)


def read_row(path: Path, member: str, index: int | None, window: WindowPolicy | Window | None = None) -> Picture:
    """Read one picture of an array: grey (H, W), or RGB (H, W, 3); values other than uint8 are windowed.

    Args:
        path: the NPZ archive, or the NPY file.
        member: name of the array; empty for an NPY file.
        index: row of an array of pictures; None where the array is one picture.
        window: how values become 8-bit grey, or the window itself.

    Raises:
        ImageError: as :func:`read_array`; ``npz.shape``: the array holds no such pictures.
    """
    array = read_array(path, member)
    rows = array[None] if index is None else array
    row = index or 0
    colour = rows.ndim == 4 and rows.shape[3] == 3
    if rows.ndim not in (3, 4) or (rows.ndim == 4 and not colour) or not 0 <= row < len(rows) or not rows[row].size:
        place = "" if index is None else f" {index}"
        what = f"array {member!r} of shape {array.shape} holds no grey or RGB picture{place}"
        raise ImageError(what, where=str(path), reason="npz.shape")
    values = np.ascontiguousarray(rows[row])
    if values.dtype == bool:
        values = values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind not in "iuf":
        raise ImageError(f"array {member!r} holds no numbers but {values.dtype}", where=str(path), reason="npz.dtype")
    if values.dtype == np.uint8:
        return Picture(pixels=values, sha256=_hash(path))
    chosen = window if isinstance(window, Window) else find_window(values, window or WindowPolicy())
    return Picture(
        pixels=apply_window(values, chosen),
        sha256=_hash(path),
        steps=(Step(name="picture", parameters=chosen.told("window")),),
        window=(chosen.centre, chosen.width),
    )
