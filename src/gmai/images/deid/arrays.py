"""NumPy arrays of numbers pass as they are; archives that could hold text or objects do not."""

import io
import re
import struct
import zipfile
from collections import Counter
from typing import IO

from gmai.base import DAMAGED_ARRAY, count_bytes, read_array_header
from gmai.errors import ImageError
from gmai.images.deid.keep import is_plain_word
from gmai.images.deid.result import Cleaned, Rename

_END = b"PK\x05\x06"
_MOST_EXTRA = 20
"""Bytes of a member's extra field: its size in 64 bits, no more."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONG_NUMBER = re.compile(r"\d{4}")
_OF_ARRAYS = frozenset(
    (
        "arr array arrays affine bbox bboxes box boxes coords direction features gts header hu ids imgs indices input "
        "inputs intensity kspace masks max mean meta min name names origin output outputs params pixels pred "
        "predictions probs recs rss scale scores shape size spacing targets vol volumes voxels weights"
    ).split()
)
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def clean_arrays(data: bytes, _rename: Rename) -> Cleaned:
    """Let an NPY file or NPZ archive of numbers pass, byte for byte.

    Raises:
        ImageError: ``deid.array_text``: it holds texts, objects, comments or files that are no arrays;
            ``deid.array_name``: the name of one may be somebody's.
    """
    try:
        if data[:6] == b"\x93NUMPY":
            end = _check_array(io.BytesIO(data), len(data))
            if end != len(data):
                raise ValueError("bytes behind the array")
            return Cleaned(data, Counter(kept=1))
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if data[-22:-18] != _END or data[-2:] != b"\0\0" or not data.startswith(b"PK\x03\x04"):
                raise ValueError("a comment, or bytes around the archive")
            _check_gaps(data, archive)
            for member in archive.infolist():
                if member.comment or not member.filename.endswith(".npy") or member.compress_type not in _PACKED:
                    raise ValueError("a member that is no array")
                _check_name(member.filename.removesuffix(".npy"))
                with archive.open(member) as stream:
                    _check_array(stream, member.file_size)
            return Cleaned(data, Counter(kept=len(archive.infolist())))
    except DAMAGED_ARRAY as error:
        raise ImageError(f"more than arrays of numbers: {error}", reason="deid.array_text") from None


def _check_name(name: str) -> None:
    """Check that an array is named with words that name nobody and short numbers; the name itself is not told."""
    words = _WORD.findall(name)
    if _LONG_NUMBER.search(name) or not all(is_plain_word(word) or word.lower() in _OF_ARRAYS for word in words):
        fix = "name the arrays of an archive by what they are, such as image and mask"
        raise ImageError("an array whose name may be somebody's", fix=fix, reason="deid.array_name")


def _check_gaps(data: bytes, archive: zipfile.ZipFile) -> None:
    """Check that members lie one behind the other, with nothing between them."""
    place = 0
    for member in sorted(archive.infolist(), key=lambda each: each.header_offset):
        name, extra = struct.unpack_from("<HH", data, member.header_offset + 26)
        if member.header_offset != place or name != len(member.filename.encode()) or extra > _MOST_EXTRA:
            raise ValueError("bytes between members")
        descriptor = 0 if not member.flag_bits & 8 else 16 if extra == 0 else 24
        place += 30 + name + extra + member.compress_size + descriptor
    if place != archive.start_dir:
        raise ValueError("bytes between members")


def _check_array(stream: IO[bytes], size: int) -> int:
    """Check that an array holds numbers and is as long as it says; returns where it ends."""
    shape, dtype = read_array_header(stream)
    start = stream.tell()
    stream.seek(0)
    if b"#" in stream.read(start):
        raise ValueError("a comment in a header")
    if dtype.kind not in "biufc" or dtype.hasobject:
        raise ValueError(f"an array of {dtype}")
    end = start + count_bytes(shape, dtype)
    if end != size:
        raise ValueError("an array that is not as long as it says")
    return end
