"""A 64-bit fingerprint of what a picture looks like, so that near copies are found without reading pixels again."""

from io import BytesIO
from struct import unpack_from

import cv2
import numpy as np
from PIL import Image

from gmai.errors import ImageError
from gmai.images.codec import decode_picture

QUICK_PX = 64
"""A JPEG is decoded at an eighth, a quarter or half its size, as long as its shorter side keeps so many pixels."""
_MOST_ROWS = 2**22
"""Sums of so many bytes fit into 32 bits."""
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of JPEG that the picture's size follows."""
_REDUCED = {
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
}


def difference_hash(picture: np.ndarray) -> str:
    """Difference hash of a uint8 picture (H, W) or (H, W, 3): 16 hex digits.

    The picture is averaged to 9 x 8 grey cells; each bit says whether a cell is darker than its right neighbour.
    Re-encoded or resized copies differ in a few bits; rotated or mirrored ones are other pictures.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    cells = _average(_average(grey, 8, axis=0), 9, axis=1)
    bits = np.packbits(cells[:, :-1] < cells[:, 1:])
    return bits.tobytes().hex()


def hash_picture(data: bytes) -> str:
    """Difference hash of an encoded picture, without decoding a large JPEG at its full size.

    Of PNG it equals :func:`difference_hash` of the picture. Of JPEG, whose grey and averages then come from the
    decoder, bits may differ where neighbouring cells are nearly equal: see ``docs/measured.md`` for how many.

    Raises:
        ImageError: the bytes are no whole picture.
    """
    if data[:2] == b"\xff\xd8":
        width, height = _size(data)
        times = next((each for each in _REDUCED if min(width, height) >= each * QUICK_PX), 0)
        flags = _REDUCED.get(times, 0) | cv2.IMREAD_IGNORE_ORIENTATION
        found = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if times else None
        if found is not None:
            rows = _average_reduced(found.astype(np.float64), 8, height / times, height)
            cells = _average_reduced(rows.T, 9, width / times, width).T
            return np.packbits(np.diff(cells, axis=1) > 0).tobytes().hex()
    return difference_hash(decode_picture(data))


def _size(data: bytes) -> tuple[int, int]:
    """(width, height) of a JPEG, from the first frame's header where it lies in order before the coded data."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF and 0xC0 <= data[at + 1] < 0xFF:
        if data[at + 1] in _FRAMES:
            height, width = unpack_from(">HH", data, at + 5)
            if width and height:
                return width, height
            break
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    try:
        with Image.open(BytesIO(data)) as image:
            return image.size
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageError(f"the picture cannot be opened: {error}", reason="image.broken") from None


def _average_reduced(values: np.ndarray, cells: int, end: float, length: int) -> np.ndarray:
    """Means along the first axis of a reduced picture, over the same cells as at its full length."""
    edges = np.append(np.arange(cells) * length // cells, length) * (end / length)
    sums = np.vstack([np.zeros(values.shape[1]), np.cumsum(values, axis=0)])
    below = np.minimum(edges.astype(int), len(values) - 1)
    at_edges = sums[below] + (edges - below)[:, None] * values[below]
    means: np.ndarray = np.diff(at_edges, axis=0) / np.diff(edges)[:, None]
    return means


def _average(values: np.ndarray, cells: int, axis: int) -> np.ndarray:
    length = values.shape[axis]
    starts = np.arange(cells) * length // cells
    if axis == 0 and values.dtype == np.uint8 and cells <= length < _MOST_ROWS:
        return _average_bytes(values, starts)
    sizes = np.maximum(np.diff(np.append(starts, length)), 1)
    sums = np.add.reduceat(values, starts, axis=axis, dtype=np.float64 if values.dtype == np.float64 else np.uint32)
    means: np.ndarray = sums / (sizes[:, None] if axis == 0 else sizes)
    return means


def _average_bytes(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """As :func:`_average` along the first axis, of bytes, in a tenth of the time."""
    edges = np.append(starts, len(values))
    bands = [values[start:end] for start, end in zip(edges[:-1], edges[1:], strict=True)]
    sums = np.vstack([cv2.reduce(band, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S) for band in bands])
    means: np.ndarray = sums / np.diff(edges)[:, None]
    return means


def hash_distance(first: str, second: str) -> int:
    """Number of bits in which two fingerprints differ, 0 to 64."""
    return (int(first, 16) ^ int(second, 16)).bit_count()
