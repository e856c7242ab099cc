"""Rows packed into one line of tokens without padding, and the paths of attention: each block and what it hangs on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from gmai.models.tree import Block, RowPlan

Indices = npt.NDArray[np.int64]
ALIKE = 1.25
"""Blocks computed together differ at most by this factor in length, in what they read and in what they see."""
RUN = 256
"""Tokens whose scores are one table."""


@dataclass(frozen=True)
class Paths:
    """Who sees whom in one line of tokens. Each block is a sequence: its tokens ask, it and those above answer.

    A block's keys are those of the blocks it hangs on, from the root, then its own; within its own it sees what came
    before. Isolation between branches and between rows rests on these ranges alone.
    """

    starts: tuple[int, ...]
    """Place of each block in the line; blocks of which nothing is read are left out."""
    lengths: tuple[int, ...]
    above: tuple[tuple[int, ...], ...]
    """For each block the blocks it sees, itself last."""
    device: str = "cpu"

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """For each block how many tokens it sees."""
        return tuple(sum(self.lengths[block] for block in above) for above in self.above)

    @property
    def apart(self) -> bool:
        """True if no block sees another: keys are the line as it is."""
        return self.keys == self.lengths

    @cached_property
    def key_K(self) -> torch.Tensor:
        """Places of all keys, block after block."""
        return self._put(np.concatenate([self.keys_of(block) for block in range(len(self.starts))]))

    @cached_property
    def cu_q(self) -> torch.Tensor:
        """Where each block's tokens begin, and the end of the last."""
        return self._put(np.cumsum([0, *self.lengths]), torch.int32)

    @cached_property
    def cu_k(self) -> torch.Tensor:
        """Where each block's keys begin in ``key_K``, and the end of the last."""
        return self._put(np.cumsum([0, *self.keys]), torch.int32)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Blocks of about one shape, padded to each other."""
        order = sorted(range(len(self.starts)), key=lambda block: (self.keys[block], self.lengths[block]))
        groups: list[list[int]] = []
        for block in order:
            first = groups[-1][0] if groups else block
            near = self.keys[block] <= ALIKE * self.keys[first]
            ratio = self.lengths[block] / self.lengths[first]
            if groups and near and 1 / ALIKE <= ratio <= ALIKE:
                groups[-1].append(block)
            else:
                groups.append([block])
        return tuple(self._group(blocks) for blocks in groups)

    @cached_property
    def asked(self) -> torch.Tensor:
        """Places of the tokens of all groups, one after the other."""
        return torch.cat([group.query_GQ.flatten() for group in self.groups])

    @cached_property
    def seen(self) -> torch.Tensor:
        """Places of what the groups see, one after the other."""
        return torch.cat([group.key_GK.flatten() for group in self.groups])

    @cached_property
    def back_T(self) -> torch.Tensor:
        """For each token of the line its place among the results of the groups, one after the other."""
        place = np.zeros(sum(self.lengths), np.int64)
        offset = 0
        for group in self.groups:
            for number, block in enumerate(group.blocks):
                start = offset + number * group.width
                place[self.starts[block] : self.starts[block] + self.lengths[block]] = np.arange(
                    start, start + self.lengths[block]
                )
            offset += len(group.blocks) * group.width
        return self._put(place)

    @cached_property
    def flex_mask(self) -> Any:
        """The same as a block mask of flex attention."""
        from torch.nn.attention.flex_attention import create_block_mask

        sees = np.zeros((len(self.starts), len(self.starts)), bool)
        for block, above in enumerate(self.above):
            sees[block, list(above)] = True
        block_T = self._put(np.repeat(np.arange(len(self.starts)), self.lengths))
        sees_KK = self._put(sees, torch.bool)

        def allowed(_batch: Any, _head: Any, ask: torch.Tensor, answer: torch.Tensor) -> torch.Tensor:
            return (ask >= answer) & sees_KK[block_T[ask], block_T[answer]]

        return create_block_mask(allowed, None, None, len(block_T), len(block_T), device=self.device)

    def keys_of(self, block: int) -> Indices:
        """Places of what a block sees."""
        ranges = [np.arange(self.starts[seen], self.starts[seen] + self.lengths[seen]) for seen in self.above[block]]
        return np.concatenate(ranges)

    def to(self, device: str) -> Paths:
        """The same paths; what is computed from them lies on the device."""
        return replace(self, device=device)

    def _put(self, values: npt.NDArray[Any], dtype: torch.dtype = torch.long) -> torch.Tensor:
        return torch.from_numpy(values).to(self.device, dtype)

    def _group(self, blocks: Sequence[int]) -> Group:
        width, seen = max(self.lengths[block] for block in blocks), max(self.keys[block] for block in blocks)
        query = np.zeros((len(blocks), width), np.int64)
        key = np.zeros((len(blocks), seen), np.int64)
        for number, block in enumerate(blocks):
            length = self.lengths[block]
            query[number, :length] = np.arange(self.starts[block], self.starts[block] + length)
            key[number, : self.keys[block]] = self.keys_of(block)
        shapes = {(self.lengths[block], self.keys[block]) for block in blocks}
        lengths, keys = np.array([(self.lengths[block], self.keys[block]) for block in blocks])[
            :, :, None, None
        ].swapaxes(0, 1)
        if len(shapes) == 1:
            lengths, keys = lengths[:1], keys[:1]
        ask, answer = np.arange(width)[None, :, None], np.arange(seen)[None, None]
        allowed = answer <= np.minimum(ask, lengths - 1) + keys - lengths
        ends = [min(first + RUN, width) for first in range(0, width, RUN)]
        reach = allowed.any(0).shape[1] - allowed.any(0)[:, ::-1].argmax(1)
        runs = tuple((max(0, end - 1) // RUN * RUN, end, int(reach[:end].max())) for end in ends)
        table = torch.from_numpy(allowed)[:, None].to(self.device)
        return Group(tuple(blocks), width, self._put(query), self._put(key), table, runs)


@dataclass(frozen=True)
class Group:
    """Blocks computed as one batch, G of them."""

    blocks: tuple[int, ...]
    width: int
    query_GQ: torch.Tensor
    """Places of their tokens; 0 where a block is shorter."""
    key_GK: torch.Tensor
    """Places of what they see; 0 where they see less."""
    allowed_G1QK: torch.Tensor
    """True where a token may look; one table for all if their shapes are one."""
    runs: tuple[tuple[int, int, int], ...]
    """Runs of tokens, first and one after the last, and how many keys any of them sees."""
    biases: dict[torch.dtype, torch.Tensor] = field(default_factory=dict)

    def bias(self, dtype: torch.dtype) -> torch.Tensor:
        """Added to scores: 0 where a token may look, elsewhere the lowest number."""
        if dtype not in self.biases:
            nothing = torch.zeros((), dtype=dtype, device=self.allowed_G1QK.device)
            self.biases[dtype] = torch.where(self.allowed_G1QK, nothing, torch.finfo(dtype).min)
        return self.biases[dtype]


@dataclass(frozen=True)
class PackedBatch:
    """Rows in one line for one forward pass: T tokens, K blocks, N predictions."""

    tokens_BT: torch.Tensor
    """(1, T)."""
    positions_BT: torch.Tensor
    """(1, T), restarting with each row, or (3, 1, T) where positions follow the pictures' grids."""
    where_N: torch.Tensor
    """Place of the token that makes the prediction."""
    target_N: torch.Tensor
    """The token that should come."""
    weight_N: torch.Tensor
    owner_N: torch.Tensor
    """The block the target belongs to, counted over all rows."""
    row_K: torch.Tensor
    """The row of each block."""
    paths: Paths
    num_visual: int | None = None
    """Visual tokens in all rows; None if the blocks do not tell."""

    filled: int = 0
    """Tokens at the end that stand for nothing."""

    @property
    def num_tokens(self) -> int:
        """Tokens of all rows."""
        return int(self.tokens_BT.shape[1]) - self.filled

    def to(self, device: str) -> PackedBatch:
        """The same batch on a device."""
        moved = {field.name: getattr(self, field.name) for field in fields(self)}
        return PackedBatch(
            **{name: value.to(device) if hasattr(value, "to") else value for name, value in moved.items()}
        )


def pack_rows(rows: Sequence[Sequence[Block]], image: int | None = None, fill: int | None = None) -> PackedBatch:
    """Put all rows into one line, without padding; no row sees another, and positions restart with each.

    Args:
        rows: trees of blocks.
        image: the visual token; then blocks must tell their pictures, and are held to it.
        fill: a token with which the line is filled up to the next of a few lengths, by a sixteenth at most, as a row
            of its own. Processors keep what they prepared for each length.

    Raises:
        ModelError: a block has not as many visual tokens as its pictures take.
    """
    plans = [RowPlan(row, image) for row in rows]
    filled = 0
    if fill is not None:
        length = sum(len(plan.tokens) for plan in plans)
        multiple = 1 << max(0, length.bit_length() - 5)
        filled = -length % multiple
        if filled:
            plans.append(RowPlan([Block.read((fill,) * (filled + 1))], None))
    first_place = [0, *accumulate(len(plan.tokens) for plan in plans)]
    first_block = [0, *accumulate(len(plan.lengths) for plan in plans)]
    axes = max(len(plan.positions) for plan in plans)
    positions = np.concatenate([np.broadcast_to(plan.positions, (axes, len(plan.tokens))) for plan in plans], axis=1)
    where = [first_place[index] + place for index, plan in enumerate(plans) for place in plan.where]
    owner = [first_block[index] + block for index, plan in enumerate(plans) for block in plan.owner]
    tokens = np.fromiter((token for plan in plans for token in plan.tokens), np.int64, first_place[-1])
    return PackedBatch(
        tokens_BT=torch.from_numpy(tokens)[None],
        positions_BT=torch.from_numpy(positions[:, None] if axes > 1 else positions),
        where_N=torch.tensor(where, dtype=torch.long),
        target_N=torch.tensor([token for plan in plans for token in plan.target], dtype=torch.long),
        weight_N=torch.tensor([weight for plan in plans for weight in plan.weight], dtype=torch.float32),
        owner_N=torch.tensor(owner, dtype=torch.long),
        row_K=torch.from_numpy(np.repeat(np.arange(len(plans)), [len(plan.lengths) for plan in plans]))[
            : sum(map(len, rows))
        ],
        filled=filled,
        paths=_find_paths(plans),
        num_visual=None if image is None else sum(plan.num_visual for plan in plans),
    )


def _find_paths(plans: Sequence[RowPlan]) -> Paths:
    """A sequence for each block that is read; a block and the only one below it, next in line, are one."""
    lengths: list[int] = []
    above: list[tuple[int, ...]] = []
    for plan in plans:
        read = [block for block, length in enumerate(plan.lengths) if length]
        lines = {block: [seen for seen in plan.above[block] if plan.lengths[seen]] for block in read}
        below = Counter(line[-2] for line in lines.values() if len(line) > 1)
        numbers: dict[int, int] = {}
        for before, block in zip([None, *read], read, strict=False):
            line = lines[block]
            if len(line) > 1 and line[-2] == before and below[before] == 1:
                numbers[block] = numbers[before]
                lengths[-1] += plan.lengths[block]
                continue
            numbers[block] = len(lengths)
            lengths.append(plan.lengths[block])
            above.append(tuple(dict.fromkeys(numbers[seen] for seen in line)))
    return Paths(tuple(accumulate(lengths, initial=0))[:-1], tuple(lengths), tuple(above))
