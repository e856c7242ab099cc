"""Headers of NPY arrays and NPZ members, read before a value is: numpy sets aside what a header claims."""

import zipfile
from typing import IO

import numpy as np

from gmai.base.bounded import MOST_PACKED

_MOST_HEADER = 2048
"""Bytes of a header. It is Python text; one nested thousands deep would end in the parser's own lack of room."""


def read_array_header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    """Read the header of an array, and leave the stream where its values begin.

    Returns:
        Shape and type of the values.

    Raises:
        Exception: one of :data:`gmai.base.DAMAGED_ARRAY`.
    """
    old = np.lib.format.read_magic(stream) == (1, 0)
    read = np.lib.format.read_array_header_1_0 if old else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream, max_header_size=_MOST_HEADER)
    return shape, dtype


def count_bytes(shape: tuple[int, ...], dtype: np.dtype) -> int:
    """How many bytes values of a shape and type take."""
    return int(np.prod(shape, dtype=object)) * dtype.itemsize


def find_overclaim(archive: zipfile.ZipFile, member: str, size: int, most: int) -> str:
    """What an array of an NPZ archive claims beyond what can be in it; empty if nothing.

    Args:
        archive: the archive.
        member: name of the array, with or without its ending.
        size: bytes of the archive's file.
        most: bytes beyond which no array is read.

    Raises:
        Exception: one of :data:`gmai.base.DAMAGED_ARRAY`.
    """
    info = archive.getinfo(member if member in archive.namelist() else f"{member}.npy")
    with archive.open(info) as stream:
        shape, dtype = read_array_header(stream)
    due = count_bytes(shape, dtype)
    packed = info.compress_type != zipfile.ZIP_STORED
    held = min(info.file_size, size * (MOST_PACKED if packed else 1))
    if due <= held and due <= most:
        return ""
    return f"array {member!r} claims {' x '.join(map(str, shape))} values of {dtype.itemsize} bytes"
