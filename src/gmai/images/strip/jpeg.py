"""JPEG: segments of tables, frames and scans are kept; application segments and comments go, and what follows EOI."""

import struct
from collections.abc import Iterator

from gmai.errors import ImageError
from gmai.images.strip.parts import Stripped, broken, exif_of, find_orientation, stripped

SOI, EOI, SOS, COM, APP0, APP1, APP14 = 0xD8, 0xD9, 0xDA, 0xFE, 0xE0, 0xE1, 0xEE
_ALONE = {0x01, *range(0xD0, 0xD8)}
_CODED = {*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0xF7, 0xF8} - {0xC8}
"""Segments a decoder needs: frames, Huffman and arithmetic tables, quantisation, lines, restarts, JPEG-LS."""
FRAMES = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
"""Segments that state a picture's size."""
_EXIF, _XMP = b"Exif\0\0", b"http://ns.adobe.com/"
_JFIF_BYTES, _ADOBE_BYTES = 14, 12


def strip(data: bytes) -> Stripped:
    """A JPEG without metadata; see :func:`gmai.images.strip_metadata`."""
    parts, removed = [b"\xff\xd8"], set[str]()
    orientation = 1
    place = 2
    for marker, start, end in iter_segments(data):
        between = data[place:start]
        if between.strip(b"\xff"):
            removed.add("between segments")
        else:
            parts.append(between)
        place = end
        if marker in _ALONE or marker in _CODED or marker in {SOS, EOI}:
            parts.append(data[start:end])
            continue
        name, payload = _name(marker, data[start + 4 : end]), data[start + 4 : end]
        if name == "exif" and orientation == 1:
            orientation = find_orientation(payload[6:])
        kept = _needed(marker, payload)
        if kept is not None:
            parts.append(data[start : start + 2] + struct.pack(">H", len(kept) + 2) + kept)
        if kept is None or len(kept) < len(payload) or kept[12:14] != payload[12:14] and marker == APP0:
            removed.add(name if kept is None else "thumbnail")
    if data[place:]:
        removed.add("after the end")
    if orientation != 1:
        block = _EXIF + exif_of(orientation)
        parts.insert(3 if parts[2][1:2] == b"\xe0" else 1, b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block)
        if b"".join(parts) == data:
            removed.clear()
    return stripped(parts, removed)


def _name(marker: int, payload: bytes) -> str:
    if marker == COM:
        return "padding" if is_padding(marker, payload) else "comment"
    if marker == APP1:
        return "exif" if payload.startswith(_EXIF) else "xmp" if payload.startswith(_XMP) else "app1"
    known = {APP0: "thumbnail", 0xE2: "icc" if payload.startswith(b"ICC_PROFILE") else "app2", 0xED: "iptc"}
    return known.get(marker, f"app{marker - APP0}" if marker >= APP0 else f"segment {marker:02x}")


def is_padding(marker: int, payload: bytes) -> bool:
    """True for a comment of zeros, as :func:`gmai.images.pad_raster` adds."""
    return marker == COM and len(payload) > 0 and not payload.strip(b"\0")


def _needed(marker: int, payload: bytes) -> bytes | None:
    """Of an application segment, what a decoder needs: resolution without thumbnail, and Adobe's colour transform."""
    if marker == APP0 and payload.startswith(b"JFIF\0") and len(payload) >= _JFIF_BYTES:
        return payload[:12] + b"\0\0"
    if marker == APP14 and payload.startswith(b"Adobe") and len(payload) >= _ADOBE_BYTES:
        return payload[:_ADOBE_BYTES]
    return None


def iter_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, start, end) of each segment up to EOI; that of a scan holds its coded data.

    Raises:
        ImageError: ``strip.broken``: a segment leaves the file, or the file has no end.
    """
    if data[:2] != b"\xff\xd8":
        raise broken("no JPEG")
    place = 2
    while True:
        start = data.find(b"\xff", place)
        while 0 <= start < len(data) - 1 and data[start + 1] in {0xFF, 0x00}:
            start += 1
            if data[start] != 0xFF:
                start = data.find(b"\xff", start)
        if start < 0 or start >= len(data) - 1:
            raise broken("the JPEG has no end")
        marker = data[start + 1]
        if marker == EOI:
            yield marker, start, start + 2
            return
        end = start + 2
        if marker not in _ALONE:
            if start + 4 > len(data):
                raise broken("a JPEG segment is cut short")
            end += struct.unpack_from(">H", data, start + 2)[0]
        if end > len(data) or marker not in _ALONE and end < start + 4:
            raise broken("a JPEG segment leaves the file")
        if marker == SOS:
            end = _scan_end(data, end)
        yield marker, start, end
        place = end


def _scan_end(data: bytes, place: int) -> int:
    """Where a scan's coded data ends: at the first marker that is neither a stuffed byte, fill nor a restart."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place >= len(data) - 1:
            raise broken("a JPEG scan has no end")
        after = data[place + 1]
        if after == 0xFF:
            place += 1
        elif after == 0x00 or after < 0x80 or 0xD0 <= after <= 0xD7:  # JPEG-LS stuffs a bit: bytes below 0x80
            place += 2
        else:
            return place


def blank(data: bytes) -> bytes:
    """A JPEG of the same length whose comments and application segments hold zeros, for streams inside other files.

    What cannot be read as JPEG comes back as it is. What follows the end is zeroed as well.
    """
    try:
        segments = list(iter_segments(data))
    except ImageError:
        return data
    cleaned: bytearray | None = None
    for marker, start, end in segments:
        if marker in _ALONE or marker in _CODED or marker in {SOS, EOI, APP14, 0xE8}:
            continue
        first = start + 4 + (_JFIF_BYTES if marker == APP0 and data[start + 4 : start + 9] == b"JFIF\0" else 0)
        if any(data[first:end]):
            cleaned = bytearray(data) if cleaned is None else cleaned
            cleaned[first:end] = bytes(max(end - first, 0))
    last = segments[-1][2]
    if any(data[last:]):
        cleaned = bytearray(data) if cleaned is None else cleaned
        cleaned[last:] = bytes(len(data) - last)
    return data if cleaned is None else bytes(cleaned)
