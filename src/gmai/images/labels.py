"""Label maps: whole numbers, pixel by pixel or voxel by voxel; anything else is refused, never rounded."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from gmai.errors import ImageError
from gmai.images.open import VOLUMES
from gmai.images.peek import find_kind
from gmai.images.raster import DAMAGED_PICTURE, open_raster
from gmai.images.volume import Volume

EXACT_FORMATS = {"PNG", "BMP", "TIFF", "GIF", "PPM"}
"""Formats that keep every value."""


def read_label_picture(path: Path) -> np.ndarray:
    """Read a mask picture as integers (H, W): grey values, palette positions, or 0 and 1 of a bilevel picture.

    Raises:
        ImageError: as for pictures; ``labels.lossy`` for JPEG and the like; ``labels.colour`` if the channels differ.
    """
    with open_raster(path) as image, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if image.format not in EXACT_FORMATS:
            what = f"a label map in {image.format}, which changes values"
            raise ImageError(what, where=str(path), fix="convert it from the original to PNG", reason="labels.lossy")
        try:
            image.load()
            values = np.asarray(image)
        except DAMAGED_PICTURE as error:
            raise ImageError(f"cannot be decoded whole: {error}", where=str(path), reason="image.broken") from None
    if values.ndim == 3:
        colours = values[..., :3] if values.shape[2] >= 3 else values[..., :1]
        if (colours != colours[..., :1]).any():
            raise ImageError("a label map in colour", where=str(path), reason="labels.colour")
        values = colours[..., 0]
    return _whole(values, str(path))


def read_label_volume(path: Path) -> Volume:
    """Read a label map of any volume format in canonical orientation; voxels are int32.

    Raises:
        ImageError: as the format's reader; ``volume.kind``: no volume; ``labels.not_whole``: values that are no whole
            numbers; ``labels.several``: more than one volume, of which regions would be lost; ``labels.colour``.
    """
    kind = find_kind(path)
    if kind not in VOLUMES.names():
        raise ImageError(f"no label map but a {kind} file", where=str(path), reason="volume.kind")
    form = VOLUMES.get(kind)
    if (count := form.outline(path).volumes) > 1:
        what = f"a label map of {count} volumes"
        raise ImageError(what, where=str(path), fix="save each volume as a file", reason="labels.several")
    volume = form.read(path, 0)
    if volume.voxels.ndim == 4:
        raise ImageError("a label map in colour", where=str(path), reason="labels.colour")
    return replace(volume, voxels=_whole(volume.voxels, str(path)))


def _whole(values: np.ndarray, where: str) -> np.ndarray:
    if values.dtype.kind == "f":
        if not np.isfinite(values).all() or (values != np.rint(values)).any():
            raise ImageError("label values that are no whole numbers", where=where, reason="labels.not_whole")
    if values.size and (values.min() < -(2**31) or values.max() >= 2**31):
        raise ImageError("label values beyond 32 bits", where=where, reason="labels.not_whole")
    return values.astype(np.int32, copy=False)
