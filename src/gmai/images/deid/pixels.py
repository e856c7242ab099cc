"""What may hide beside pixel values: bytes behind the last pixel, comments inside compressed frames."""

import struct
from collections import Counter
from collections.abc import Iterator

from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.tag import BaseTag
from pydicom.uid import UID

from gmai.images.dicom.header import read_number
from gmai.images.strip.jpeg import blank

_PIXEL_DATA = BaseTag(0x7FE00010)
_ITEM = b"\xfe\xff\x00\xe0"
_JPEG, _JPEG_2000 = b"\xff\xd8", b"\xff\x4f\xff\x51"
_COMMENT, _TILE = 0x64, 0x90


def clean_pixels(found: Dataset, header: Dataset, syntax: str, counts: Counter[str]) -> None:
    """Cut what lies behind the last pixel, and blank comments inside JPEG and JPEG 2000 frames; pixels stay as coded.

    Args:
        found: to change.
        header: the same elements, to read.
        syntax: transfer syntax UID.
        counts: gets ``pixel_bytes_cut`` and ``frames_blanked``.
    """
    if _PIXEL_DATA not in found:
        return
    raw = found.get_item(_PIXEL_DATA)
    if raw is None or isinstance(raw, DataElement) or not isinstance(raw.value, bytes):
        return
    if syntax and UID(syntax).is_compressed and UID(syntax) != "1.2.840.10008.1.2.1.99":
        value = _blank_frames(raw.value, counts)
    else:
        expected = _native_bytes(header)
        expected += expected % 2  # of odd pixels in big-endian words, the padding lies before the last one
        if expected <= 1 or len(raw.value) <= expected:
            return
        value = raw.value[:expected]
        counts["pixel_bytes_cut"] += len(raw.value) - expected
    if value != raw.value:
        found[_PIXEL_DATA] = raw._replace(value=value, length=raw.length if raw.length == 0xFFFFFFFF else len(value))


def _native_bytes(header: Dataset) -> int:
    names = ("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "BitsAllocated")
    rows, columns, frames, samples, bits = (int(read_number(header, name, 1)) for name in names)
    if header.get("PhotometricInterpretation") == "YBR_FULL_422":
        samples = 2
    return (rows * columns * max(frames, 1) * samples * bits + 7) // 8


def _blank_frames(value: bytes, counts: Counter[str]) -> bytes:
    changed = bytearray(value)
    for spans in _frames(value):
        joined = b"".join(value[start:end] for start, end in spans)
        cleaned = _blank_2000(joined) if joined.startswith(_JPEG_2000) else blank(joined)
        if cleaned == joined:
            continue
        counts["frames_blanked"] += 1
        place = 0
        for start, end in spans:
            changed[start:end] = cleaned[place : place + end - start]
            place += end - start
    return bytes(changed)


def _frames(value: bytes) -> Iterator[list[tuple[int, int]]]:
    """The fragments of each compressed frame; fragments that start no frame go with the one before."""
    spans: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(_items(value)):
        if number == 0:
            continue  # the offset table
        if value[start : start + 2] == _JPEG or value[start : start + 4] == _JPEG_2000:
            if spans:
                yield spans
            spans = [(start, end)]
        elif spans:
            spans.append((start, end))
    if spans:
        yield spans


def _items(value: bytes) -> Iterator[tuple[int, int]]:
    place = 0
    while value[place : place + 4] == _ITEM:
        (length,) = struct.unpack_from("<I", value, place + 4)
        yield place + 8, min(place + 8 + length, len(value))
        place += 8 + length


def _blank_2000(data: bytes) -> bytes:
    cleaned = bytearray(data)
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != _TILE:
        (length,) = struct.unpack_from(">H", data, place + 2)
        if data[place + 1] == _COMMENT:
            end = min(place + 2 + length, len(data))
            cleaned[place + 6 : end] = bytes(max(end - place - 6, 0))
        place += 2 + length
    return bytes(cleaned)
