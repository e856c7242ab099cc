"""Attention of vision encoders that see pictures of many sizes, or windows of them, one after the other."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

from gmai.models.attention import find_varlen

WINDOWS = "gmai_flash_windows"
"""The name under which transformers finds it; encoders hand over where windows end to what is called ``flash``."""


@cache
def _register() -> None:
    from transformers import AttentionInterface

    AttentionInterface.register(WINDOWS, windows_attention)


def use_windows(encoder: Any) -> None:
    """Let a vision encoder compute windows of one size together, and not one by one."""
    _register()
    encoder.config._attn_implementation = WINDOWS


def windows_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    cu_seq_lens_q: torch.Tensor | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers asks for it: (1, heads, T, width) in, (1, T, heads, width) out, each window apart."""
    scale = options.get("scaling") or query.shape[-1] ** -0.5
    if cu_seq_lens_q is None:
        answer = scaled_dot_product_attention(query, key, value, attn_mask=attention_mask, scale=scale)
        return answer.transpose(1, 2), None
    line = [tensor[0].transpose(0, 1) for tensor in (query, key, value)]
    varlen = find_varlen() if _takes_varlen(query) else None
    if varlen is not None:
        longest = options.get("max_length_q")  # transformers tells it to kernels it knows, and no other
        if longest is None:
            longest = int(cu_seq_lens_q.diff().max())
        ends = (cu_seq_lens_q, cu_seq_lens_q, longest, longest)
        return varlen(*(tensor.contiguous() for tensor in line), *ends, scale=scale)[None], None
    return _by_length(line, cu_seq_lens_q.tolist(), scale)[None], None


def _takes_varlen(query: torch.Tensor) -> bool:
    return query.is_cuda and query.dtype in (torch.bfloat16, torch.float16)


def _by_length(line: list[torch.Tensor], ends: list[int], scale: float) -> torch.Tensor:
    """Windows of one length as one batch."""
    places: dict[int, list[int]] = {}
    for start, end in zip(ends[:-1], ends[1:], strict=True):
        places.setdefault(end - start, []).extend(range(start, end))
    device = line[0].device
    parts, order = [], []
    for length, chosen in places.items():
        where = torch.tensor(chosen, device=device)
        batch = [tensor.index_select(0, where).unflatten(0, (-1, length)).transpose(1, 2) for tensor in line]
        answer = scaled_dot_product_attention(batch[0], batch[1], batch[2], scale=scale)
        parts.append(answer.transpose(1, 2).flatten(0, 1))
        order += chosen
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts).index_select(0, back.to(device))
