"""PNG: chunks that decide how pixels look are kept as they are; text, EXIF, time, profiles and unknown chunks go."""

import struct
import zlib
from collections.abc import Iterator

from gmai.images.strip.parts import Stripped, broken, exif_of, find_orientation, stripped

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PADDING = b"paDd"
"""Ancillary, private, safe to copy: what :func:`gmai.images.pad_raster` adds."""
_KEPT = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"hIST", b"pHYs"),
    *(b"cICP", b"acTL", b"fcTL", b"fdAT"),
}
_MOST = {b"PLTE": 768, b"tRNS": 256, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"sBIT": 4, b"bKGD": 6, b"hIST": 512}
"""Longest content of small chunks; a longer one hides something."""
_NAMES = {b"tEXt": "text", b"zTXt": "text", b"iTXt": "text", b"eXIf": "exif", b"tIME": "time", b"iCCP": "icc"}


def strip(data: bytes) -> Stripped:
    """A PNG without metadata; see :func:`gmai.images.strip_metadata`."""
    parts, removed = [SIGNATURE], set[str]()
    orientation, end = 1, len(SIGNATURE)
    for name, start, end in iter_chunks(data):
        if name in _KEPT and end - start - 12 <= _MOST.get(name, end):
            parts.append(data[start:end])
            continue
        if name == b"eXIf":
            orientation = find_orientation(data[start + 8 : end - 4])
        if name != PADDING or data[start + 8 : end - 4].strip(b"\0"):
            removed.add(_NAMES.get(name, f"chunk {name.decode('latin-1')}" if name.isalpha() else "chunk"))
        else:
            removed.add("padding")
    if data[end:]:
        removed.add("after the end")
    if orientation != 1:
        content = b"eXIf" + exif_of(orientation)
        parts.insert(2, struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content)))
    return stripped(parts, removed)


def iter_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield (name, start, end) of each chunk up to IEND.

    Raises:
        ImageError: ``strip.broken``: a chunk leaves the file, or the file has no end.
    """
    place = len(SIGNATURE)
    while True:
        if place + 12 > len(data):
            raise broken("the PNG has no end")
        (length,) = struct.unpack_from(">I", data, place)
        name, end = data[place + 4 : place + 8], place + 12 + length
        if end > len(data):
            raise broken("a PNG chunk leaves the file")
        yield name, place, end
        if name == b"IEND":
            return
        place = end
