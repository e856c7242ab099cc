"""TIFF and BigTIFF, pyramids and Aperio slides among them: all bytes that are not needed are set to zero, in place.

Of each directory only the entries on a list of numbers and enumerations stay; the rest of the directory, the values it
pointed to, EXIF and GPS directories, and every byte that nothing kept refers to become zero. Strips and tiles stay
where they are, so that offsets hold and pixels are the same bytes. Pages that show a slide's label or its macro picture
are taken out of the chain, and their pixels are zeroed. Of an Aperio description the scanned size, magnification and
resolution stay.
"""

import mmap
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from gmai.errors import ImageError
from gmai.images.strip.jpeg import blank
from gmai.images.strip.parts import Stripped, broken

_KEPT = frozenset({
    *(254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 274, 277, 278, 279, 280, 281, 282, 283, 284, 290, 291, 292),
    *(293, 296, 297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 330, 332, 334, 336, 338, 339, 340, 341, 342),
    *(347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 32997, 32998),
})  # fmt: skip
"""Tags a decoder may need: sizes, layout, compression, colour, resolution, tiles, JPEG tables; none holds text."""
_DESCRIPTION, _COMPRESSION, _SUB_IFDS, _TABLES, _WIDTH, _TILE_WIDTH = 270, 259, 330, 347, 256, 322
_DATA = ((273, 279), (324, 325), (513, 514))
"""Offsets and byte counts: strips, tiles, old JPEG."""
_JPEG = 7
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_MOST_PAGES = 20_000
_FOREIGN = {65420: "Hamamatsu", 34412: "Zeiss", 33628: "MetaMorph", 50838: "ImageJ"}
_APERIO = re.compile(rb"(AppMag|MPP)\s*=\s*([0-9.]+)")
_VENDOR = re.compile(rb"<\?xml|<scn|<OME|<DataObject|iScan|ImageJ=", re.IGNORECASE)
_SIDE_PICTURE = re.compile(rb"label|macro", re.IGNORECASE)
Buffer = bytearray | mmap.mmap


@dataclass(slots=True)
class _Entry:
    tag: int
    kind: int
    count: int
    place: int
    """Where the values lie: in the entry, or far from it."""
    raw: bytes
    outside: bool


@dataclass(slots=True)
class _Page:
    start: int
    end: int
    entries: dict[int, _Entry]
    next_at: int
    following: int


@dataclass(slots=True)
class _File:
    data: Buffer
    order: str = ""
    big: bool = False
    claimed: list[tuple[int, int]] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    """Where the directories begin that are kept."""

    def numbers(self, entry: _Entry) -> tuple[int, ...]:
        code = _NUMBERS.get(entry.kind)
        if code is None:
            raise broken(f"TIFF tag {entry.tag} holds no whole numbers")
        return struct.unpack_from(f"{self.order}{entry.count}{code}", self.data, entry.place)

    def value(self, entry: _Entry) -> bytes:
        return bytes(self.data[entry.place : entry.place + entry.count * _SIZES[entry.kind]])


def strip(data: bytes) -> Stripped:
    """A TIFF without metadata; see :func:`gmai.images.strip_metadata`."""
    cleaned = bytearray(data)
    removed = strip_in_place(cleaned)
    return Stripped(bytes(cleaned), removed)


def strip_in_place(data: Buffer) -> tuple[str, ...]:
    """Clean a TIFF in memory or in a mapped file, which keeps its length; returns what was taken out.

    Raises:
        ImageError: ``strip.broken``; ``strip.slide``: of a maker whose layout cannot be kept without its metadata.
    """
    file = _File(data)
    try:
        _clean(file)
    except (struct.error, LookupError, OverflowError):
        raise broken("the TIFF is cut short") from None
    return tuple(sorted(file.removed))


def _clean(file: _File) -> None:
    file.order = "<" if bytes(file.data[:2]) == b"II" else ">"
    (version,) = struct.unpack_from(f"{file.order}H", file.data, 2)
    file.big = version == 43
    head = 16 if file.big else 8
    link = head - (8 if file.big else 4)
    file.claimed.append((0, head))
    (start,) = struct.unpack_from(f"{file.order}{'Q' if file.big else 'I'}", file.data, link)
    pages = list(_pages(file, start))
    if not pages:
        raise broken("a TIFF without a picture")
    first = pages[0].entries.get(_DESCRIPTION)
    described = b"" if first is None else file.value(first)
    aperio = described.startswith(b"Aperio")
    _check_maker(pages[0], described)
    for number, page in enumerate(pages):
        if number and _is_side_picture(file, page, aperio):
            file.removed.add("label or macro picture")
        else:
            _link(file, link, page.start)
            _keep_page(file, page, aperio)
            link = page.next_at
    _link(file, link, 0)
    _zero_the_rest(file)


def _link(file: _File, place: int, target: int) -> None:
    struct.pack_into(f"{file.order}{'Q' if file.big else 'I'}", file.data, place, target)


def _pages(file: _File, start: int) -> Iterator[_Page]:
    seen = set[int]()
    while start:
        if start in seen or len(seen) > _MOST_PAGES:
            raise broken("the TIFF's directories run in a circle")
        seen.add(start)
        page = _read_page(file, start)
        yield page
        start = page.following


def _read_page(file: _File, start: int) -> _Page:
    counts, size, inline = ("Q", 20, 8) if file.big else ("H", 12, 4)
    (count,) = struct.unpack_from(file.order + counts, file.data, start)
    place = start + struct.calcsize(counts)
    entries = {}
    for _ in range(count):
        tag, kind, number = struct.unpack_from(f"{file.order}HH{'Q' if file.big else 'I'}", file.data, place)
        length = _SIZES.get(kind, 1) * number
        outside = length > inline
        where = place + size - inline
        if outside:
            (where,) = struct.unpack_from(f"{file.order}{'Q' if file.big else 'I'}", file.data, where)
        if where + length <= len(file.data):
            entries[tag] = _Entry(tag, kind, number, where, bytes(file.data[place : place + size]), outside)
        elif tag in _KEPT:
            raise broken(f"TIFF tag {tag} leaves the file")
        place += size
    (following,) = struct.unpack_from(f"{file.order}{'Q' if file.big else 'I'}", file.data, place)
    return _Page(start, place + (8 if file.big else 4), entries, place, following)


def _check_maker(page: _Page, described: bytes) -> None:
    maker = next((name for tag, name in _FOREIGN.items() if tag in page.entries), "")
    if maker or _VENDOR.search(described[:4096]):
        what = f"the layout of this {maker or 'maker'}'s file is in its metadata, which may hold identifiers"
        fix = "export it as a plain pyramidal TIFF or as DICOM, and clean that"
        raise ImageError(what, fix=fix, reason="strip.slide")


def _is_side_picture(file: _File, page: _Page, aperio: bool) -> bool:
    entry = page.entries.get(_DESCRIPTION)
    if entry is not None and _SIDE_PICTURE.search(file.value(entry)):
        return True
    tiled = _TILE_WIDTH in page.entries
    kind = page.entries.get(254)
    reduced = kind is not None and file.numbers(kind)[0] & 1
    return aperio and not tiled and bool(reduced)  # Aperio marks label and macro so; its thumbnail is not marked


def _keep_page(file: _File, page: _Page, aperio: bool) -> None:
    if page.start in file.kept:
        raise broken("the TIFF's directories run in a circle")
    file.kept.add(page.start)
    counts, size = ("Q", 20) if file.big else ("H", 12)
    kept = [entry for tag, entry in sorted(page.entries.items()) if tag in _KEPT]
    described = page.entries.get(_DESCRIPTION)
    if aperio and described is not None and (text := _aperio_text(file, described)):
        file.data[described.place : described.place + len(text)] = text
        kept = sorted([*kept, described], key=lambda entry: entry.tag)
    for tag in page.entries.keys() - {entry.tag for entry in kept}:
        file.removed.add(
            {_DESCRIPTION: "description", 34665: "exif", 34853: "gps", 700: "xmp", 34675: "icc"}.get(tag, "tags")
        )
    if aperio and described is not None:
        file.removed.add("description")
    following = bytes(file.data[page.next_at : page.end])
    file.data[page.start : page.end] = bytes(page.end - page.start)
    struct.pack_into(file.order + counts, file.data, page.start, len(kept))
    place = page.start + struct.calcsize(counts)
    for entry in kept:
        file.data[place : place + size] = entry.raw
        inside = entry.count * _SIZES.get(entry.kind, 1)
        if not entry.outside:  # the unused end of a short value may hold anything
            used = place + (12 if file.big else 8) + inside
            file.data[used : place + size] = bytes(place + size - used)
            entry.place = used - inside
        else:
            file.claimed.append((entry.place, entry.place + inside))
        place += size
    page.next_at, page.end = place, place + len(following)
    file.claimed.append((page.start, page.end))
    _keep_data(file, page)
    for start in file.numbers(page.entries[_SUB_IFDS]) if _SUB_IFDS in page.entries else ():
        inner = _read_page(file, start)
        _keep_page(file, inner, aperio)
        _link(file, inner.next_at, 0)


def _aperio_text(file: _File, entry: _Entry) -> bytes:
    """Aperio's description with its size line, magnification and resolution; as long as the old one, rest zeros."""
    old = file.value(entry)
    told = [b"%s = %s" % match.groups() for match in _APERIO.finditer(old)]
    size = re.search(rb"\d+x\d+", old)
    line = b"Aperio Image Library\r\n" + (size.group() if size else b"")
    new = b"|".join([line, *told])
    return new.ljust(len(old), b"\0") if len(new) <= len(old) and entry.outside else b""


def _keep_data(file: _File, page: _Page) -> None:
    compression = page.entries.get(_COMPRESSION)
    jpeg = compression is not None and file.numbers(compression)[0] == _JPEG
    for offsets, counts in _DATA:
        if offsets not in page.entries:
            continue
        starts = file.numbers(page.entries[offsets])
        lengths = file.numbers(page.entries[counts]) if counts in page.entries else ()
        if len(lengths) != len(starts):
            raise broken("a TIFF does not say how long its strips are")
        for start, length in zip(starts, lengths, strict=True):
            if start + length > len(file.data):
                raise broken("a TIFF strip leaves the file")
            file.claimed.append((start, start + length))
            if jpeg:
                _blank_jpeg(file, start, length)
    if jpeg and _TABLES in page.entries:
        entry = page.entries[_TABLES]
        _blank_jpeg(file, entry.place, entry.count)


def _blank_jpeg(file: _File, start: int, length: int) -> None:
    old = bytes(file.data[start : start + length])
    new = blank(old)
    if new != old:
        file.data[start : start + length] = new
        file.removed.add("comment")


def _zero_the_rest(file: _File) -> None:
    place = 0
    for start, end in [*sorted(file.claimed), (len(file.data), len(file.data))]:
        if start > place:
            piece = bytes(file.data[place:start])
            if any(piece):
                file.data[place:start] = bytes(len(piece))
                file.removed.add("unused bytes")
        place = max(place, end)
