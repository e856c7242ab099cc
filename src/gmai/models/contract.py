"""The visual contract: how a picture becomes what a model sees. Training and evaluation use this one function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gmai.base import digest, from_dict, read_json, to_dict, write_json
from gmai.errors import ModelError
from gmai.models.fitting import (
    Fitted,
    Picture,
    check_picture,
    crop_square,
    cut_tiles,
    pad_square,
    resize,
    to_numbers,
    to_patches,
)
from gmai.models.layouts import PictureLayout, native_size, tile_grid
from gmai.types import record

if TYPE_CHECKING:
    from torch import Tensor

CONTRACT_FILE = "visual_contract.json"
_ALWAYS = ("mean", "std", "resample", "order")
_SQUARE = ("image_px", "tokens_per_image")
_MATTERS = {
    "square": _SQUARE,
    "tiles": (*_SQUARE, "kind", "min_tiles", "max_tiles", "thumbnail", "shared_tiles"),
    "native": ("kind", "patch_px", "merge", "frames", "min_pixels", "max_pixels"),
}
"""What of a contract can change a number, by its kind."""


@record
class VisualContract:
    """Everything that decides which numbers a picture becomes; saved with the model and hashed."""

    kind: Literal["square", "tiles", "native"] = "square"
    """``square``: one square picture; ``tiles``: a grid of square tiles of the picture's shape, and a thumbnail;
    ``native``: the picture's own size, rounded."""
    image_px: int = 0
    """Side of the square picture or tile the vision encoder takes."""
    tokens_per_image: int = 0
    """Visual tokens that stand for one square picture or tile in the prompt."""
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    """Subtracted from red, green and blue, which run from 0 to 1."""
    std: tuple[float, float, float] = (0.25, 0.25, 0.25)
    """Divisor after that."""
    resample: Literal["bicubic", "bilinear"] = "bicubic"
    """Filter for other sizes, with antialiasing; a picture of the right size is left untouched."""
    order: Literal["pictures-first"] = "pictures-first"
    """Where pictures stand in a turn."""
    squaring: Literal["stretch", "pad", "crop"] = "stretch"
    """``square``: how another shape becomes square: stretched, padded with the mean colour, or its middle taken."""
    min_tiles: int = 1
    """``tiles``: fewest tiles of a picture."""
    max_tiles: int = 12
    """``tiles``: most tiles of a picture, the thumbnail not counted."""
    thumbnail: bool = True
    """``tiles``: the whole picture comes after its tiles, if there are several."""
    shared_tiles: bool = False
    """``tiles``: pictures of one row share ``max_tiles`` evenly, as InternVL's own code has it; transformers'
    processors, and servers that follow them, give each of them all, and their files cannot say otherwise."""
    patch_px: int = 0
    """Side of a patch of the vision encoder; of a ``square`` or of ``tiles`` it counts patches and no more."""
    merge: int = 2
    """``native``: rows and columns of patches that become one token."""
    frames: int = 2
    """``native``: a still picture is seen as so many equal frames."""
    min_pixels: int = 56 * 56
    """``native``: smaller pictures are enlarged."""
    max_pixels: int = 28 * 28 * 1280
    """``native``: larger pictures are reduced."""

    @property
    def hash(self) -> str:
        """SHA-256 of what can change a number."""
        data = to_dict(self)
        names = [*_MATTERS[self.kind], *_ALWAYS]
        if self.kind == "square" and self.squaring != "stretch":
            names.append("squaring")
        return digest({name: data[name] for name in names})

    def layout(self, width: int, height: int, pictures: int = 1) -> PictureLayout:
        """What a picture of this size takes; ``pictures`` is how many its row has.

        Raises:
            ImageError: no such picture can be fitted.
        """
        if self.kind == "native":
            wide, high = native_size(width, height, self.patch_px * self.merge, self.min_pixels, self.max_pixels)
            rows, columns = high // self.patch_px, wide // self.patch_px
            return PictureLayout(1, rows * columns // self.merge**2, rows * columns, (1, rows, columns))
        tiles = self._tiles(width, height, pictures)
        patches = (self.image_px // self.patch_px) ** 2 if self.patch_px else 0
        return PictureLayout(tiles, tiles * self.tokens_per_image, tiles * patches)

    @property
    def most_tokens(self) -> int:
        """Visual tokens of the largest picture."""
        if self.kind == "native":
            return self.max_pixels // (self.patch_px * self.merge) ** 2
        tiles = self.max_tiles + (self.thumbnail and self.max_tiles > 1) if self.kind == "tiles" else 1
        return tiles * self.tokens_per_image

    def fit(self, picture: Picture, pictures: int = 1) -> Fitted:
        """Bring a (height, width, 3) uint8 picture to the sizes the model takes, (tiles, height, width, 3) uint8.

        Args:
            picture: the picture.
            pictures: how many its row has.

        Raises:
            ImageError: another shape or type.
        """
        check_picture(picture)
        height, width = picture.shape[:2]
        if self.kind == "native":
            size = native_size(width, height, self.patch_px * self.merge, self.min_pixels, self.max_pixels)
            return resize(picture, *size, self.resample)[None]
        side = self.image_px
        if self.kind == "square":
            if self.squaring == "crop":
                return crop_square(picture, side, self.resample)[None]
            if self.squaring == "pad":
                picture = pad_square(picture, [int(value * 255) for value in self.mean])
            return resize(picture, side, side, self.resample)[None]
        columns, rows = self._grid(width, height, pictures)
        tiles = cut_tiles(picture, columns, rows, side, self.resample)
        if self.thumbnail and len(tiles) > 1:
            tiles.append(resize(picture, side, side, self.resample))
        return np.stack(tiles)

    def normalise(self, fitted: Sequence[Fitted], device: str = "cpu") -> dict[str, Tensor]:
        """The model's inputs for fitted pictures in order, float32; none of them gives tensors without a row.

        ``pixel_values`` is (tiles, 3, side, side), or patches and, in ``image_grid_thw``, the grid of each picture.
        """
        import torch

        planes = [to_numbers(picture, self.mean, self.std, device) for picture in fitted]
        if self.kind != "native":
            empty = torch.zeros(0, 3, self.image_px, self.image_px, device=device)
            return {"pixel_values": torch.cat(planes) if planes else empty}
        patch = self.patch_px
        grids = [(1, picture.shape[1] // patch, picture.shape[2] // patch) for picture in fitted]
        rows = [to_patches(picture, patch, self.merge, self.frames) for picture in planes]
        empty = torch.zeros(0, 3 * self.frames * patch * patch, device=device)
        grid_thw = torch.tensor(grids, dtype=torch.long, device=device).reshape(-1, 3)
        return {"pixel_values": torch.cat(rows) if rows else empty, "image_grid_thw": grid_thw}

    def pixels(self, pictures: Sequence[Picture], device: str = "cpu") -> dict[str, Tensor]:
        """The model's inputs for the pictures of one row, (height, width, 3) uint8 of any size."""
        return self.normalise([self.fit(picture, len(pictures)) for picture in pictures], device)

    def _tiles(self, width: int, height: int, pictures: int) -> int:
        if self.kind == "square":
            return 1
        columns, rows = self._grid(width, height, pictures)
        tiles = columns * rows
        return tiles + (self.thumbnail and tiles > 1)

    def _grid(self, width: int, height: int, pictures: int) -> tuple[int, int]:
        most = max(1, self.max_tiles // max(1, pictures)) if self.shared_tiles else self.max_tiles
        return tile_grid(width, height, self.image_px, min(self.min_tiles, most), most)


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
    data: dict[str, Any] = read_json(path)
    stated = data.pop("hash", None)
    contract = from_dict(VisualContract, data, where=str(path), error=ModelError)
    if stated != contract.hash:
        raise ModelError("the visual contract does not match its hash", where=str(path), reason="model.contract")
    needed = ("patch_px", "merge", "frames") if contract.kind == "native" else _SQUARE
    missing = [name for name in needed if getattr(contract, name) < 1]
    if missing:
        what = f"a contract of kind {contract.kind} without {' and '.join(missing)}"
        raise ModelError(what, where=str(path), reason="model.contract")
    return contract
