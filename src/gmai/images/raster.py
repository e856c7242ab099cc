"""PNG, JPEG and every other picture Pillow reads, to 8-bit grey or RGB as shown; whole, or an error saying why not.

Pillow keeps 8 bits of colour pictures; those of 16 bits are decoded by OpenCV once Pillow has found them whole.
"""

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from gmai.base import hash_bytes, open_bounded
from gmai.errors import ImageError
from gmai.images.picture import Picture, orient
from gmai.images.strip import strip_metadata
from gmai.images.window import Window, apply_window, find_window
from gmai.types import Step, WindowPolicy

MAX_PIXELS = 80_000_000
"""Pictures with more pixels are refused before anything is decoded; decoding one takes up to 12 bytes a pixel."""
MAX_SIDE = 65_535
"""The longest side that JPEG knows; no store could hold a longer one."""
TINY_PX = 8
_CODESTREAM = b"\xff\x4f\xff\x51"
_DEPTH_AT = 42
"""Place of the first component's depth in a JPEG 2000 code stream (ISO 15444-1 A.5.1)."""
_ORIENTATION_TAG = 274
_GREY_MODES = {"L", "1"}
_ALPHA_MODES = {"RGBA", "LA", "PA", "La", "RGBa"}
_DEEP_MODES = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_MARKS = {
    **{b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"GIF8": "GIF"},
    **{b"II*\0": "TIFF", b"MM\0*": "TIFF", b"II+\0": "TIFF", b"MM\0+": "TIFF"},
}
"""How pictures of the commonest kinds begin."""
DAMAGED_PICTURE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    TypeError,
    OverflowError,
    struct.error,
    Image.DecompressionBombError,
)
"""What Pillow raises for pictures that are cut short, damaged or made to harm; never a lack of memory."""


def read_picture(
    path: Path, window: WindowPolicy | Window | None = None, data: bytes | None = None, frame: int | None = None
) -> Picture:
    """Read a raster picture.

    Alpha is laid over white, palettes, CMYK, LAB and HSV become RGB, EXIF orientation is applied, more than 8 bits are
    windowed (percentiles unless ``window`` says otherwise; one window for all channels); of several frames or pages
    one is taken. Each is told in ``steps``.

    Args:
        path: the file; its ending does not matter.
        window: for pictures of more than 8 bits; a policy, or the window itself.
        data: the file's bytes, if they are at hand.
        frame: which frame or page; the first by default.

    Raises:
        ImageError: ``image.empty``, ``image.not_a_picture``, ``image.too_large`` (nothing was decoded),
            ``image.truncated``, ``image.broken`` or ``image.frame`` (there is no such frame).
    """
    data = path.read_bytes() if data is None else data
    with open_raster(path, data) as image:
        told = _choose_frame(image, path, frame or 0)
        deep, own = _is_deep(image, data), _is_plain(image)
        _load(image, path)
        orientation = read_orientation(image, path)
        values, changes = _read_deep(image, data, path, frame or 0) if deep else _to_array(image)
    told |= changes
    shown = None
    if values.dtype != np.uint8:
        chosen = window if isinstance(window, Window) else find_window(values, window or WindowPolicy())
        values, shown = apply_window(values, chosen), (chosen.centre, chosen.width)
        told |= chosen.told("window")
    if orientation != 1:
        values = orient(values, orientation)
        told["orientation"] = orientation
    if min(values.shape[:2]) < TINY_PX:
        told["tiny"] = True
    kept, stripping = _strip(data) if own and not deep and orientation == 1 else (None, {})
    steps = (Step(name="picture", parameters=told),) if told else ()
    if stripping:
        steps = (*steps, Step(name="strip", parameters=stripping))
    return Picture(
        pixels=values,
        sha256=hash_bytes(data),
        steps=steps,
        orientation=orientation,
        window=shown,
        own_bytes=kept,
    )


def _strip(data: bytes) -> tuple[bytes | None, dict[str, Any]]:
    """The file without its metadata and what was done; no file where they cannot be told from the pixels' code."""
    try:
        found = strip_metadata(data)
    except ImageError as error:
        return None, {"encoded_anew": error.message}
    return found.data, {"removed": found.removed} if found.removed else {}


@contextmanager
def open_raster(path: Path, data: bytes | None = None) -> Iterator[Image.Image]:
    """Open a raster file without decoding it: format, mode and size are known, and the size is not absurd.

    Raises:
        ImageError: as :func:`read_picture`.
    """
    if data is None and not path.stat().st_size or data == b"":
        raise ImageError("the file is empty", where=str(path), reason="image.empty")
    with open_bounded(path) if data is None else BytesIO(data) as file, _identify(file, path, data) as image:
        if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
            raise _too_large(path)
        yield image


def _identify(file: BinaryIO, path: Path, data: bytes | None) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Image.open(file)
        except Image.DecompressionBombError:
            raise _too_large(path) from None
        except UnidentifiedImageError:
            raise _unknown(path, data) from None
        except DAMAGED_PICTURE as error:
            raise ImageError(f"cannot be opened: {error}", where=str(path), reason="image.broken") from None


def _unknown(path: Path, data: bytes | None) -> ImageError:
    if data is None:
        with path.open("rb") as file:
            data = file.read(4)
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            what = f"begins as {name} does, but is cut short, damaged or of a layout that Pillow does not read"
            fix = "if tifffile reads it, save its planes as grey pages" if name == "TIFF" else ""
            return ImageError(what, where=str(path), fix=fix, reason="image.broken")
    return ImageError("not a picture of a known kind", where=str(path), reason="image.not_a_picture")


def _too_large(path: Path) -> ImageError:
    return ImageError(
        f"more than {MAX_PIXELS} pixels, or a side over {MAX_SIDE}", where=str(path), reason="image.too_large"
    )


def _load(image: Image.Image, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image.load()
        except DAMAGED_PICTURE as error:
            reason = "image.truncated" if "truncated" in str(error) else "image.broken"
            raise ImageError(f"cannot be decoded whole: {error}", where=str(path), reason=reason) from None


def read_orientation(image: Image.Image, path: Path) -> int:
    """EXIF orientation of an opened picture, 1 to 8.

    Raises:
        ImageError: ``image.exif``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = image.getexif().get(_ORIENTATION_TAG, 1)
        except DAMAGED_PICTURE as error:
            raise ImageError(f"EXIF cannot be read: {error}", where=str(path), reason="image.exif") from None
    return int(found) if found in range(1, 9) else 1


def count_frames(image: Image.Image, path: Path) -> int:
    """Number of frames or pages of an opened picture.

    Raises:
        ImageError: ``image.broken``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return int(getattr(image, "n_frames", 1))
        except DAMAGED_PICTURE as error:
            raise ImageError(f"its frames cannot be found: {error}", where=str(path), reason="image.broken") from None


def _choose_frame(image: Image.Image, path: Path, frame: int) -> dict[str, Any]:
    count = count_frames(image, path)
    if not 0 <= frame < count:
        raise ImageError(f"frame {frame} of {count}", where=str(path), reason="image.frame")
    if frame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                image.seek(frame)
            except DAMAGED_PICTURE as error:
                raise ImageError(f"frame {frame}: {error}", where=str(path), reason="image.broken") from None
        if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
            raise _too_large(path)
    return {"frames": count, "frame": frame} if count > 1 else {}


def _is_deep(image: Image.Image, data: bytes) -> bool:
    """True for colours of more than 8 bits, of which Pillow would keep the upper 8."""
    if image.mode not in {"RGB", "RGBA", "LA"}:
        return False
    if image.format == "JPEG2000":
        start = data.find(_CODESTREAM)
        return start >= 0 and len(data) > start + _DEPTH_AT and data[start + _DEPTH_AT] & 0x7F > 7
    return any("16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def _read_deep(image: Image.Image, data: bytes, path: Path, frame: int) -> tuple[np.ndarray, dict[str, Any]]:
    raw = np.frombuffer(data, np.uint8)
    try:
        if frame and image.format == "TIFF":
            found: Any = cv2.imdecodemulti(raw, cv2.IMREAD_UNCHANGED, None, (frame, frame + 1))[1][0]
        else:
            found = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED)
    except (cv2.error, IndexError) as error:
        raise ImageError(f"cannot be decoded whole: {error}", where=str(path), reason="image.broken") from None
    if found is None or found.shape[:2] != (image.height, image.width) or found.dtype != np.uint16:
        raise ImageError("its 16 bits cannot be decoded", where=str(path), reason="image.broken")
    values, told = np.asarray(found), {"mode": f"{image.mode};16"}
    if values.ndim == 3 and values.shape[2] == 4:
        alpha = values[..., 3:].astype(np.float32) / np.float32(65535)
        opaque = bool((alpha == 1).all())
        told["alpha"] = "opaque, dropped" if opaque else "laid over white"
        colours = values[..., :3]
        if not opaque:
            white = np.float32(65535) * (1 - alpha)
            colours = np.rint(colours.astype(np.float32) * alpha + white).astype(np.uint16)
        values = colours
    if values.ndim == 3:
        values = values[..., ::-1]
    grey = image.mode == "LA" and values.ndim == 3
    return np.ascontiguousarray(values[..., 0] if grey else values), told


def _is_plain(image: Image.Image) -> bool:
    if image.format not in {"PNG", "JPEG"} or image.mode not in {"L", "RGB"} or getattr(image, "n_frames", 1) != 1:
        return False
    return "transparency" not in image.info


def _to_array(image: Image.Image) -> tuple[np.ndarray, dict[str, Any]]:
    told: dict[str, Any] = {}
    if image.mode in _DEEP_MODES:
        values = np.asarray(image)
        return values.astype(values.dtype.newbyteorder("=")), {"mode": image.mode}
    if image.mode in _GREY_MODES:
        return np.asarray(image if image.mode == "L" else image.convert("L")), told
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return _over_white(image, told)
    if image.mode == "RGB":
        return np.asarray(image), told
    if image.mode == "LAB":
        return np.asarray(ImageCms.applyTransform(image, _from_lab())), {"mode": image.mode}
    return np.asarray(image.convert("RGB")), {**told, "mode": image.mode}


@cache
def _from_lab() -> ImageCms.ImageCmsTransform:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB")


def _over_white(image: Image.Image, told: dict[str, Any]) -> tuple[np.ndarray, dict[str, Any]]:
    pixels = np.asarray(image.convert("RGBA"))
    opaque = bool((pixels[..., 3] == 255).all())
    told |= {"mode": image.mode, "alpha": "opaque, dropped" if opaque else "laid over white"}
    if not opaque:
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        pixels = np.asarray(Image.alpha_composite(white, Image.fromarray(pixels)))
    grey = image.mode in {"LA", "La"}
    return np.ascontiguousarray(pixels[..., 0] if grey else pixels[..., :3]), told
