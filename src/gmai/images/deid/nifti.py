"""NIfTI and Analyze without texts: the voxels and all that places them stay byte for byte."""

import gzip
import math
import struct
import zlib
from collections import Counter

from gmai.errors import ImageError
from gmai.images.deid.result import Cleaned, Rename

MOST_BYTES = 2**32
"""A packed file that unpacks to more is refused."""
_ANALYZE = ((4, 10), (14, 18), (32, 4), (36, 2), (148, 80), (228, 24), (253, 10), (263, 10), (273, 10), (283, 10),
            (293, 10), (303, 10), (313, 3), (316, 32))  # fmt: skip
"""Texts of Analyze 7.5, as (place, length): names, description, originator, patient, dates and counters."""
_NIFTI_1 = ((4, 10), (14, 18), (32, 4), (36, 2), (148, 80), (228, 24), (328, 16))
_NIFTI_2 = ((240, 80), (320, 24), (508, 16), (525, 15))
_NAMES = {148: "descrip", 228: "aux_file", 328: "intent_name", 14: "db_name", 240: "descrip", 320: "aux_file"}
_GZIP_LEVEL, _LONGEST_ANALYZE = 6, 352


def clean_nifti(data: bytes, _rename: Rename) -> Cleaned:
    """Clean a NIfTI or Analyze file, packed or not, or the header of a pair.

    Raises:
        ImageError: ``nifti.unreadable``, ``nifti.truncated``, ``nifti.too_large``.
    """
    if data[:2] != b"\x1f\x8b":
        return _clean(data)
    cleaned = _clean(unpack_gzip(data))
    return Cleaned(gzip.compress(cleaned.data, _GZIP_LEVEL, mtime=0), cleaned.counts)


def unpack_gzip(data: bytes) -> bytes:
    """What a gzip file holds.

    Raises:
        ImageError: ``nifti.truncated``; ``nifti.too_large``.
    """
    worker, parts, total = zlib.decompressobj(31), [], 0
    try:
        while data:
            part = worker.decompress(data, 1 << 24)
            parts.append(part)
            total += len(part)
            if total > MOST_BYTES:
                raise ImageError(f"more than {MOST_BYTES} bytes unpacked", reason="nifti.too_large")
            data = worker.unconsumed_tail
            if worker.eof:
                data, worker = worker.unused_data, zlib.decompressobj(31)
                data = data if data[:2] == b"\x1f\x8b" else b""
            elif not part and not data:
                break
    except zlib.error as error:
        raise ImageError(f"cannot be unpacked: {error}", reason="nifti.truncated") from None
    return b"".join(parts)


def _clean(data: bytes) -> Cleaned:
    order = "<" if data[:4] in {b"\x5c\x01\0\0", b"\x1c\x02\0\0"} else ">"
    second = data[:4] in {b"\x1c\x02\0\0", b"\0\0\x02\x1c"}
    size = 540 if second else 348
    if len(data) < size or data[:4] not in {b"\x5c\x01\0\0", b"\0\0\x01\x5c", b"\x1c\x02\0\0", b"\0\0\x02\x1c"}:
        raise ImageError("no NIfTI header", reason="nifti.unreadable")
    magic = data[4:7] if second else data[344:347]
    fields = _NIFTI_2 if second else _NIFTI_1 if magic in {b"n+1", b"ni1"} else _ANALYZE
    if fields is _ANALYZE and len(data) > _LONGEST_ANALYZE:
        raise ImageError("no NIfTI of one file, and more than the header of a pair", reason="nifti.unreadable")
    cleaned, counts = bytearray(data), Counter[str]()
    for place, length in fields:
        if any(cleaned[place : place + length]):
            cleaned[place : place + length] = bytes(length)
            counts["removed"] += 1
            counts[_NAMES.get(place, "fields")] += 1
    end, start = _extent(cleaned, order, second, size) if magic in {b"n+1", b"n+2"} else (size, size)
    if end > len(data):
        raise ImageError("fewer voxels than the header claims", reason="nifti.truncated")
    if any(cleaned[size:start]):
        cleaned[size:start] = bytes(start - size)
        counts["removed"] += 1
        counts["extensions"] += 1
    if len(cleaned) > end:
        counts["bytes_behind"] += len(cleaned) - end
        del cleaned[end:]
    return Cleaned(bytes(cleaned), counts)


def _extent(data: bytearray, order: str, second: bool, size: int) -> tuple[int, int]:
    """Where the voxels of a single file end and start."""
    if second:
        dims = struct.unpack_from(f"{order}8q", data, 16)
        bits, start = struct.unpack_from(f"{order}h", data, 14)[0], struct.unpack_from(f"{order}q", data, 168)[0]
    else:
        dims = struct.unpack_from(f"{order}8h", data, 40)
        bits = struct.unpack_from(f"{order}h", data, 72)[0]
        (offset,) = struct.unpack_from(f"{order}f", data, 108)
        start = int(offset) if math.isfinite(offset) else -1
    if not 1 <= dims[0] <= 7 or bits <= 0 or start < 0:
        raise ImageError("a header whose sizes make no sense", reason="nifti.unreadable")
    count = 1
    for length in dims[1 : dims[0] + 1]:
        count *= max(length, 1)
    start = max(start, size)
    return start + (count * bits + 7) // 8, start
