"""A 64-bit fingerprint of what a picture looks like, so that near copies are found without reading pixels again."""

import cv2
import numpy as np


def difference_hash(picture: np.ndarray) -> str:
    """Difference hash of a uint8 picture (H, W) or (H, W, 3): 16 hex digits.

    The picture is averaged to 9 x 8 grey cells; each bit says whether a cell is darker than its right neighbour.
    Re-encoded or resized copies differ in a few bits; rotated or mirrored ones are other pictures.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    cells = _average(_average(grey, 8, axis=0), 9, axis=1)
    bits = np.packbits(cells[:, :-1] < cells[:, 1:])
    return bits.tobytes().hex()


def _average(values: np.ndarray, cells: int, axis: int) -> np.ndarray:
    length = values.shape[axis]
    starts = np.arange(cells) * length // cells
    sizes = np.maximum(np.diff(np.append(starts, length)), 1)
    sums = np.add.reduceat(values, starts, axis=axis, dtype=np.float64 if values.dtype == np.float64 else np.uint32)
    means: np.ndarray = sums / (sizes[:, None] if axis == 0 else sizes)
    return means


def hash_distance(first: str, second: str) -> int:
    """Number of bits in which two fingerprints differ, 0 to 64."""
    return (int(first, 16) ^ int(second, 16)).bit_count()
