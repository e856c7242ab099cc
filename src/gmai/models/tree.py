"""Rows as trees of blocks: a picture prefix with its questions, a question with its options. One layout serves both.

A token sees the tokens before it in its own block and everything in the blocks above, nothing else; positions go on
from the end of the block above. So every path from the root is computed exactly as if it stood alone in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

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

    @classmethod
    def read(cls, tokens: tuple[int, ...], parent: int = -1) -> Block:
        """A block that is only read."""
        return cls(tokens, (0.0,) * len(tokens), parent)

    @classmethod
    def predict(cls, tokens: tuple[int, ...], parent: int, weight: float = 1.0) -> Block:
        """A block whose every token is predicted."""
        return cls(tokens, (weight,) * len(tokens), parent)


@dataclass(frozen=True, slots=True)
class TreeBatch:
    """Rows laid out for one forward pass: B rows, T tokens in the longest, K blocks (last: padding), N predictions."""

    tokens_BT: torch.Tensor
    positions_BT: torch.Tensor
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

    @property
    def num_tokens(self) -> int:
        """Tokens without padding."""
        return int((self.block_BT < self.sees_BKK.shape[1] - 1).sum())

    def to(self, device: str) -> TreeBatch:
        """The same batch on a device."""
        return TreeBatch(*(getattr(self, name).to(device) for name in self.__slots__))


def lay_out(rows: Sequence[Sequence[Block]], pad: int, multiple: int = LENGTH_MULTIPLE) -> TreeBatch:
    """Lay rows of blocks into one batch, padded on the right with ``pad`` to a ``multiple`` of tokens.

    The last token of a block on which nothing hangs is left out of the input: nothing is predicted from it.
    """
    plans = [_Plan(row) for row in rows]
    width = -(-max(len(plan.tokens) for plan in plans) // multiple) * multiple
    num_blocks = max(len(row) for row in rows) + 1
    tokens = np.full((len(rows), width), pad, np.int64)
    positions = np.zeros_like(tokens)
    blocks = np.full_like(tokens, num_blocks - 1)
    sees = np.zeros((len(rows), num_blocks, num_blocks), bool)
    sees[:, num_blocks - 1, num_blocks - 1] = True
    for index, plan in enumerate(plans):
        length = len(plan.tokens)
        tokens[index, :length], positions[index, :length] = plan.tokens, plan.positions
        blocks[index, :length] = plan.blocks
        for block, above in enumerate(plan.above):
            sees[index, block, above] = True
    where = [index * width + place for index, plan in enumerate(plans) for place in plan.where]
    owner = [index * num_blocks + block for index, plan in enumerate(plans) for block in plan.owner]
    return TreeBatch(
        tokens_BT=torch.from_numpy(tokens),
        positions_BT=torch.from_numpy(positions),
        block_BT=torch.from_numpy(blocks),
        sees_BKK=torch.from_numpy(sees),
        where_N=torch.tensor(where, dtype=torch.long),
        target_N=torch.tensor([token for plan in plans for token in plan.target], dtype=torch.long),
        weight_N=torch.tensor([weight for plan in plans for weight in plan.weight], dtype=torch.float32),
        owner_N=torch.tensor(owner, dtype=torch.long),
    )


class _Plan:
    """One row's tokens in order, with the place of every prediction."""

    def __init__(self, row: Sequence[Block]) -> None:
        parents = {block.parent for block in row}
        self.tokens: list[int] = []
        self.positions: list[int] = []
        self.blocks: list[int] = []
        self.above: list[list[int]] = []
        self.where: list[int] = []
        self.target: list[int] = []
        self.weight: list[float] = []
        self.owner: list[int] = []
        last_place: list[int] = []
        next_position: list[int] = []
        for index, block in enumerate(row):
            root = block.parent < 0
            before = -1 if root else last_place[block.parent]
            start = block.gap + (0 if root else next_position[block.parent])
            self.above.append([index] if root else [*self.above[block.parent], index])
            read = len(block.tokens) if index in parents else max(0, len(block.tokens) - 1)
            first = len(self.tokens)
            self._predict(index, block, [before, *range(first, first + len(block.tokens) - 1)])
            self.tokens += block.tokens[:read]
            self.positions += range(start, start + read)
            self.blocks += [index] * read
            last_place.append(first + read - 1 if read else before)
            next_position.append(start + read)

    def _predict(self, index: int, block: Block, places: list[int]) -> None:
        for token, weight, place in zip(block.tokens, block.weights, places, strict=False):
            if weight > 0:
                if place < 0:
                    raise ValueError("the first token of a row cannot be predicted")
                self.where.append(place)
                self.target.append(token)
                self.weight.append(weight)
                self.owner.append(index)
