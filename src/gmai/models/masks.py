"""Attention masks of rows that are trees of blocks; isolation between branches rests on this file alone."""

from __future__ import annotations

import torch

from gmai.models.tree import TreeBatch


def tree_mask(batch: TreeBatch, dtype: torch.dtype) -> torch.Tensor:
    """Build the (B, 1, T, T) additive mask: 0 where a token may look, the most negative number elsewhere.

    Additive and not boolean, because eager attention adds the mask to its scores; scaled-dot-product attention takes
    both kinds. Padding sees padding only, so no row of the softmax is empty.
    """
    blocks = batch.block_BT
    rows = torch.arange(len(blocks), device=blocks.device)[:, None, None]
    allowed = batch.sees_BKK[rows, blocks[:, :, None], blocks[:, None, :]]
    length = blocks.shape[1]
    allowed = allowed & torch.ones(length, length, dtype=torch.bool, device=blocks.device).tril()
    mask = torch.zeros(allowed.shape, dtype=dtype, device=blocks.device)
    return mask.masked_fill_(~allowed, torch.finfo(dtype).min)[:, None]
