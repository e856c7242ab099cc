"""PNG and JPEG files made longer, and as they were before: zeros that no decoder shows, the coded pixels untouched.

A PNG gets private chunks before its end, a JPEG comments before its tables.
"""

import struct
import zlib
from collections.abc import Iterator

from gmai.errors import ImageError
from gmai.images.strip.jpeg import COM, FRAMES, is_padding, iter_segments
from gmai.images.strip.parts import broken
from gmai.images.strip.png import PADDING, SIGNATURE, iter_chunks

LEAST_PADDING = 16
"""Fewer bytes cannot be added."""
_LONGEST_CHUNK = 1 << 20
_LONGEST_COMMENT = 65_537


def pad_raster(data: bytes, size: int) -> bytes:
    """A PNG or JPEG with the same pixels in a file of this many bytes.

    Args:
        data: the file.
        size: bytes; as many as the file has, or at least :data:`LEAST_PADDING` more.

    Raises:
        ImageError: ``pad.size``: the file is too long for that; ``pad.kind``: neither PNG nor JPEG; ``strip.broken``.
    """
    added = size - len(data)
    if not added:
        return data
    if added < LEAST_PADDING:
        raise ImageError(f"a file of {len(data)} bytes cannot become one of {size}", reason="pad.size")
    if data.startswith(SIGNATURE):
        place = next(start for name, start, _ in iter_chunks(data) if name == b"IEND")
        parts = [_chunk(length) for length in _lengths(added, _LONGEST_CHUNK)]
    elif data.startswith(b"\xff\xd8"):
        place = next(start for marker, start, _ in iter_segments(data) if marker != COM and not 0xE0 <= marker <= 0xEF)
        parts = [b"\xff\xfe" + struct.pack(">H", n - 2) + bytes(n - 4) for n in _lengths(added, _LONGEST_COMMENT)]
    else:
        raise ImageError("only PNG and JPEG can be padded", reason="pad.kind")
    return b"".join((data[:place], *parts, data[place:]))


def unpad_raster(data: bytes) -> bytes:
    """A file without its padding; of another kind, or without padding, as it is.

    Raises:
        ImageError: ``strip.broken``.
    """
    if data.startswith(SIGNATURE):
        padded = [(start, end) for name, start, end in iter_chunks(data) if name == PADDING]
    elif data.startswith(b"\xff\xd8"):
        padded = [
            (start, end) for marker, start, end in iter_segments(data) if is_padding(marker, data[start + 4 : end])
        ]
    else:
        return data
    for start, end in reversed(padded):
        data = data[:start] + data[end:]
    return data


def find_raster_size(data: bytes) -> tuple[int, int]:
    """Width and height that the header of a PNG or JPEG states.

    Raises:
        ImageError: ``strip.broken``; ``pad.kind``.
    """
    if data.startswith(SIGNATURE):
        if len(data) < 24:
            raise broken("the PNG has no header")
        return struct.unpack_from(">II", data, 16)
    if data.startswith(b"\xff\xd8"):
        for marker, start, end in iter_segments(data):
            if marker in FRAMES and end - start >= 9:
                height, width = struct.unpack_from(">HH", data, start + 5)
                return width, height
        raise broken("the JPEG has no frame")
    raise ImageError("only PNG and JPEG can be padded", reason="pad.kind")


def _lengths(total: int, longest: int) -> Iterator[int]:
    """Whole lengths of the fewest pieces, as even as can be."""
    pieces = -(-total // longest)
    least, more = divmod(total, pieces)
    yield from (least + (number < more) for number in range(pieces))


def _chunk(length: int) -> bytes:
    content = PADDING + bytes(length - 12)
    return struct.pack(">I", length - 12) + content + struct.pack(">I", zlib.crc32(content))
