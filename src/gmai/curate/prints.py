"""What a picture looks like, in a form that survives copying: a hash of its coarse structure and a small grey picture.

The hash says for each of 63 slow waves of a picture (a cosine transform of 32 x 32 pixels) whether it is stronger than
the middle one. Of the same picture it is also taken as it would look mirrored, turned upside down, inverted, cut to its
middle or trimmed of a dark border, so that such copies are found too.
"""

from typing import NamedTuple

import cv2
import numpy as np

from gmai.curate.points import POINT, find_points

GRID_PX = 32
THUMB_PX = 64
_WORK_PX = 256
_WAVES = 8
FLAT = 4.0
"""Standard deviation of grey below which a picture shows nothing that could be recognised."""
_DARK = 12
"""Grey up to which a border counts as dark."""
_ALL = np.uint64((1 << 64) - 2)
"""Every bit of a hash; the last is never used."""
SHARES = (0.95, 0.9, 0.875, 0.85, 0.8)
"""How much of each side the cuts to the middle keep."""
VARIANTS = (
    *("as it is", "mirrored", "upside down", "half turned", "inverted", "trimmed", "middle square"),
    *(f"middle {share:.1%}" for share in SHARES),
)
"""Names of the forms a picture is hashed in, in the order of :attr:`Print.hashes`."""
TURNED = ("mirrored", "upside down", "half turned")
_ROWS, _COLUMNS = np.mgrid[:_WAVES, :_WAVES]
_MIRRORED, _UPSIDE = 1 - 2 * (_COLUMNS % 2), 1 - 2 * (_ROWS % 2)


class Print(NamedTuple):
    """Fingerprint of one picture."""

    hashes: np.ndarray
    """uint64, one for each of :data:`VARIANTS`."""
    boxes: np.ndarray
    """float32 (variants, 4): the part of the picture each form shows, xyxy as shares of width and height."""
    thumb: np.ndarray
    """uint8 (64, 64) grey."""
    points: np.ndarray
    """What a piece cut out of it is told by, see :mod:`gmai.curate.points`."""
    flat: bool
    """True if there is nothing to recognise: such a picture is compared by its bytes alone."""


def print_picture(pixels: np.ndarray, points: bool = True) -> Print:
    """Fingerprint a picture, RGB uint8 (H, W, 3), with or without its points."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    thumb = _resize(grey, THUMB_PX)
    small = grey if max(grey.shape) <= _WORK_PX else _shrink(grey)
    waves = _find_waves(small)
    turned = [_hash(waves * sign) for sign in (1, _MIRRORED, _UPSIDE, _MIRRORED * _UPSIDE)]
    boxes = [_trim_box(small), _square_box(small), *(_middle_box(share) for share in SHARES)]
    cuts = [turned[0] if _is_whole(box) else _hash(_find_waves(_cut(small, box))) for box in boxes]
    hashes = np.array([*turned, turned[0] ^ _ALL, *cuts], np.uint64)
    whole = [(0.0, 0.0, 1.0, 1.0)] * (len(turned) + 1)
    flat = float(thumb.std()) < FLAT
    found = find_points(small) if points and not flat else np.empty(0, POINT)
    return Print(hashes, np.array([*whole, *boxes], np.float32), thumb, found, flat)


def compare_thumbs(first: np.ndarray, second: np.ndarray, variant: str, box: np.ndarray) -> float:
    """How alike two pictures are in their details, -1 to 1; different pictures of one kind seldom reach 0.6.

    Args:
        first: thumbnail of a picture as it is.
        second: thumbnail of the other.
        variant: the form in which the other's hash came near.
        box: the part of the other picture that form shows.
    """
    if not _is_whole(tuple(box)):
        second = _cut(second, tuple(box))
        first = cv2.resize(first, second.shape[::-1], interpolation=cv2.INTER_AREA)
    return compare_details(find_details(first), find_details(second), variant)


def compare_details(first: np.ndarray, second: np.ndarray, variant: str) -> float:
    """The same of the details of whole pictures, which look the same turned or inverted."""
    if variant in TURNED:
        second = second[::-1] if variant != "mirrored" else second
        second = second[:, ::-1] if variant != "upside down" else second
    likeness = float(np.vdot(first, second))
    return -likeness if variant == "inverted" else likeness


def find_details(thumb: np.ndarray) -> np.ndarray:
    """Fine structure with its contrast made even, its squares adding up to 1: windows and light change it little."""
    grey = thumb.astype(np.float32)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 3)
    contrast = np.sqrt(cv2.GaussianBlur(fine * fine, (0, 0), 3))
    details = fine / (contrast + 6)
    details -= details.mean()
    length = float(np.linalg.norm(details))
    scaled: np.ndarray = details / length if length > 0 else details
    return scaled


def _find_waves(grey: np.ndarray) -> np.ndarray:
    waves: np.ndarray = cv2.dct(_resize(grey, GRID_PX).astype(np.float32))[:_WAVES, :_WAVES]
    return waves


def _hash(waves: np.ndarray) -> np.uint64:
    strengths = waves.ravel()[1:]
    bits = np.append(strengths > np.median(strengths), False)
    return np.uint64(int.from_bytes(np.packbits(bits).tobytes(), "big"))


def _resize(grey: np.ndarray, size: int) -> np.ndarray:
    resized: np.ndarray = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
    return resized


def _shrink(grey: np.ndarray) -> np.ndarray:
    scale = _WORK_PX / max(grey.shape)
    size = [max(round(side * scale), 1) for side in grey.shape[::-1]]
    shrunk: np.ndarray = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return shrunk


def _is_whole(box: tuple[float, ...]) -> bool:
    return tuple(box) == (0, 0, 1, 1)


def _cut(grey: np.ndarray, box: tuple[float, ...]) -> np.ndarray:
    height, width = grey.shape
    left, right = round(box[0] * width), round(box[2] * width)
    top, bottom = round(box[1] * height), round(box[3] * height)
    return grey[top : max(bottom, top + 1), left : max(right, left + 1)]


def _middle_box(share: float) -> tuple[float, float, float, float]:
    edge = (1 - share) / 2
    return edge, edge, 1 - edge, 1 - edge


def _square_box(grey: np.ndarray) -> tuple[float, float, float, float]:
    height, width = grey.shape
    x, y = max(0.0, 1 - height / width) / 2, max(0.0, 1 - width / height) / 2
    return x, y, 1 - x, 1 - y


def _trim_box(grey: np.ndarray) -> tuple[float, float, float, float]:
    """The part inside a dark border; the whole picture where it has none, or nothing else."""
    height, width = grey.shape
    rows, columns = (np.flatnonzero(grey.max(axis=axis) > _DARK) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return 0.0, 0.0, 1.0, 1.0
    return columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height
