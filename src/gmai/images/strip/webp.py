"""WebP: coded pictures, alpha and animation are kept; EXIF, XMP, profiles and unknown chunks go."""

import struct
from collections.abc import Iterator

from gmai.images.strip.parts import Stripped, broken, exif_of, find_orientation, stripped

_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}
_INSIDE_FRAME = {b"VP8 ", b"VP8L", b"ALPH"}
_NAMES = {b"EXIF": "exif", b"XMP ": "xmp", b"ICCP": "icc"}
_HAS_EXIF, _HAS_METADATA = 0x08, 0x08 | 0x04 | 0x20
_FRAME_HEADER = 16


def strip(data: bytes) -> Stripped:
    """A WebP without metadata; see :func:`gmai.images.strip_metadata`."""
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise broken("the WebP is cut short")
    chunks, removed, orientation = [], set[str](), 1
    for name, payload in _chunks(data, 12, size + 8):
        if name not in _KEPT:
            removed.add(_NAMES.get(name, "chunk"))
            orientation = find_orientation(payload.removeprefix(b"Exif\0\0")) if name == b"EXIF" else orientation
            continue
        if name == b"ANMF":
            inside = [
                _chunk(*each) for each in _chunks(payload, _FRAME_HEADER, len(payload)) if each[0] in _INSIDE_FRAME
            ]
            payload = payload[:_FRAME_HEADER] + b"".join(inside)
        chunks.append((name, payload))
    extended = [payload for name, payload in chunks if name == b"VP8X"]
    flags = (extended[0][0] & ~_HAS_METADATA) | (_HAS_EXIF if orientation != 1 else 0) if extended else 0
    parts = [_chunk(name, bytes([flags]) + body[1:] if name == b"VP8X" else body) for name, body in chunks]
    if orientation != 1 and extended:
        parts.append(_chunk(b"EXIF", exif_of(orientation)))
    if data[size + 8 :]:
        removed.add("after the end")
    body = b"".join(parts)
    return stripped([b"RIFF", struct.pack("<I", len(body) + 4), b"WEBP", body], removed)


def _chunks(data: bytes, place: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while place + 8 <= end:
        (length,) = struct.unpack_from("<I", data, place + 4)
        if place + 8 + length > end:
            raise broken("a WebP chunk leaves the file")
        yield data[place : place + 4], data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


def _chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)
