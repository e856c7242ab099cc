"""Scanners' files of every maker, and DICOM slides, read by OpenSlide."""

from pathlib import Path

import openslide

from gmai.images.slide.library import open_library
from gmai.images.slide.slide import Slide


def open_openslide(path: Path) -> Slide:
    """Open with OpenSlide.

    Raises:
        ImageError: as :func:`gmai.images.open_slide`.
    """
    return open_library(path, openslide.OpenSlide, openslide.OpenSlideError, "openslide")
