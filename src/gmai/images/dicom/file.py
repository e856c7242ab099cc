"""DICOM files as they lie on disk: with or without preamble, plain or gzipped."""

import gzip
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from gmai.base import DAMAGED_GZIP, open_bounded
from gmai.errors import ImageError

MAX_BYTES = 2**31
"""A gzipped file that unpacks to more is refused."""
_GZIP = b"\x1f\x8b"
_FIRST_ELEMENTS = {b"\x08\x00", b"\x02\x00"}
_BIG_ENDIAN = b"\x00\x08\x00"
_HEAD = 132


def starts_like_dicom(first: bytes) -> bool:
    """True if a file's first 132 bytes are DICOM's: a preamble, or at once an element of group 2 or 8."""
    if first[128:132] == b"DICM" or first[:2] in _FIRST_ELEMENTS:
        return True
    return first[:3] == _BIG_ENDIAN and first[4:6].isalpha() and first[4:6].isupper()


def is_packed_dicom(path: Path) -> bool:
    """True if a gzipped file holds DICOM."""
    try:
        with gzip.open(path) as file:
            return starts_like_dicom(file.read(_HEAD))
    except DAMAGED_GZIP:
        return False


def open_dicom(path: Path, where: str) -> BinaryIO:
    """Open a file to read its header; a gzipped one is unpacked into memory.

    Raises:
        ImageError: ``dicom.truncated``, ``dicom.too_large``.
    """
    file = open_bounded(path)
    if file.read(2) != _GZIP:
        file.seek(0)
        return file
    with file:
        return BytesIO(unpack(path.read_bytes(), where))


def unpack(data: bytes, where: str) -> bytes:
    """The DICOM bytes of a file's bytes.

    Raises:
        ImageError: ``dicom.truncated``, ``dicom.too_large``.
    """
    if data[:2] != _GZIP:
        return data
    try:
        with gzip.open(BytesIO(data)) as file:
            found = file.read(MAX_BYTES + 1)
    except DAMAGED_GZIP:
        raise ImageError("a gzipped file that is cut or damaged", where=where, reason="dicom.truncated") from None
    if len(found) > MAX_BYTES:
        raise ImageError(f"a gzipped file of more than {MAX_BYTES} bytes", where=where, reason="dicom.too_large")
    return found
