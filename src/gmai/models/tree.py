"""Rows as trees of blocks: a picture prefix with its questions, a question with its options. One layout serves both.

A token sees the tokens before it in its own block and everything in the blocks above, nothing else; positions go on
from the end of the block above. So every path from the root is computed exactly as if it stood alone in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch

from gmai.errors import ModelError
from gmai.models.layouts import PictureLayout

LENGTH_MULTIPLE = 32
"""Rows are padded to a multiple of this. Shapes that come again are computed faster and in far less memory than ever
new ones, since the matrix library keeps what it prepared for each shape."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of tokens hanging on an earlier block of its row.

    ``weights`` has one number per token: how much its prediction counts in the loss; 0 is a token that is only read.
    """

    tokens: tuple[int, ...]
    weights: tuple[float, ...]
    parent: int = -1
    """Position of the block above in the row; -1 for the root."""
    gap: int = 0
    """Positions left free before the block."""
    pictures: tuple[PictureLayout, ...] = ()
    """The pictures whose visual tokens are among the tokens, in order."""

    @classmethod
    def read(cls, tokens: tuple[int, ...], parent: int = -1, pictures: tuple[PictureLayout, ...] = ()) -> Block:
        """A block that is only read."""
        return cls(tokens, (0.0,) * len(tokens), parent, pictures=pictures)

    @classmethod
    def predict(cls, tokens: tuple[int, ...], parent: int, weight: float = 1.0) -> Block:
        """A block whose every token is predicted."""
        return cls(tokens, (weight,) * len(tokens), parent)


@dataclass(frozen=True, slots=True)
class TreeBatch:
    """Rows laid out for one forward pass: B rows, T tokens in the longest, K blocks (last: padding), N predictions."""

    tokens_BT: torch.Tensor
    positions_BT: torch.Tensor
    """(3, B, T) where positions follow the pictures' grids: frame, row and column."""
    block_BT: torch.Tensor
    sees_BKK: torch.Tensor
    """True where the first block's tokens may see the second block."""
    where_N: torch.Tensor
    """Flat index into (B, T) of the token that makes the prediction."""
    target_N: torch.Tensor
    """The token that should come."""
    weight_N: torch.Tensor
    owner_N: torch.Tensor
    """Flat index into (B, K) of the block the target belongs to."""
    num_visual: int | None = None
    """Visual tokens in all rows; None if the blocks do not tell."""

    @property
    def num_tokens(self) -> int:
        """Tokens without padding."""
        return int((self.block_BT < self.sees_BKK.shape[1] - 1).sum())

    def to(self, device: str) -> TreeBatch:
        """The same batch on a device."""
        moved = {field.name: getattr(self, field.name) for field in fields(self)}
        return TreeBatch(**{name: value.to(device) if hasattr(value, "to") else value for name, value in moved.items()})


def lay_out(
    rows: Sequence[Sequence[Block]], pad: int, multiple: int = LENGTH_MULTIPLE, image: int | None = None
) -> TreeBatch:
    """Lay rows of blocks into one batch, padded on the right with ``pad`` to a ``multiple`` of tokens.

    The last token of a block on which nothing hangs is left out of the input: nothing is predicted from it.

    Args:
        rows: trees of blocks.
        pad: the token that fills shorter rows.
        multiple: of tokens.
        image: the visual token; then blocks must tell their pictures, and are held to it.

    Raises:
        ModelError: a block has not as many visual tokens as its pictures take.
    """
    plans = [RowPlan(row, image) for row in rows]
    width = -(-max(len(plan.tokens) for plan in plans) // multiple) * multiple
    num_blocks = max(len(row) for row in rows) + 1
    tokens = np.full((len(rows), width), pad, np.int64)
    positions = np.zeros((max(len(plan.positions) for plan in plans), len(rows), width), np.int64)
    blocks = np.full_like(tokens, num_blocks - 1)
    sees = np.zeros((len(rows), num_blocks, num_blocks), bool)
    sees[:, num_blocks - 1, num_blocks - 1] = True
    for index, plan in enumerate(plans):
        length = len(plan.tokens)
        tokens[index, :length], positions[:, index, :length] = plan.tokens, plan.positions
        blocks[index, :length] = np.repeat(np.arange(len(plan.lengths)), plan.lengths)
        for block, above in enumerate(plan.above):
            sees[index, block, above] = True
    where = [index * width + place for index, plan in enumerate(plans) for place in plan.where]
    owner = [index * num_blocks + block for index, plan in enumerate(plans) for block in plan.owner]
    return TreeBatch(
        tokens_BT=torch.from_numpy(tokens),
        positions_BT=torch.from_numpy(positions if len(positions) > 1 else positions[0]),
        block_BT=torch.from_numpy(blocks),
        sees_BKK=torch.from_numpy(sees),
        where_N=torch.tensor(where, dtype=torch.long),
        target_N=torch.tensor([token for plan in plans for token in plan.target], dtype=torch.long),
        weight_N=torch.tensor([weight for plan in plans for weight in plan.weight], dtype=torch.float32),
        owner_N=torch.tensor(owner, dtype=torch.long),
        num_visual=None if image is None else sum(plan.num_visual for plan in plans),
    )


class RowPlan:
    """One row's tokens in order, with the position of each and the place of every prediction."""

    def __init__(self, row: Sequence[Block], image: int | None) -> None:
        parents = {block.parent for block in row}
        self.tokens: list[int] = []
        self.lengths: list[int] = []
        """Tokens of each block that are read."""
        self.above: list[list[int]] = []
        """For each block those it hangs on, from the root, and itself."""
        self.where: list[int] = []
        self.target: list[int] = []
        self.weight: list[float] = []
        self.owner: list[int] = []
        self.num_visual = 0
        last_place: list[int] = []
        next_position: list[int] = []
        runs: list[npt.NDArray[np.int64]] = []
        for index, block in enumerate(row):
            root = block.parent < 0
            before = -1 if root else last_place[block.parent]
            start = block.gap + (0 if root else next_position[block.parent])
            self.above.append([index] if root else [*self.above[block.parent], index])
            read = len(block.tokens) if index in parents else max(0, len(block.tokens) - 1)
            first = len(self.tokens)
            self._predict(index, block, [before, *range(first, first + len(block.tokens) - 1)])
            self.tokens += block.tokens[:read]
            self.lengths.append(read)
            if image is not None:
                self.num_visual += _check_visual(block, read, image)
            run, end = find_positions(block.tokens[:read], block.pictures, image, start)
            runs.append(run)
            last_place.append(first + read - 1 if read else before)
            next_position.append(end)
        axes = max(len(run) for run in runs)
        self.positions = np.concatenate([np.broadcast_to(run, (axes, run.shape[1])) for run in runs], axis=1)
        """(1, T), or (3, T) where positions follow the pictures' grids."""

    def _predict(self, index: int, block: Block, places: list[int]) -> None:
        for token, weight, place in zip(block.tokens, block.weights, places, strict=False):
            if weight > 0:
                if place < 0:
                    raise ValueError("the first token of a row cannot be predicted")
                self.where.append(place)
                self.target.append(token)
                self.weight.append(weight)
                self.owner.append(index)


def find_positions(
    tokens: Sequence[int], pictures: Sequence[PictureLayout], image: int | None, start: int
) -> tuple[npt.NDArray[np.int64], int]:
    """Positions of a block's tokens from ``start`` on, (1, T) or (3, T), and the position that comes next.

    A picture with a grid has one frame, row and column for each of its tokens, and what follows begins after its
    longer side.
    """
    if image is None or not any(picture.grid for picture in pictures):
        return np.arange(start, start + len(tokens))[None], start + len(tokens)
    visual = np.asarray(tokens) == image
    runs: list[npt.NDArray[np.int64]] = []
    place, position = 0, start
    for picture in pictures:
        text = int(visual[place:].argmax())
        runs.append(np.broadcast_to(np.arange(position, position + text), (3, text)))
        merge = round((picture.patches / picture.tokens) ** 0.5)
        frames, rows, columns = picture.grid or (1, 1, 1)
        grid = np.indices((frames, rows // merge, columns // merge)).reshape(3, -1)
        runs.append(grid + position + text)
        position += text + max(rows, columns) // merge
        place += text + picture.tokens
    rest = len(tokens) - place
    runs.append(np.broadcast_to(np.arange(position, position + rest), (3, rest)))
    return np.concatenate(runs, axis=1), position + rest


def _check_visual(block: Block, read: int, image: int) -> int:
    """The number of a block's visual tokens; it has to be that of its pictures."""
    found = block.tokens[:read].count(image)
    expected = sum(picture.tokens for picture in block.pictures)
    if found != expected:
        what = f"{found} visual tokens in a block whose pictures take {expected}"
        raise ModelError(what, reason="model.visual_tokens")
    return found
