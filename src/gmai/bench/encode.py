"""Pictures to base64 text and back, with the names and the behaviour of VLMEvalKit; and without loss."""

import base64
import binascii
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from gmai.errors import FormatError, ImageError

if TYPE_CHECKING:
    from PIL import Image

_TO_RGB = ("RGBA", "P", "LA", "PA")


def encode_image_to_base64(image: "Image.Image", target_size: int = -1, fmt: str = "JPEG") -> str:
    """Encode a picture as JPEG in base64.

    Pictures with transparency or a palette become RGB, without what was transparent being painted over.

    Args:
        image: a Pillow image; it is left as it is.
        target_size: longest side in pixels, keeping the shape; -1 keeps the size.
        fmt: a format Pillow writes.

    Raises:
        ImageError: the format cannot hold such pixels.
    """
    shown, out = _fit(image, target_size), BytesIO()
    try:
        shown.save(out, format=fmt)
    except (OSError, KeyError, ValueError) as error:
        raise ImageError(f"no {fmt} of a picture in mode {image.mode}: {error}", reason="image.encode") from None
    return base64.b64encode(out.getvalue()).decode("ascii")


def encode_image_file_to_base64(path: Path | str, target_size: int = -1, fmt: str = "JPEG") -> str:
    """Encode the picture of a file; see :func:`encode_image_to_base64`.

    Raises:
        ImageError: the file is no whole picture.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            image.load()
            return encode_image_to_base64(image, target_size, fmt)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageError(f"no whole picture: {error}", where=str(path), reason="image.broken") from None


def decode_base64_to_image(text: str, target_size: int = -1) -> "Image.Image":
    """Decode a picture; with transparency or a palette it becomes RGB.

    Args:
        text: base64 of a picture's file.
        target_size: longest side in pixels, keeping the shape; -1 keeps the size.

    Raises:
        FormatError: not base64.
        ImageError: no whole picture.
    """
    from PIL import Image

    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"not base64: {error}", reason="tsv.image") from None
    try:
        with Image.open(BytesIO(data)) as image:
            image.load()
            return _fit(image, target_size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageError(f"no whole picture: {error}", reason="image.broken") from None


def encode_lossless(image: "Image.Image") -> str:
    """Encode a picture as PNG in base64: decoding gives the same pixels, whatever the mode.

    Raises:
        ImageError: PNG cannot hold such pixels.
    """
    out = BytesIO()
    try:
        image.save(out, format="PNG")
    except (OSError, ValueError) as error:
        raise ImageError(f"no PNG of a picture in mode {image.mode}: {error}", reason="image.encode") from None
    return base64.b64encode(out.getvalue()).decode("ascii")


def _fit(image: "Image.Image", target_size: int) -> "Image.Image":
    shown = image.convert("RGB") if image.mode in _TO_RGB else image.copy()
    if target_size > 0:
        shown.thumbnail((target_size, target_size))
    return shown
