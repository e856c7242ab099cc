"""One forward pass over rows of blocks: from tokens and pictures to the log-likelihood of every predicted token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

from gmai.errors import ModelError
from gmai.models.attention import use_paths
from gmai.models.families import family_of
from gmai.models.families.family import Features
from gmai.models.masks import tree_mask
from gmai.models.packed import PackedBatch
from gmai.models.tree import TreeBatch

Precision = Literal["fp32", "bf16"]
WHOLE = 1 << 24
"""Logits of so many numbers are computed at once and kept; more are computed in chunks, and again on the way back."""


def autocast(device: str, precision: Precision) -> torch.autocast:
    """``bf16`` computes in bfloat16 where that is safe; weights stay as they are. Nested, weights are cast once."""
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=precision == "bf16")


def picture_features(model: Any, inputs: Mapping[str, torch.Tensor], precision: Precision) -> Features:
    """Visual tokens of pictures, of which there may be none, as the language model takes them.

    Args:
        model: a transformers image-text-to-text model.
        inputs: what :meth:`VisualContract.normalise` makes of the pictures.
        precision: see :func:`autocast`.
    """
    with autocast(str(inputs["pixel_values"].device), precision):
        return family_of(model).features(model, inputs)


def hidden_states(
    model: Any, batch: TreeBatch | PackedBatch, features: Features | None, precision: Precision
) -> torch.Tensor:
    """Run the language model without its head; returns (B, T, width).

    Args:
        model: a transformers image-text-to-text model.
        batch: rows; those with pictures hold their visual tokens. Packed rows go along their paths, rows laid out in
            a batch under a mask.
        features: see :func:`picture_features`; of the pictures of all rows in order, or None.
        precision: see :func:`autocast`.

    Raises:
        ModelError: rows ask for another number of visual tokens than there are.
    """
    embedded = model.get_input_embeddings()(batch.tokens_BT)
    visual = batch.tokens_BT == model.config.image_token_id
    wanted = int(visual.sum()) if batch.num_visual is None else batch.num_visual
    if wanted != (0 if features is None else len(features)):
        given = 0 if features is None else len(features)
        raise ModelError(f"{wanted} visual tokens in the rows, {given} features", reason="model.visual_tokens")
    more: dict[str, Any] = {}
    if features is not None:
        embedded = embedded.masked_scatter(visual[:, :, None], features.tokens_ND.to(embedded.dtype))
        more = family_of(model).language_options(features, visual)
    if isinstance(batch, PackedBatch):
        use_paths(model)
        # A mask of four dimensions is handed on as it is; without one transformers would build one from positions.
        mask = embedded.new_zeros(1, 1, 1, 1)
        more["paths"] = batch.paths
    else:
        mask = tree_mask(batch, torch.bfloat16 if precision == "bf16" else embedded.dtype)
    with autocast(str(embedded.device), precision):
        output = model.model.language_model(
            inputs_embeds=embedded,
            attention_mask=mask,
            position_ids=batch.positions_BT,
            use_cache=False,
            **more,
        )
    states: torch.Tensor = output.last_hidden_state
    return states


def token_losses(
    model: Any,
    batch: TreeBatch | PackedBatch,
    features: Features | None,
    precision: Precision,
    chunk_tokens: int = 1024,
) -> torch.Tensor:
    """Negative log-likelihood of each predicted token, (N,), float32.

    The head runs at places that predict something and nowhere else, ``chunk_tokens`` of them at a time, and what a
    chunk computed is not kept. On a processor it runs in float32.
    """
    states = hidden_states(model, batch, features, precision)
    chosen = states.reshape(-1, states.shape[-1]).index_select(0, batch.where_N)
    head, device = model.lm_head, str(states.device)

    def losses_of(part: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        with autocast(device, precision if part.device.type == "cuda" else "fp32"):
            logits = head(part.to(head.weight.dtype))
        with autocast(device, "fp32"):
            return cross_entropy(logits.float(), target, reduction="none")

    if len(chosen) * head.out_features <= WHOLE or not torch.is_grad_enabled() and len(chosen) <= chunk_tokens:
        return losses_of(chosen, batch.target_N)
    pieces = zip(chosen.split(chunk_tokens), batch.target_N.split(chunk_tokens), strict=True)
    return torch.cat([checkpoint(losses_of, *piece, use_reentrant=False) for piece in pieces])
