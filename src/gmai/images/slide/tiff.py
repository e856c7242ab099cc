"""Plain tiled TIFF and OME-TIFF: only the tiles that a region touches are read and decoded, each once in grid order.

Also the label maps that belong to slides, whose values are kept as they are.
"""

import logging
import math
import re
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from gmai.errors import ImageError
from gmai.images.slide.claims import MAX_PIECE_PIXELS
from gmai.images.slide.magic import is_reduced
from gmai.images.slide.slide import DAMAGED_SLIDE, MAX_REGION_PIXELS, Level, Slide, plausible_mpp

CACHE_BYTES = 64 * 2**20
MAX_TAG_MPP = 10.0
"""Coarser resolutions in the resolution tags are those of a screen or printer."""
_MAX_PAGES = 64
_GREY_INVERTED, _GREY, _RGB, _YCBCR = 0, 1, 2, 6
_JPEGS = frozenset({6, 7, 33007, 34892})
_UNIT_UM = {2: 25400.0, 3: 10000.0}
_OME_MPP = re.compile(r'PhysicalSize([XY])="([0-9.eE+-]+)"')
_OME_UNIT = re.compile(r'PhysicalSize([XY])Unit="([^"]*)"')
_IN_UM = {"µm": 1.0, "μm": 1.0, "um": 1.0, "nm": 1e-3, "mm": 1e3}
logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # it tells what is wrong with a file; so do our errors


def open_tiff(path: Path) -> Slide:
    """Open a plain tiled TIFF as a slide.

    Raises:
        ImageError: as :func:`gmai.images.open_slide`.
    """
    slide = TiffPyramid(path)
    base = slide.pages[0]
    if base.dtype != np.uint8 or base.samplesperpixel not in {1, 3, 4} or base.planarconfig != 1:
        slide.close()
        what = f"{base.samplesperpixel} samples of {base.bitspersample} bits a pixel, no 8-bit grey or RGB"
        raise ImageError(what, where=str(path), reason="slide.samples")
    if slide.colours not in {_GREY_INVERTED, _GREY, _RGB, _YCBCR}:
        slide.close()
        raise ImageError("colours that are not RGB", where=str(path), reason="slide.samples")
    if slide.planes > 1:
        slide.close()
        what = f"{slide.planes} planes of one size (channels or depths), where one is read"
        raise ImageError(what, where=str(path), fix="export the plane to read", reason="slide.planes")
    return slide


class TiffPyramid:
    """The levels of a tiled TIFF, values as they are stored."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.file: Any = tifffile.TiffFile(path)
        except DAMAGED_SLIDE as error:
            what = f"cannot be opened as TIFF: {type(error).__name__}"
            raise ImageError(what, where=str(path), reason="slide.broken") from None
        try:
            self.pages, self.planes = _find_levels(self.file)
            base = self.pages[0]
            self.levels = tuple(
                Level(page.imagewidth, page.imagelength, _downsample(base, page)) for page in self.pages
            )
            self.mpp = _find_mpp(base)
            self._coding = str(base.compression.name)
            self.colours = int(base.photometric)
            self._check()
        except ImageError:
            self.close()
            raise
        except DAMAGED_SLIDE as error:
            self.close()
            what = f"damaged directories: {type(error).__name__}"
            raise ImageError(what, where=str(path), reason="slide.broken") from None
        self.size_bytes = path.stat().st_size
        self.told: dict[str, str | int | bool] = {"reader": "tiff", "vendor": "", "compression": self._coding}
        self._cache: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()
        self._held = 0

    def _check(self) -> None:
        for page in self.pages:
            tile = (page.tilelength, page.tilewidth) if page.is_tiled else (page.rowsperstrip, page.imagewidth)
            tile = min(tile[0], page.imagelength) if not page.is_tiled else tile[0], tile[1]
            if min(tile) < 1 or tile[0] * tile[1] > MAX_PIECE_PIXELS:
                what = f"stored in pieces of {tile[1]} x {tile[0]} pixels, too large to read by parts"
                raise ImageError(what, where=str(self.path), reason="slide.layout")
            count = math.ceil(page.imagelength / tile[0]) * math.ceil(page.imagewidth / tile[1])
            if len(page.dataoffsets) < count:
                raise ImageError("fewer tiles than its size needs", where=str(self.path), reason="slide.broken")

    def read(self, level: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        """A region as uint8 grey or RGB; what was never scanned is white."""
        values = self.values(level, x, y, width, height, fill=255)
        if values.ndim == 3 and values.shape[2] == 4:
            part = values[..., 3:].astype(np.float32) / 255
            values = np.rint(values[..., :3] * part + 255 * (1 - part)).astype(np.uint8)
        return 255 - values if self.colours == _GREY_INVERTED else values

    def values(self, level: int, x: int, y: int, width: int, height: int, fill: int = 0) -> np.ndarray:
        """The stored values of a region (H, W) or (H, W, samples); ``fill`` where the file has none.

        Raises:
            ImageError: ``slide.broken``: a tile is damaged or cut off; ``slide.size``.
        """
        if width * height > MAX_REGION_PIXELS:
            raise ImageError("a region that is too large to read at once", reason="slide.size")
        page = self.pages[level]
        samples = () if page.samplesperpixel == 1 else (page.samplesperpixel,)
        out = np.full((height, width, *samples), fill, page.dtype)
        tile_h = page.tilelength if page.is_tiled else min(page.rowsperstrip, page.imagelength)
        tile_w = page.tilewidth if page.is_tiled else page.imagewidth
        across = math.ceil(page.imagewidth / tile_w)
        right, lower = min(x + width, page.imagewidth), min(y + height, page.imagelength)
        for row in range(max(y, 0) // tile_h, math.ceil(lower / tile_h)):
            for column in range(max(x, 0) // tile_w, math.ceil(right / tile_w)):
                piece = self._tile(level, row * across + column)
                if piece is None:
                    continue
                top, left = row * tile_h, column * tile_w
                y0, x0 = max(y, top), max(x, left)
                y1, x1 = min(lower, top + piece.shape[0]), min(right, left + piece.shape[1])
                if y1 > y0 and x1 > x0:
                    out[y0 - y : y1 - y, x0 - x : x1 - x] = piece[y0 - top : y1 - top, x0 - left : x1 - left]
        return out

    def _tile(self, level: int, index: int) -> np.ndarray | None:
        page = self.pages[level]
        offset, size = page.dataoffsets[index], page.databytecounts[index]
        if not size or not offset:
            return None
        key = level, index
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        found = self._decode(page, index, offset, size)
        self._cache[key] = found
        self._held += found.nbytes
        while self._held > CACHE_BYTES and len(self._cache) > 1:
            self._held -= self._cache.popitem(last=False)[1].nbytes
        return found

    def _decode(self, page: Any, index: int, offset: int, size: int) -> np.ndarray:
        if offset + size > self.size_bytes:
            raise ImageError("the file ends before its pixels do", where=str(self.path), reason="slide.truncated")
        try:
            decode, told = page.decode, self._told_to_decoder(page)  # these read tags, and move in the file
            self.file.filehandle.seek(offset)
            values: np.ndarray = np.asarray(decode(self.file.filehandle.read(size), index, **told)[0])[0]
        except DAMAGED_SLIDE as error:
            what = f"tile {index} cannot be decoded: {type(error).__name__}"
            raise ImageError(what, where=str(self.path), reason="slide.broken") from None
        return values[..., 0] if values.shape[-1] == 1 else values

    @staticmethod
    def _told_to_decoder(page: Any) -> dict[str, Any]:
        is_jpeg = int(page.compression) in _JPEGS
        return {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader} if is_jpeg else {}

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()


def _find_levels(file: Any) -> tuple[list[Any], int]:
    """The pages of the pyramid, finest first, and how many planes of the finest size there are."""
    pages = [file.pages[number].aspage() for number in range(min(len(file.pages), _MAX_PAGES))]
    if not pages:
        raise ImageError("a TIFF without a page", reason="slide.broken")
    base = pages[0]
    below = [page.aspage() for page in base.pages[:_MAX_PAGES]] if base.subifds else pages[1:]
    full = base.imagewidth, base.imagelength
    same = sum((page.imagewidth, page.imagelength) == full for page in pages)
    kept = [
        page
        for page in below
        if page.is_tiled == base.is_tiled
        and is_reduced(full, (page.imagewidth, page.imagelength))
        and (page.dtype, page.samplesperpixel, page.photometric) == (base.dtype, base.samplesperpixel, base.photometric)
    ]
    return [base, *sorted(kept, key=lambda page: -page.imagewidth)], same


def _downsample(base: Any, page: Any) -> float:
    return float(base.imagewidth / page.imagewidth + base.imagelength / page.imagelength) / 2


def _find_mpp(page: Any) -> tuple[float, float] | None:
    """From OME-XML, else from the resolution tags, where they are finer than those of a printer."""
    text = page.description or ""
    if "<OME" in text[:4096] or text.lstrip().startswith("<?xml") and "OME" in text[:4096]:
        units = dict(_OME_UNIT.findall(text))
        sizes = {axis: float(size) * _IN_UM.get(units.get(axis, "µm"), 0.0) for axis, size in _OME_MPP.findall(text)}
        return plausible_mpp(sizes["X"], sizes["Y"]) if {"X", "Y"} <= set(sizes) else None
    unit = _UNIT_UM.get(int(page.resolutionunit or 0))
    across, down = (page.tags.valueof(tag) for tag in (282, 283))
    if unit is None or not across or not down or not all((across[0], across[1], down[0], down[1])):
        return None
    found = plausible_mpp(unit * across[1] / across[0], unit * down[1] / down[0])
    return found if found and max(found) <= MAX_TAG_MPP else None
