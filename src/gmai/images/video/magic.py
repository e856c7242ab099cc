"""Which files are videos, told from their first bytes."""

_PICTURE_BRANDS = frozenset({b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"jp2 ", b"jpx ", b"crx "})
_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"skip", b"pnot"})
_MARKS = (
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"\x00\x00\x01\xba",  # MPEG programme stream
    b"\x00\x00\x01\xb3",  # MPEG-1 and MPEG-2 video alone
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF, WMV
    b"FLV\x01",
)
_PACKET = 188
_SYNC = 0x47


def is_video(first: bytes) -> bool:
    """True if a file of many frames begins so; needs 132 bytes, and 189 to tell an MPEG transport stream."""
    if first[4:8] == b"ftyp":
        return first[8:12] not in _PICTURE_BRANDS
    if first[4:8] in _ATOMS or first.startswith(_MARKS):
        return True
    if first[:4] == b"RIFF":
        return first[8:12] == b"AVI "
    if first[:4] == b"OggS":
        return b"theora" in first[:64]
    return len(first) > _PACKET and first[0] == _SYNC and first[_PACKET] == _SYNC
