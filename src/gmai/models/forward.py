"""One forward pass over rows of blocks: from tokens and pixels to the log-likelihood of every predicted token."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch.nn.functional import cross_entropy

from gmai.models.masks import tree_mask
from gmai.models.tree import TreeBatch

Precision = Literal["fp32", "bf16"]


def hidden_states(model: Any, batch: TreeBatch, pixels: torch.Tensor | None, precision: Precision) -> torch.Tensor:
    """Run the model without its head; returns (B, T, width).

    Args:
        model: a transformers image-text-to-text model.
        batch: rows; those with a picture hold its visual tokens in their prefix.
        pixels: one picture per such row, in row order, or None.
        precision: ``bf16`` computes in bfloat16 where that is safe; weights stay as they are.
    """
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    device = batch.tokens_BT.device
    with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
        output = model.model(
            input_ids=batch.tokens_BT,
            pixel_values=pixels,
            attention_mask=tree_mask(batch, dtype),
            position_ids=batch.positions_BT,
            use_cache=False,
        )
    states: torch.Tensor = output.last_hidden_state
    return states


def token_losses(model: Any, batch: TreeBatch, pixels: torch.Tensor | None, precision: Precision) -> torch.Tensor:
    """Negative log-likelihood of each predicted token, (N,), float32.

    The head runs at places that predict something and nowhere else.
    """
    states = hidden_states(model, batch, pixels, precision)
    chosen = states.reshape(-1, states.shape[-1])[batch.where_N]
    logits = model.lm_head(chosen.to(model.lm_head.weight.dtype))
    return cross_entropy(logits.float(), batch.target_N, reduction="none")
