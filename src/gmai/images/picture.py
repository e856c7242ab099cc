"""A two-dimensional picture as shown, and what was done to get there."""

from dataclasses import dataclass

import numpy as np

from gmai.images.codec import encode_png
from gmai.types import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """8-bit grey (H, W) or RGB (H, W, 3) pixels as shown: orientation and window applied."""

    pixels: np.ndarray
    sha256: str
    """Hash of the source file's bytes."""
    steps: tuple[Step, ...] = ()
    orientation: int = 1
    """EXIF orientation that was applied, 1 to 8; 1 changes nothing."""
    window: tuple[float, float] | None = None
    own_bytes: bytes | None = None
    """The file's bytes, where they already are an 8-bit picture as shown."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) as shown."""
        height, width = self.pixels.shape[:2]
        return width, height

    @property
    def stored_size(self) -> tuple[int, int]:
        """(width, height) of the file's own grid, before its orientation was applied."""
        width, height = self.size
        return (height, width) if self.orientation >= 5 else (width, height)

    def encoded(self) -> bytes:
        """Bytes for a store: the file's own, or a PNG."""
        return self.own_bytes if self.own_bytes is not None else encode_png(self.pixels)


def orient(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn pixels (H, W, …) of a file's grid as its EXIF orientation (TIFF 6.0 tag 274) says they are to be shown."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def orient_point(x: float, y: float, orientation: int, size: tuple[int, int]) -> tuple[float, float]:
    """Carry a point of the file's grid to the picture as shown, of (width, height) ``size``; edges, not centres."""
    width, height = size
    if orientation >= 5:
        x, y = y, x
    if orientation in (3, 4, 7, 8):
        y = height - y
    if orientation in (2, 3, 6, 7):
        x = width - x
    return x, y
