"""TIFF slides read by tiffslide, where OpenSlide does not read them or is not installed."""

from pathlib import Path

import tiffslide

from gmai.images.slide.library import open_library
from gmai.images.slide.slide import Slide


def open_tiffslide(path: Path) -> Slide:
    """Open with tiffslide.

    Raises:
        ImageError: as :func:`gmai.images.open_slide`.
    """
    return open_library(path, tiffslide.TiffSlide, ValueError, "tiffslide")
