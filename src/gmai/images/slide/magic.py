"""Which files are whole-slide images, told from their first directories; nothing is decoded and no library is asked.

A TIFF is a slide if a scanner's maker signed it, if it is a pyramid of tiles, or if it has more pixels than a picture
may have. Any other TIFF is a picture.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np

from gmai.base import open_bounded

SlideKind = Literal["vendor", "tiled"]
"""``vendor``: of a scanner, in the layout of its maker; ``tiled``: a plain TIFF or OME-TIFF."""

MAX_PICTURE_PIXELS = 80_000_000
"""TIFFs with more pixels are no pictures (the limit of raster pictures)."""
_MAX_PAGES = 64
_MAX_ENTRIES = 4096
_MAX_TEXT = 1 << 16
_WIDTH, _HEIGHT, _DESCRIPTION, _MAKE, _SOFTWARE, _TILE_WIDTH, _SUB_IFDS, _XMP = 256, 257, 270, 271, 305, 322, 330, 700
_NDPI = 65420
_TILE_HEIGHT, _ROWS, _SAMPLES, _TILES = 323, 278, 277, 324
_BYTES = frozenset({279, 325})
"""Tags of the bytes of each strip or tile."""
_WANTED = frozenset({
    *(_WIDTH, _HEIGHT, _DESCRIPTION, _MAKE, _SOFTWARE, _TILE_WIDTH, _SUB_IFDS, _XMP, _NDPI),
    *(_TILE_HEIGHT, _ROWS, _SAMPLES, _TILES, *_BYTES),
})  # fmt: skip
_SIZES = {**dict.fromkeys((1, 2, 6, 7), 1), **dict.fromkeys((3, 8), 2), **dict.fromkeys((4, 9, 11, 13), 4)}
_SIZES |= dict.fromkeys((5, 10, 12, 16, 17, 18), 8)
_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_SIGNS = (b"Aperio", b"<scn", b"iScan", b"DPUfsImport", b"ScanOutputManager", b"Philips", b"trestle", b"Trestle")
_CZI = b"ZISRAWFILE"
_BY_NAME = frozenset({".mrxs", ".vms", ".vmu"})
DAMAGED_DIRECTORY = (struct.error, OSError, ValueError, OverflowError)
"""What reading the directories of a damaged TIFF raises."""
ASPECT = 0.02
"""How far the two factors between levels of one pyramid may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a directory of a TIFF says of its page."""

    width: int
    height: int
    tiled: bool
    signed: bool
    sub_ifds: int
    piece: tuple[int, int]
    """(width, height) of a tile, or of a strip."""
    samples: int
    num_tiles: int
    """How many places of tiles are listed; 0 of strips."""
    hamamatsu: bool
    most_bytes: int
    """Largest value of a tag, and so of a list of places."""
    pieces_bytes: int
    """Largest number of bytes of a strip or tile."""


def find_slide_kind(path: Path) -> SlideKind | None:
    """Tell whether a file is a whole-slide image, and of which sort; None if it is none. DICOM is told elsewhere."""
    with open_bounded(path) as file:
        first = file.read(16)
        if first[: len(_CZI)] == _CZI or _is_indexed(path):
            return "vendor"
        if first[:2] not in {b"II", b"MM"}:
            return None
        try:
            return _judge(read_pages(file))
        except DAMAGED_DIRECTORY:
            return None  # whoever reads it as a picture says what is wrong with it


def _is_indexed(path: Path) -> bool:
    """A small file that names the parts of a slide: MIRAX beside its folder, or Hamamatsu's list of files."""
    suffix = path.suffix.lower()
    if suffix == ".mrxs":
        return (path.with_suffix("") / "Slidedat.ini").is_file()
    if suffix in _BY_NAME:
        with path.open("rb") as file:
            return b"[Virtual Microscope Specimen]" in file.read(512) or b"[Uncompressed Virtual" in file.read(512)
    return False


def _judge(pages: list[Page]) -> SlideKind | None:
    if not pages:
        return None
    if any(page.signed for page in pages):
        return "vendor"
    first, *rest = pages
    pyramid = first.tiled and (first.sub_ifds > 0 or any(_is_level(first, page) for page in rest))
    return "tiled" if pyramid or first.width * first.height > MAX_PICTURE_PIXELS else None


def _is_level(first: Page, page: Page) -> bool:
    return page.tiled and is_reduced((first.width, first.height), (page.width, page.height))


def is_reduced(full: tuple[int, int], size: tuple[int, int]) -> bool:
    """True if ``size`` (width, height) can be a reduced copy of ``full``."""
    if min(size) < 1 or size[0] >= full[0] or size[1] >= full[1]:
        return False
    across, down = full[0] / size[0], full[1] / size[1]
    slack = max(ASPECT, 1.0 / min(size))
    return abs(across - down) <= slack * max(across, down)


def read_pages(file: BinaryIO) -> list[Page]:
    """Read the first pages of a TIFF, their directories alone; none of what is no TIFF.

    Raises:
        Exception: one of :data:`DAMAGED_DIRECTORY`.
    """
    file.seek(0)
    first = file.read(16)
    if first[:2] not in {b"II", b"MM"}:
        return []
    order = "<" if first[:2] == b"II" else ">"
    mark = struct.unpack_from(f"{order}H", first, 2)[0]
    if mark not in {42, 43}:
        return []
    big = mark == 43
    place = struct.unpack_from(f"{order}Q", first, 8)[0] if big else struct.unpack_from(f"{order}I", first, 4)[0]
    pages: list[Page] = []
    seen: set[int] = set()
    while place and place not in seen and len(pages) < _MAX_PAGES:
        seen.add(place)
        page, place = _read_page(file, place, order, big)
        pages.append(page)
    return pages


def _read_page(file: BinaryIO, place: int, order: str, big: bool) -> tuple[Page, int]:
    head, entry, tail = (8, 20, 8) if big else (2, 12, 4)
    file.seek(place)
    count = struct.unpack(f"{order}{'Q' if big else 'H'}", file.read(head))[0]
    if count > _MAX_ENTRIES:
        raise struct.error("a directory without end")
    table = file.read(count * entry + tail)
    found: dict[int, tuple[int, int, bytes]] = {}
    most = 0
    for at in range(0, count * entry, entry):
        tag, kind, number = struct.unpack_from(f"{order}HH{'Q' if big else 'I'}", table, at)
        most = max(most, _SIZES.get(kind, 1) * number)
        if tag in _WANTED:
            found[tag] = kind, number, table[at + (12 if big else 8) : at + entry]
    following = struct.unpack_from(f"{order}{'Q' if big else 'I'}", table, count * entry)[0]

    def number_of(tag: int) -> int:
        kind, _, raw = found.get(tag, (0, 0, b""))
        return int(struct.unpack_from(f"{order}{_NUMBERS[kind]}", raw)[0]) if kind in _NUMBERS else 0

    signed = _NDPI in found or any(
        sign in _text(file, found[tag], order, big)
        for tag in (_DESCRIPTION, _MAKE, _SOFTWARE, _XMP)
        if tag in found
        for sign in _SIGNS
    )
    width, height, tiled = number_of(_WIDTH), number_of(_HEIGHT), _TILE_WIDTH in found
    strip = width, min(number_of(_ROWS) or height, height)
    page = Page(
        width=width,
        height=height,
        tiled=tiled,
        signed=signed,
        sub_ifds=found.get(_SUB_IFDS, (0, 0))[1],
        piece=(number_of(_TILE_WIDTH), number_of(_TILE_HEIGHT)) if tiled else strip,
        samples=number_of(_SAMPLES) or 1,
        num_tiles=found.get(_TILES, (0, 0))[1],
        hamamatsu=_NDPI in found,
        most_bytes=most,
        pieces_bytes=max((_most(file, found[tag], order, big) for tag in _BYTES & found.keys()), default=0),
    )
    return page, following


def _most(file: BinaryIO, entry: tuple[int, int, bytes], order: str, big: bool) -> int:
    """The largest number of a list."""
    kind, count, raw = entry
    if kind not in _NUMBERS or not count:
        return 0
    if count * _SIZES[kind] > len(raw):
        file.seek(struct.unpack(f"{order}{'Q' if big else 'I'}", raw)[0])
        raw = file.read(count * _SIZES[kind])
    numbers = np.frombuffer(raw, f"{order}u{_SIZES[kind]}", min(count, len(raw) // _SIZES[kind]))
    return int(numbers.max(initial=0))


def _text(file: BinaryIO, entry: tuple[int, int, bytes], order: str, big: bool) -> bytes:
    kind, count, raw = entry
    size = min(count * _SIZES.get(kind, 1), _MAX_TEXT)
    if size <= len(raw):
        return raw[:size]
    file.seek(struct.unpack(f"{order}{'Q' if big else 'I'}", raw)[0])
    return file.read(size)
