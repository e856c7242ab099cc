"""PNG, JPEG and every other picture Pillow reads, to 8-bit grey or RGB as shown; whole, or an error saying why not."""

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from gmai.base import hash_bytes
from gmai.errors import ImageError
from gmai.images.picture import Picture, orient
from gmai.images.strip import Stripped, strip_metadata
from gmai.images.window import apply_window, find_window
from gmai.types import Step, WindowPolicy

MAX_PIXELS = 120_000_000
"""Pictures with more pixels are refused before anything is decoded."""
TINY_PX = 8
_ORIENTATION_TAG = 274
_GREY_MODES = {"L", "1"}
_ALPHA_MODES = {"RGBA", "LA", "PA", "La", "RGBa"}
_DEEP_MODES = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    TypeError,
    OverflowError,
    Image.DecompressionBombError,
)
"""What Pillow raises for pictures that are cut short, damaged or made to harm."""


def read_picture(path: Path, window: WindowPolicy | None = None, data: bytes | None = None) -> Picture:
    """Read a raster picture.

    Alpha is laid over white, palettes and CMYK become RGB, EXIF orientation is applied, more than 8 bits are windowed
    (percentiles unless ``window`` says otherwise); of several frames the first is taken. Each is told in ``steps``.

    Args:
        path: the file; its ending does not matter.
        window: for pictures of more than 8 bits.
        data: the file's bytes, if they are at hand.

    Raises:
        ImageError: ``image.empty``, ``image.not_a_picture``, ``image.too_large`` (nothing was decoded),
            ``image.truncated`` or ``image.broken``.
    """
    data = path.read_bytes() if data is None else data
    with open_raster(path, data) as image:
        deep = any("16" in str(tile[3]) for tile in getattr(image, "tile", ())) and image.mode in {"RGB", "RGBA"}
        own = _is_plain(image) and not deep
        _load(image, path)
        orientation = _orientation(image, path)
        values, changes = _to_array(image)
    told: dict[str, Any] = {**changes, **({"bits": "upper 8 of 16"} if deep else {})}
    shown = None
    if values.dtype != np.uint8:
        chosen = find_window(values, window or WindowPolicy())
        values, shown = apply_window(values, chosen), (chosen.centre, chosen.width)
        told |= {"window": chosen.mode, "centre": chosen.centre, "width": chosen.width}
    if orientation != 1:
        values = orient(values, orientation)
        told["orientation"] = orientation
    if min(values.shape[:2]) < TINY_PX:
        told["tiny"] = True
    kept = _own_bytes(data) if own and orientation == 1 else None
    removed = () if kept is None or not kept.removed else (Step(name="strip", parameters={"removed": kept.removed}),)
    return Picture(
        pixels=values,
        sha256=hash_bytes(data),
        steps=(*((Step(name="picture", parameters=told),) if told else ()), *removed),
        orientation=orientation,
        window=shown,
        own_bytes=None if kept is None else kept.data,
    )


def _own_bytes(data: bytes) -> Stripped | None:
    """The file without its metadata; None where that cannot be taken out, so that its pixels are encoded anew."""
    try:
        return strip_metadata(data)
    except ImageError:
        return None


def open_raster(path: Path, data: bytes | None = None) -> Image.Image:
    """Open a raster file without decoding it: format, mode and size are known, and the size is not absurd.

    Raises:
        ImageError: as :func:`read_picture`.
    """
    if data is None and not path.stat().st_size or data == b"":
        raise ImageError("the file is empty", where=str(path), reason="image.empty")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(path if data is None else BytesIO(data))
        except Image.DecompressionBombError:
            raise _too_large(path) from None
        except UnidentifiedImageError:
            raise ImageError("not a picture of a known kind", where=str(path), reason="image.not_a_picture") from None
        except _BROKEN as error:
            raise ImageError(f"cannot be opened: {error}", where=str(path), reason="image.broken") from None
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise _too_large(path)
    return image


def _too_large(path: Path) -> ImageError:
    return ImageError(f"more than {MAX_PIXELS} pixels", where=str(path), reason="image.too_large")


def _load(image: Image.Image, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image.load()
        except _BROKEN as error:
            reason = "image.truncated" if "truncated" in str(error) else "image.broken"
            raise ImageError(f"cannot be decoded whole: {error}", where=str(path), reason=reason) from None


def _orientation(image: Image.Image, path: Path) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = image.getexif().get(_ORIENTATION_TAG, 1)
        except _BROKEN as error:
            raise ImageError(f"EXIF cannot be read: {error}", where=str(path), reason="image.exif") from None
    return int(found) if found in range(1, 9) else 1


def _is_plain(image: Image.Image) -> bool:
    if image.format not in {"PNG", "JPEG"} or image.mode not in {"L", "RGB"} or getattr(image, "n_frames", 1) != 1:
        return False
    return "transparency" not in image.info


def _to_array(image: Image.Image) -> tuple[np.ndarray, dict[str, Any]]:
    told: dict[str, Any] = {}
    if (frames := int(getattr(image, "n_frames", 1))) > 1:
        told |= {"frames": frames, "frame": 0}
    if image.mode in _DEEP_MODES:
        return np.asarray(image), {**told, "mode": image.mode}
    if image.mode in _GREY_MODES:
        return np.asarray(image if image.mode == "L" else image.convert("L")), told
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return _over_white(image, told)
    if image.mode == "RGB":
        return np.asarray(image), told
    return np.asarray(image.convert("RGB")), {**told, "mode": image.mode}


def _over_white(image: Image.Image, told: dict[str, Any]) -> tuple[np.ndarray, dict[str, Any]]:
    pixels = np.asarray(image.convert("RGBA"))
    opaque = bool((pixels[..., 3] == 255).all())
    told |= {"mode": image.mode, "alpha": "opaque, dropped" if opaque else "laid over white"}
    if not opaque:
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        pixels = np.asarray(Image.alpha_composite(white, Image.fromarray(pixels)))
    grey = image.mode in {"LA", "La"}
    return np.ascontiguousarray(pixels[..., 0] if grey else pixels[..., :3]), told
