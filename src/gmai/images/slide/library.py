"""Slides opened by OpenSlide or tiffslide, which have the same interface.

Of the properties only the maker's name, the sizes and the resolution are looked at;
associated images (label, macro, thumbnail) are never opened.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gmai.errors import ImageError
from gmai.images.slide.claims import check_claims
from gmai.images.slide.slide import DAMAGED_SLIDE, MAX_REGION_PIXELS, Level, Slide, plausible_mpp

VENDORS = frozenset({
    *("aperio", "dicom", "generic-tiff", "hamamatsu", "leica", "mirax", "philips", "sakura", "trestle", "ventana"),
    *("zeiss", "synthetic"),
})  # fmt: skip
"""Makers that OpenSlide knows; a name that is none of them is not told."""


def open_library(path: Path, kind: Any, failure: type[Exception], reader: str) -> Slide:
    """Open a slide with a library.

    Args:
        path: the file.
        kind: the library's class of slides.
        failure: what it raises for a file it does not read.
        reader: the library's name, which also begins the names of its properties.

    Raises:
        ImageError: ``slide.not_a_slide``, ``slide.broken``, ``slide.layout`` or ``slide.samples``.
    """
    check_claims(path)
    try:
        found = kind(str(path))
    except failure as error:
        unknown = "Unsupported" in type(error).__name__ or "Unsupported or missing image file" in str(error)
        reason = "slide.not_a_slide" if unknown else "slide.broken"
        raise ImageError(f"cannot be opened as a slide: {_plain(error, path)}", reason=reason) from None
    except DAMAGED_SLIDE as error:
        what = f"cannot be opened as a slide: {type(error).__name__}"
        raise ImageError(what, where=str(path), reason="slide.broken") from None
    return _Opened(path, found, failure, reader)


class _Opened:
    def __init__(self, path: Path, file: Any, failure: type[Exception], reader: str) -> None:
        self.path, self.file, self.failure, self.reader = path, file, failure, reader
        try:
            sizes = [(int(width), int(height)) for width, height in file.level_dimensions]
            self.steps = [float(step) for step in file.level_downsamples]
            self.levels = tuple(Level(*size, step) for size, step in zip(sizes, self.steps, strict=True))
            self.mpp = _find_mpp(file.properties, reader)
            vendor = str(file.properties.get(f"{reader}.vendor") or "").lower()
        except DAMAGED_SLIDE as error:
            self.close()
            what = f"a damaged pyramid: {type(error).__name__}"
            raise ImageError(what, where=str(path), reason="slide.broken") from None
        self.told: dict[str, str | int | bool] = {"reader": reader, "vendor": vendor if vendor in VENDORS else ""}
        if f"{reader}.icc-size" in file.properties:
            self.told["icc"] = "not applied"

    def read(self, level: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        """A region as RGB; where nothing was scanned it is white."""
        if width * height > MAX_REGION_PIXELS:
            raise ImageError("a region that is too large to read at once", reason="slide.size")
        step = self.steps[level]
        place = round(x * step), round(y * step)
        try:
            found = np.asarray(self.file.read_region(place, level, (width, height)))
        except (self.failure, *DAMAGED_SLIDE) as error:
            what = f"a region cannot be decoded: {_plain(error, self.path)}"
            raise ImageError(what, where=str(self.path), reason="slide.broken") from None
        return _on_white(found)

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()


def _on_white(pixels: np.ndarray) -> np.ndarray:
    if pixels.shape[-1] == 3:
        return np.ascontiguousarray(pixels)
    alpha = pixels[..., 3]
    if alpha.min() == 255:
        return np.ascontiguousarray(pixels[..., :3])
    part = alpha[..., None].astype(np.float32) / 255
    laid = pixels[..., :3] * part + 255 * (1 - part)
    return np.rint(laid).astype(np.uint8)


def _find_mpp(properties: Mapping[str, Any], prefix: str) -> tuple[float, float] | None:
    x, y = properties.get(f"{prefix}.mpp-x"), properties.get(f"{prefix}.mpp-y")
    try:
        return plausible_mpp(float(x), float(y)) if x is not None and y is not None else None
    except ValueError:
        return None


def _plain(error: Exception, path: Path) -> str:
    """A message without values of the file's own properties, which may be identifiers."""
    text = str(error).replace(str(path), "the file").split("\n")[0]
    return f"{type(error).__name__}: {text[:160]}"
