"""GIF: screen, palettes, frames, timing and loops are kept; comments, plain text and other extensions go."""

from gmai.images.strip.parts import Stripped, broken, stripped

_TIMING, _COMMENT, _TEXT, _APPLICATION = 0xF9, 0xFE, 0x01, 0xFF
_LOOPS = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
_NAMES = {_COMMENT: "comment", _TEXT: "text", _APPLICATION: "application"}


def strip(data: bytes) -> Stripped:
    """A GIF without metadata; see :func:`gmai.images.strip_metadata`."""
    try:
        return _strip(data)
    except IndexError:
        raise broken("the GIF has no end") from None


def _strip(data: bytes) -> Stripped:
    place = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    parts, removed = [data[:place]], set[str]()
    while data[place] != 0x3B:
        if data[place] == 0x2C:
            flags = data[place + 9]
            start, place = place, place + 10 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
            place = _blocks_end(data, place + 1)
            parts.append(data[start:place])
        elif data[place] == 0x21:
            kind, start = data[place + 1], place
            place = _blocks_end(data, place + 2)
            loop = kind == _APPLICATION and data[start + 3 : start + 14] in _LOOPS and place - start <= 19
            if kind == _TIMING or loop:
                parts.append(data[start:place])
            else:
                removed.add(_NAMES.get(kind, f"extension {kind:02x}"))
        else:
            raise broken("an unknown block in a GIF")
    parts.append(b"\x3b")
    if data[place + 1 :]:
        removed.add("after the end")
    return stripped(parts, removed)


def _blocks_end(data: bytes, place: int) -> int:
    while data[place]:
        place += data[place] + 1
    return place + 1
