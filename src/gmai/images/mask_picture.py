"""Masks given as pictures: what is inside of one, or which colour each of its pixels has."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from gmai.errors import ImageError
from gmai.images.labels import EXACT_FORMATS
from gmai.images.raster import DAMAGED_PICTURE, open_raster

_ALPHA_MODES = {"RGBA", "LA", "PA", "La", "RGBa"}


def read_binary_mask(path: Path, threshold: float | None = None) -> np.ndarray:
    """Read a mask that marks one thing.

    A picture with transparent parts is marked by its alpha, any other one by its grey value; of colours the brightest
    channel counts, of a palette the colours it shows.

    Args:
        path: the file.
        threshold: least value that is inside, as stored; None where every value but 0 is, of which there may be one.

    Returns:
        bool array (H, W).

    Raises:
        ImageError: as for pictures; without a threshold ``labels.lossy`` for JPEG and the like, and ``mask.not_binary``
            for a picture of more than two values.
    """
    with _open(path, lossy=threshold is not None) as image:
        levels = _levels(image)
    if threshold is not None:
        return np.asarray(levels >= threshold)
    inside: np.ndarray = levels != 0
    marked = levels[inside]
    if marked.size and marked.min() != marked.max():
        what = "a mask of one thing with more than two values"
        fix = "say threshold for soft edges, or the layout of masks whose values mean something"
        raise ImageError(what, where=str(path), fix=fix, reason="mask.not_binary")
    return inside


def read_colour_mask(path: Path) -> np.ndarray:
    """Read the colour of each pixel of a mask as 0xRRGGBB (H, W); grey values are colours of three equal parts.

    Raises:
        ImageError: as for pictures; ``labels.lossy`` for JPEG and the like; ``labels.deep`` for more than 8 bits.
    """
    with _open(path, lossy=False) as image:
        if image.mode not in {"1", "L", "P", "RGB", *_ALPHA_MODES}:
            raise ImageError(f"colours in the mode {image.mode}", where=str(path), reason="labels.deep")
        colours = np.asarray(image.convert("RGBA")).astype(np.uint32)
    codes = colours[..., 0] << 16 | colours[..., 1] << 8 | colours[..., 2]
    return np.asarray(np.where(colours[..., 3] == 0, np.uint32(0), codes))


@contextmanager
def _open(path: Path, *, lossy: bool) -> Iterator[Image.Image]:
    with open_raster(path) as image, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if image.format not in EXACT_FORMATS and not lossy:
            what = f"a mask in {image.format}, which changes values"
            fix = "take the original, or say a threshold if it marks one thing"
            raise ImageError(what, where=str(path), fix=fix, reason="labels.lossy")
        try:
            image.load()
        except DAMAGED_PICTURE as error:
            raise ImageError(f"cannot be decoded whole: {error}", where=str(path), reason="image.broken") from None
        yield image


def _levels(image: Image.Image) -> np.ndarray:
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        pixels = np.asarray(image.convert("RGBA"))
        if pixels[..., 3].min() < 255:
            return np.asarray(pixels[..., 3])
        return np.asarray(pixels[..., :3].max(axis=2))
    if image.mode == "P":
        places, shown = np.asarray(image), np.asarray(image.convert("RGB")).max(axis=2)
        return np.asarray(shown if shown.any() else places)
    values = np.asarray(image if image.mode in {"1", "L", "RGB", "F"} or image.mode[0] == "I" else image.convert("RGB"))
    return np.asarray(values.max(axis=2) if values.ndim == 3 else values)
