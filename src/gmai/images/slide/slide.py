"""Whole-slide images: opened by whichever library reads them, and read region by region, never whole.

Only the levels of the scan itself are ever read. The label (with the patient's name, barcode or number), the macro
picture and the maker's description are not: nothing of them can reach an output.
"""

import lzma
import math
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from gmai.base import Registry
from gmai.errors import ImageError, MissingExtra
from gmai.images.dicom.file import starts_like_dicom
from gmai.images.slide.magic import find_slide_kind

MAX_LEVEL_PIXELS = 2**40
"""A million by a million: no scanner makes more, and a header that claims more is broken."""
MAX_REGION_PIXELS = 2**28
"""Largest part that is read at once."""
MAX_MPP = 100.0
"""Pixels of more micrometres are no microscopy: the resolution in the header is not that of the slide."""

DAMAGED_SLIDE = (
    *(OSError, EOFError, ValueError, LookupError, TypeError, ArithmeticError, RuntimeError, AttributeError),
    *(NotImplementedError, SyntaxError, struct.error, zlib.error, lzma.LZMAError),
)
"""What tifffile, tiffslide and their codecs raise for damaged files; OpenSlide has an error of its own."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the pyramid; level 0 is the finest."""

    width: int
    height: int
    downsample: float
    """How many pixels of level 0 lie along one of this level."""


class Slide(Protocol):
    """An open slide."""

    @property
    def levels(self) -> tuple[Level, ...]:
        """From the finest to the coarsest."""

    @property
    def mpp(self) -> tuple[float, float] | None:
        """Micrometres a pixel of level 0 along x and y; None where the file does not say."""

    @property
    def told(self) -> dict[str, str | int | bool]:
        """For the provenance: reader, maker and layout; never a text of the file."""

    def read(self, level: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        """A region in pixels of its level, (H, W, 3) RGB or (H, W) grey uint8; what was never scanned is white."""

    def close(self) -> None:
        """Let go of the file."""


class SlideLabels(Protocol):
    """An open label map on a slide's grid."""

    def at(self, place: Sequence[float], size: tuple[int, int]) -> np.ndarray:
        """Labels (height, width) of a part xyxy of level 0, reduced to (width, height) ``size`` without mixing."""

    def overview(self, size: tuple[int, int]) -> np.ndarray:
        """Labels of the whole slide (height, width)."""

    def close(self) -> None:
        """Let go of the file."""


OpenSlideFile = Callable[[Path], Slide]

SLIDES: Registry[OpenSlideFile] = Registry(
    "slides",
    {
        "openslide": "gmai.images.slide.openslide:open_openslide",
        "tiff": "gmai.images.slide.tiff:open_tiff",
        "tiffslide": "gmai.images.slide.tiffslide:open_tiffslide",
    },
    extra="wsi",
)
"""Readers of slides: ``tiff`` of plain tiled TIFF and OME-TIFF, ``openslide`` of scanners' files and DICOM, and
``tiffslide`` of TIFFs that OpenSlide does not read, or where it is not installed."""


def open_slide(path: Path, reader: str = "") -> Slide:
    """Open a whole-slide image.

    Args:
        path: the file; of a DICOM series any of its files, of MIRAX the one beside the folder.
        reader: name in ``SLIDES``; by default told from the content.

    Raises:
        ImageError: ``slide.not_a_slide``, ``slide.broken``, ``slide.layout``, ``slide.samples``, ``slide.planes`` or
            ``slide.size``.
        MissingExtra: no reader for it is installed.
    """
    if not path.is_file() or not path.stat().st_size:
        raise ImageError("the file is empty or not there", where=str(path), reason="slide.not_a_slide")
    names = (reader,) if reader else _readers_for(path)
    failed: list[ImageError | MissingExtra] = []
    for name in names:
        try:
            slide = SLIDES.get(name)(path)
        except (ImageError, MissingExtra) as error:
            failed.append(error)
            continue
        check_levels(slide, path)
        return slide
    raise next((error for error in failed if isinstance(error, ImageError)), failed[0])


def open_slide_labels(path: Path, full: tuple[int, int]) -> SlideLabels:
    """Open a label map that belongs to a slide.

    Args:
        path: a TIFF, tiled or in strips.
        full: (width, height) of the slide's level 0.

    Raises:
        ImageError: as :func:`open_slide`; ``labels.lossy``, ``labels.not_whole`` or ``mask.size_mismatch``: it does not
            show the same part as the slide.
        MissingExtra: the package that reads it is not installed.
    """
    SLIDES.get("tiff")
    from gmai.images.slide.labels import LabelPyramid

    return LabelPyramid(path, full)


def _readers_for(path: Path) -> tuple[str, ...]:
    with path.open("rb") as file:
        first = file.read(132)
    if starts_like_dicom(first):
        return ("openslide",)
    kind = find_slide_kind(path)
    if kind == "vendor":
        return ("openslide", "tiffslide")
    if first[:2] in {b"II", b"MM"}:  # also a small one: the card says that it is a slide
        return ("tiff",)
    return ("openslide",)


def check_levels(slide: Slide, path: Path) -> None:
    """Check that the levels are what a pyramid can be.

    Raises:
        ImageError: ``slide.size``.
    """
    sizes = [(level.width, level.height) for level in slide.levels]
    wrong = not sizes or any(min(size) < 1 or size[0] * size[1] > MAX_LEVEL_PIXELS for size in sizes)
    if wrong:
        slide.close()
        raise ImageError(f"levels of {sizes} pixels", where=str(path), reason="slide.size")


def plausible_mpp(x: float, y: float) -> tuple[float, float] | None:
    """A resolution, if it can be that of a microscope."""
    good = all(math.isfinite(value) and 0 < value <= MAX_MPP for value in (x, y))
    return (x, y) if good else None
