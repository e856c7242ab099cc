"""Pictures kept as rows of an array in an NPZ archive, as MedMNIST does."""

import tokenize
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np

from gmai.base import hash_file
from gmai.errors import ImageError
from gmai.images.picture import Picture
from gmai.images.window import apply_window, find_window
from gmai.types import Step, WindowPolicy

_BROKEN = (
    *(OSError, ValueError, EOFError, KeyError, NotImplementedError, SyntaxError),
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError),
)
"""What numpy raises for archives that are damaged, or hold Python objects."""


@lru_cache(maxsize=2)
def read_array(path: Path, member: str) -> np.ndarray:
    """Read one array of an archive; the last two read are kept, so neighbours cost nothing.

    Raises:
        ImageError: ``npz.unreadable``: no archive, no such array, damaged, or an array of Python objects.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            array: np.ndarray = archive[member]
            return array
    except _BROKEN as error:
        what = f"array {member!r} cannot be read: {error}"
        raise ImageError(what, where=str(path), reason="npz.unreadable") from None


@lru_cache(maxsize=2)
def _hash(path: Path) -> str:
    return hash_file(path)


def read_row(path: Path, member: str, index: int, window: WindowPolicy | None = None) -> Picture:
    """Read one picture of an array (N, H, W) or (N, H, W, 3); values other than uint8 are windowed.

    Raises:
        ImageError: as :func:`read_array`; ``npz.shape``: the array holds no such pictures.
    """
    array = read_array(path, member)
    if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[3] != 3) or not 0 <= index < len(array):
        what = f"array {member!r} of shape {array.shape} holds no grey or RGB picture {index}"
        raise ImageError(what, where=str(path), reason="npz.shape")
    values, steps, shown = array[index], (), None
    if values.dtype != np.uint8:
        chosen = find_window(values, window or WindowPolicy())
        values, shown = apply_window(values, chosen), (chosen.centre, chosen.width)
        told = {"window": chosen.mode, "centre": chosen.centre, "width": chosen.width}
        return Picture(pixels=values, sha256=_hash(path), steps=(Step(name="picture", parameters=told),), window=shown)
    return Picture(pixels=np.ascontiguousarray(values), sha256=_hash(path), steps=steps)
