"""8-bit pictures to PNG bytes and back; the same pixels always give the same bytes."""

from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from gmai.errors import ImageError

_QUICK = [
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_SUB),
]
"""On scans, run lengths are as small as zlib's quickest matching, and take less time."""


def encode_png(picture: np.ndarray) -> bytes:
    """Encode uint8 pixels (H, W) or RGB (H, W, 3) as PNG without loss, quickly rather than small."""
    stored = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else np.ascontiguousarray(picture)
    done, data = cv2.imencode(".png", stored, _QUICK)
    if not done:
        raise ImageError(f"cannot encode a picture of shape {picture.shape}", reason="image.encode")
    return data.tobytes()


def decode_picture(data: bytes) -> np.ndarray:
    """Decode a picture of a store (8-bit PNG or JPEG) to RGB uint8 of shape (H, W, 3).

    Raises:
        ImageError: the bytes are no whole picture.
    """
    try:
        with Image.open(BytesIO(data)) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageError(f"the stored picture cannot be decoded: {error}", reason="image.broken") from None
