"""Attention along the paths of packed rows: one meaning, and for each machine the fastest way to compute it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

from gmai.errors import ModelError
from gmai.models.packed import Group, Paths

PATHS = "gmai_paths"
"""The name under which transformers finds this attention."""
Kernel = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, Paths, float], torch.Tensor]
"""From (T, heads, width) of queries, keys and values to (T, heads, width)."""
LONG = 2048
"""Keys up to which a processor computes scores as a table; beyond, such tables are too large to keep."""


@cache
def register() -> str:
    """Make the attention known to transformers and return its name."""
    from transformers import AttentionInterface
    from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, AttentionMaskInterface

    AttentionInterface.register(PATHS, paths_attention)
    AttentionMaskInterface.register(PATHS, ALL_MASK_ATTENTION_FUNCTIONS["sdpa"])
    return PATHS


def use_paths(model: Any) -> None:
    """Let the language model of a vision-language model take packed rows; rows with a mask are computed as before."""
    if model.model.language_model.config._attn_implementation != PATHS:
        model.set_attn_implementation({"text_config": register()})


def paths_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    paths: Paths | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers asks for it: (1, heads, T, width) in, (1, T, heads, width) out.

    Without ``paths`` it is plain scaled-dot-product attention under the mask.

    Raises:
        ModelError: something that packed rows cannot do: a sliding window, dropout of attention.
    """
    if paths is None:
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        output, _ = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
        return output, None
    for name in ("sliding_window", "dropout", "softcap"):
        if options.get(name):
            raise ModelError(f"packed rows do not go with {name} {options[name]}", reason="model.attention")
    scale = options.get("scaling") or query.shape[-1] ** -0.5
    dtype = _compute_type(query, value)
    query, key, value = (tensor[0].transpose(0, 1).to(dtype) for tensor in (query, key, value))
    with torch.autocast(query.device.type, enabled=False):
        return find_kernel(query.device.type, dtype)(query, key, value, paths, scale)[None], None


def find_kernel(device: str, dtype: torch.dtype) -> Kernel:
    """The fastest way there is: varlen kernels where they run, elsewhere blocks of about one shape together."""
    if device == "cuda" and dtype in (torch.bfloat16, torch.float16):
        return by_varlen if find_varlen() is not None else by_flex
    return by_groups


def by_groups(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, paths: Paths, scale: float) -> torch.Tensor:
    """Blocks of about one shape as one batch each; runs everywhere."""
    groups = paths.groups
    asked = (query * scale).index_select(0, paths.asked).split([group.query_GQ.numel() for group in groups])
    places = [group.key_GK.numel() for group in groups]
    seen, held = (tensor.index_select(0, paths.seen).split(places) for tensor in (key, value))
    parts = []
    for group, query, key, value in zip(groups, asked, seen, held, strict=True):
        query = query.unflatten(0, group.query_GQ.shape).transpose(1, 2)
        key, value = (part.unflatten(0, group.key_GK.shape).transpose(1, 2) for part in (key, value))
        parts.append(_attend(query, key, value, group).transpose(1, 2).flatten(0, 1))
    return torch.cat(parts).index_select(0, paths.back_T)


def _attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, group: Group) -> torch.Tensor:
    """(G, heads, Q, width), of queries that are scaled already."""
    asks, answers = query.shape[2], key.shape[2]
    if query.device.type == "cpu" and answers <= LONG:
        return _by_tables(query, key, value, group)
    allowed = group.allowed_G1QK
    causal = asks == answers and allowed.shape[0] == 1
    mask = None if causal else allowed
    gqa = query.shape[1] != key.shape[1]
    return scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=causal, scale=1.0, enable_gqa=gqa)


def _by_tables(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, group: Group) -> torch.Tensor:
    """A table of scores for each run of queries, as far as they see; what the fused kernels of processors do slower."""
    shared = query.shape[1] // key.shape[1]
    query = query.unflatten(1, (key.shape[1], shared))
    bias = group.bias(query.dtype)[:, :, None]
    answers = []
    for first, last, reach in group.runs:
        run = query[:, :, :, first:last].flatten(2, 3)
        scores = (run @ key[:, :, :reach].transpose(2, 3)).unflatten(2, (shared, last - first))
        weights = scores.add_(bias[..., first:last, :reach]).softmax(-1).flatten(2, 3)
        answers.append((weights @ value[:, :, :reach]).unflatten(2, (shared, last - first)))
    return torch.cat(answers, dim=3).flatten(1, 2)


@cache
def find_varlen() -> Callable[..., torch.Tensor] | None:
    """The varlen kernel of torch, if there is one: many sequences of one line, each apart."""
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    kernel: Callable[..., torch.Tensor] = varlen_attn
    return kernel


def by_varlen(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, paths: Paths, scale: float) -> torch.Tensor:
    """Each block as a sequence of torch's varlen kernel; what it sees is gathered before it."""
    kernel = find_varlen()
    assert kernel is not None
    known = inspect.signature(kernel).parameters
    options: dict[str, Any] = {"window_size": (-1, 0)} if "window_size" in known else {"is_causal": True}
    groups = query.shape[1] // key.shape[1]
    if paths.apart:
        key, value = key.contiguous(), value.contiguous()
    else:
        key, value = (tensor.index_select(0, paths.key_K) for tensor in (key, value))
    if groups > 1 and "enable_gqa" in known:
        options["enable_gqa"] = True
    elif groups > 1:
        key, value = (tensor.repeat_interleave(groups, dim=1) for tensor in (key, value))
    longest = max(paths.lengths), max(paths.keys)
    return kernel(query.contiguous(), key, value, paths.cu_q, paths.cu_k, *longest, scale=scale, **options)


def by_flex(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, paths: Paths, scale: float) -> torch.Tensor:
    """Flex attention over the whole line, where no varlen kernel is."""
    from torch.nn.attention.flex_attention import flex_attention

    run = flex_attention if query.device.type == "cpu" else _compiled_flex()
    line = [tensor.transpose(0, 1)[None] for tensor in (query, key, value)]
    gqa = query.shape[1] != key.shape[1]
    answer: torch.Tensor = run(*line, block_mask=paths.flex_mask, scale=scale, enable_gqa=gqa)
    return answer[0].transpose(0, 1)


@cache
def _compiled_flex() -> Any:
    from torch.nn.attention.flex_attention import flex_attention

    return torch.compile(flex_attention, dynamic=True)


def _compute_type(query: torch.Tensor, value: torch.Tensor) -> torch.dtype:
    """The type attention is computed in: that of mixed precision, if it is on; on a processor always float32.

    There it is as fast, and nothing is kept for each shape that comes.
    """
    device = query.device.type
    if device == "cpu":
        return torch.float32
    if torch.is_autocast_enabled(device):
        return torch.get_autocast_dtype(device)
    return value.dtype
