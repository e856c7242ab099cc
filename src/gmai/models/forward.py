"""One forward pass over rows of blocks: from tokens and pictures to the log-likelihood of every predicted token."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch.nn.functional import cross_entropy

from gmai.models.masks import tree_mask
from gmai.models.tree import TreeBatch

Precision = Literal["fp32", "bf16"]


def autocast(device: str, precision: Precision) -> torch.autocast:
    """``bf16`` computes in bfloat16 where that is safe; weights stay as they are. Nested, weights are cast once."""
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=precision == "bf16")


def picture_features(model: Any, pixels: torch.Tensor, precision: Precision) -> torch.Tensor:
    """Visual tokens of pictures (P, 3, side, side) as the language model takes them: (P, tokens per picture, width)."""
    with autocast(str(pixels.device), precision):
        features: torch.Tensor = model.get_image_features(pixel_values=pixels, return_dict=True).pooler_output
    return features


def hidden_states(model: Any, batch: TreeBatch, features: torch.Tensor | None, precision: Precision) -> torch.Tensor:
    """Run the language model without its head; returns (B, T, width).

    Args:
        model: a transformers image-text-to-text model.
        batch: rows; those with a picture hold its visual tokens in their prefix.
        features: see :func:`picture_features`; one picture per such row, in row order, or None.
        precision: see :func:`autocast`.

    Raises:
        ValueError: rows ask for another number of visual tokens than there are.
    """
    embedded = model.get_input_embeddings()(batch.tokens_BT)
    visual = batch.tokens_BT == model.config.image_token_id
    given = 0 if features is None else features.shape[0] * features.shape[1]
    if int(visual.sum()) != given:
        raise ValueError(f"{int(visual.sum())} visual tokens in the rows, {given} features")
    if features is not None:
        embedded = embedded.masked_scatter(visual[:, :, None], features.to(embedded.dtype))
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    with autocast(str(embedded.device), precision):
        output = model.model.language_model(
            inputs_embeds=embedded,
            attention_mask=tree_mask(batch, dtype),
            position_ids=batch.positions_BT,
            use_cache=False,
        )
    states: torch.Tensor = output.last_hidden_state
    return states


def token_losses(model: Any, batch: TreeBatch, features: torch.Tensor | None, precision: Precision) -> torch.Tensor:
    """Negative log-likelihood of each predicted token, (N,), float32.

    The head runs at places that predict something and nowhere else, in float32.
    """
    states = hidden_states(model, batch, features, precision)
    chosen = states.reshape(-1, states.shape[-1])[batch.where_N]
    with autocast(str(states.device), "fp32"):
        logits = model.lm_head(chosen.to(model.lm_head.weight.dtype))
        return cross_entropy(logits.float(), batch.target_N, reduction="none")
