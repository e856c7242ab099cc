"""What a scanner's TIFF claims, held against what can be, before a library sets memory aside for it.

OpenSlide ends its process where it gets no memory for a tile; tiffslide asks for a whole region at once.
"""

import math
from pathlib import Path

from gmai.base import open_bounded
from gmai.errors import ImageError
from gmai.images.slide.magic import DAMAGED_DIRECTORY, Page, read_pages

MAX_PIECE_PIXELS = 2**26
"""Largest tile, or strip, that is decoded."""
MAX_SAMPLES = 4


def check_claims(path: Path) -> None:
    """Check the pages of a TIFF; files of other kinds pass.

    Raises:
        ImageError: ``slide.layout``, ``slide.samples`` or ``slide.broken``.
    """
    try:
        with open_bounded(path) as file:
            pages = read_pages(file)
    except DAMAGED_DIRECTORY as error:
        what = f"damaged directories: {type(error).__name__}"
        raise ImageError(what, where=str(path), reason="slide.broken") from None
    size = path.stat().st_size
    for page in pages:
        if page.most_bytes > size or page.pieces_bytes > size:
            raise ImageError("a part that is longer than the file", where=str(path), reason="slide.broken")
        _check(page, str(path))


def _check(page: Page, where: str) -> None:
    width, height = page.piece
    if not page.hamamatsu and width * height > MAX_PIECE_PIXELS:  # Hamamatsu's JPEGs are read in parts
        what = f"stored in pieces of {width} x {height} pixels, too large to read by parts"
        raise ImageError(what, where=where, reason="slide.layout")
    if page.samples > MAX_SAMPLES:
        raise ImageError(f"{page.samples} samples a pixel, no grey or RGB", where=where, reason="slide.samples")
    if page.tiled:
        if min(width, height) < 1:
            raise ImageError("tiles without a pixel", where=where, reason="slide.broken")
        if page.num_tiles < math.ceil(page.width / width) * math.ceil(page.height / height):
            raise ImageError("fewer tiles than its size needs", where=where, reason="slide.broken")
