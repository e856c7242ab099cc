"""Pictures brought to the sizes a model takes, still as bytes, and from bytes to the numbers it is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gmai.errors import ImageError

if TYPE_CHECKING:
    from torch import Tensor

Picture = npt.NDArray[np.uint8]
"""(height, width, 3), as it is to be seen."""
Fitted = npt.NDArray[np.uint8]
"""(tiles, height, width, 3): one picture in the sizes a model takes."""


def check_picture(picture: Picture) -> None:
    """Refuse what is no picture.

    Raises:
        ImageError: another shape or type.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or 0 in picture.shape:
        found = f"{picture.dtype} {picture.shape}"
        raise ImageError(f"expected a (height, width, 3) uint8 picture, not {found}", reason="image.shape")


def resize(picture: Picture, width: int, height: int, resample: str) -> Picture:
    """Resize with antialiasing; a picture of the right size is left untouched."""
    if picture.shape[:2] == (height, width):
        return picture
    from torch import from_numpy
    from torch.nn.functional import interpolate

    planes = from_numpy(np.require(picture.transpose(2, 0, 1), requirements=("C", "W")))[None]
    fitted = interpolate(planes, size=(height, width), mode=resample, antialias=True, align_corners=False)
    result: Picture = np.ascontiguousarray(fitted[0].numpy().transpose(1, 2, 0))
    return result


def cut_tiles(picture: Picture, columns: int, rows: int, side: int, resample: str) -> list[Picture]:
    """Resize to a grid of square tiles and cut them, row by row."""
    whole = resize(picture, columns * side, rows * side, resample)
    corners = [(row * side, column * side) for row in range(rows) for column in range(columns)]
    return [whole[top : top + side, left : left + side] for top, left in corners]


def pad_square(picture: Picture, colour: Sequence[int]) -> Picture:
    """Pad the shorter side on both ends until the picture is square."""
    height, width = picture.shape[:2]
    side = max(height, width)
    square = np.empty((side, side, 3), np.uint8)
    square[:] = colour
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = picture
    return square


def crop_square(picture: Picture, side: int, resample: str) -> Picture:
    """Bring the shorter side to ``side`` and keep the middle of the longer one."""
    height, width = picture.shape[:2]
    longer = int(side * max(height, width) / min(height, width))
    high, wide = (longer, side) if height > width else (side, longer)
    sized = resize(picture, wide, high, resample)
    top, left = int((high - side) / 2), int((wide - side) / 2)
    return sized[top : top + side, left : left + side]


def to_numbers(fitted: Fitted, mean: Sequence[float], std: Sequence[float], device: str) -> Tensor:
    """(tiles, 3, height, width) float32, less the mean and by the deviation, both of numbers from 0 to 1."""
    import torch

    planes = (
        torch.from_numpy(np.require(fitted, requirements=("C", "W")))
        .to(device)
        .permute(0, 3, 1, 2)
        .contiguous()
        .float()
    )
    low, spread = (torch.tensor(values, device=device)[:, None, None] * 255.0 for values in (mean, std))
    return planes.sub_(low).div_(spread)


def to_patches(planes: Tensor, patch: int, merge: int, frames: int) -> Tensor:
    """Patches of (1, 3, height, width), those that become one token side by side: (patches, 3·frames·patch·patch)."""
    channels, height, width = planes.shape[1:]
    rows, columns = height // patch, width // patch
    split = planes.reshape(channels, rows // merge, merge, patch, columns // merge, merge, patch)
    ordered = split.permute(1, 4, 2, 5, 0, 3, 6)[:, :, :, :, :, None]
    repeated = ordered.expand(*ordered.shape[:5], frames, patch, patch)
    return repeated.reshape(rows * columns, channels * frames * patch * patch)
