"""The visual contract: how a picture becomes what a model sees. Training and evaluation use this one function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from gmai.base import digest, from_dict, read_json, to_dict, write_json
from gmai.errors import ImageError, ModelError
from gmai.types import record

if TYPE_CHECKING:
    from torch import Tensor

CONTRACT_FILE = "visual_contract.json"


@record
class VisualContract:
    """Everything that decides which numbers a picture becomes; saved with the model and hashed."""

    image_px: int
    """Side of the square picture the vision encoder takes; pictures are stretched to it."""
    tokens_per_image: int
    """Visual tokens that stand for one picture in the prompt."""
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    """Subtracted from red, green and blue, which run from 0 to 1."""
    std: tuple[float, float, float] = (0.25, 0.25, 0.25)
    """Divisor after that."""
    resample: Literal["bicubic"] = "bicubic"
    """Filter for other sizes, with antialiasing; a picture of the right size is left untouched."""
    order: Literal["pictures-first"] = "pictures-first"
    """Where pictures stand in a turn."""

    @property
    def hash(self) -> str:
        """SHA-256 of the contract's content."""
        return digest(to_dict(self))

    def fit(self, picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Bring a (height, width, 3) uint8 picture to (image_px, image_px, 3), still uint8.

        Raises:
            ImageError: another shape or type.
        """
        from torch import from_numpy
        from torch.nn.functional import interpolate

        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or 0 in picture.shape:
            found = f"{picture.dtype} {picture.shape}"
            raise ImageError(f"expected a (height, width, 3) uint8 picture, not {found}", reason="image.shape")
        side = self.image_px
        if picture.shape[:2] == (side, side):
            return picture
        planes = from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]
        fitted = interpolate(planes, size=(side, side), mode=self.resample, antialias=True, align_corners=False)
        result: npt.NDArray[np.uint8] = np.ascontiguousarray(fitted[0].numpy().transpose(1, 2, 0))
        return result

    def normalise(self, fitted: Sequence[npt.NDArray[np.uint8]]) -> Tensor:
        """Stack fitted pictures into a float32 tensor (pictures, 3, image_px, image_px)."""
        import torch

        pixels = torch.from_numpy(np.stack(fitted)).permute(0, 3, 1, 2).float() / 255
        mean, std = (torch.tensor(values)[None, :, None, None] for values in (self.mean, self.std))
        return ((pixels - mean) / std).contiguous()

    def pixels(self, pictures: Sequence[npt.NDArray[np.uint8]]) -> Tensor:
        """Turn (height, width, 3) uint8 pictures of any size into the model's input (pictures, 3, side, side)."""
        return self.normalise([self.fit(picture) for picture in pictures])


def write_contract(contract: VisualContract, folder: Path) -> None:
    """Write the contract and its hash into a model folder."""
    write_json(folder / CONTRACT_FILE, {**to_dict(contract), "hash": contract.hash})


def read_contract(folder: Path) -> VisualContract:
    """Read the contract of a model folder.

    Raises:
        ModelError: there is none, or it was changed after it was written.
    """
    path = folder / CONTRACT_FILE
    if not path.exists():
        raise ModelError("the model has no visual contract", where=str(path), reason="model.contract")
    data = read_json(path)
    stated = data.pop("hash", None)
    contract = from_dict(VisualContract, data, where=str(path), error=ModelError)
    if stated != contract.hash:
        raise ModelError("the visual contract does not match its hash", where=str(path), reason="model.contract")
    return contract
