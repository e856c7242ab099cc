"""BMP: headers, palette and pixels are kept; linked or embedded profiles, gaps and what follows the pixels go."""

import struct

from gmai.images.strip.parts import Stripped, broken

_CORE, _INFO, _V5 = 12, 40, 124
_SRGB = b"BGRs"
_PROFILES = {b"KNIL", b"DEBM"}
"""Linked and embedded profiles, as their four letters lie in the file."""


def strip(data: bytes) -> Stripped:
    """A BMP without metadata; see :func:`gmai.images.strip_metadata`."""
    start, header = struct.unpack_from("<II", data, 10) if len(data) >= 26 else (0, 0)
    if len(data) < 14 + header or (header != _CORE and not _INFO <= header <= _V5):
        raise broken("the BMP is cut short, or its header is of no known kind")
    palette_end = 14 + header + _palette_bytes(data, header)
    end = start + _pixel_bytes(data, header)
    if end > len(data) or palette_end > start:
        raise broken("the BMP is cut short")
    removed = set[str]()
    cleaned = bytearray(data[:end])
    struct.pack_into("<I", cleaned, 2, end)
    struct.pack_into("<I", cleaned, 6, 0)
    if any(data[palette_end:start]):
        cleaned[palette_end:start] = bytes(start - palette_end)
        removed.add("between parts")
    if header >= _V5 and data[70:74] in _PROFILES:
        cleaned[70:74] = _SRGB
        struct.pack_into("<II", cleaned, 126, 0, 0)
        removed.add("icc")
    if data[end:]:
        removed.add("after the end")
    return Stripped(bytes(cleaned), tuple(sorted(removed)))


def _palette_bytes(data: bytes, header: int) -> int:
    if header == _CORE:
        bits = struct.unpack_from("<H", data, 24)[0]
        return 3 << bits if bits <= 8 else 0
    bits, packing = struct.unpack_from("<HI", data, 28)
    colours = struct.unpack_from("<I", data, 46)[0] or (1 << bits if bits <= 8 else 0)
    masks = 12 if packing == 3 and header == _INFO else 0
    return int(4 * colours + masks)


def _pixel_bytes(data: bytes, header: int) -> int:
    if header == _CORE:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
    else:
        width, height, _, bits, packing, size = struct.unpack_from("<iiHHII", data, 18)
        if packing not in {0, 3}:
            return int(size)
    if width < 1 or not height:
        raise broken("a BMP without a pixel")
    return int((width * bits + 31) // 32 * 4 * abs(height))
