"""Pictures and index masks as PNG files."""

import cv2
import numpy as np


def encode_png(pixels: np.ndarray) -> bytes:
    """Encode uint8 pixels (height, width) or RGB (height, width, 3) without loss."""
    stored = pixels[..., ::-1] if pixels.ndim == 3 else pixels
    done, data = cv2.imencode(".png", stored, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    assert done
    return data.tobytes()
