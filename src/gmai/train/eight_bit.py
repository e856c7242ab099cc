"""AdamW whose two running means take one byte a weight, coded in blocks; the weights stay float32.

A block of a row is divided by its largest absolute value; each number becomes the nearest of 255 codes, which lie
densest near zero (after Dettmers and others, 2021). Blocks never cross a row, so that ranks cut none of them.
"""

from __future__ import annotations

from functools import cache

import torch

from gmai.train.adamw import Key, PiecewiseAdamW, zeros_beside

BLOCK = 256
"""Numbers that share a scale."""
SMALLEST = 4096
"""Weights of fewer numbers, and those of one axis, keep float32 means."""
_DECADES = 7


class EightBitAdamW(PiecewiseAdamW):
    """AdamW with means of 8 bits."""

    def new_state(self, weight: torch.nn.Parameter) -> dict[str, torch.Tensor]:
        """See :class:`PiecewiseAdamW`."""
        state = {"step": torch.zeros(())}
        if weight.ndim < 2 or weight.numel() < SMALLEST:
            return {**state, **{name: zeros_beside(weight, torch.float32) for name in ("m", "v")}}
        blocks = -(-(weight.numel() // weight.shape[0]) // BLOCK)
        for name in ("m", "v"):
            state[name] = zeros_beside(weight, torch.uint8)
            state[f"{name}_scale"] = zeros_beside(weight, torch.float32, blocks)
        return state

    def read(self, state: dict[str, torch.Tensor], name: str, rows: slice) -> torch.Tensor:
        """See :class:`PiecewiseAdamW`."""
        kept = state[name][rows]
        if kept.dtype != torch.uint8:
            return kept.clone()
        return decode(kept, state[f"{name}_scale"][rows], signed=name == "m")

    def write(self, state: dict[str, torch.Tensor], name: str, rows: slice, values: torch.Tensor, key: Key) -> None:
        """See :class:`PiecewiseAdamW`."""
        if state[name].dtype != torch.uint8:
            state[name][rows] = values
            return
        state[name][rows], state[f"{name}_scale"][rows] = encode(values, signed=name == "m")

    def put(self, weight: torch.Tensor, values: torch.Tensor, key: Key) -> None:
        """See :class:`PiecewiseAdamW`."""
        weight.copy_(values)


def encode(values_RC: torch.Tensor, *, signed: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Code float32 rows: one byte a number and one scale a block."""
    blocks_RKB = _in_blocks(values_RC)
    scale_RK = blocks_RKB.abs().amax(-1)
    share = blocks_RKB / scale_RK.clamp_min(torch.finfo(torch.float32).tiny)[..., None]
    between = _between(signed).to(values_RC.device)
    codes = torch.bucketize(share, between, out_int32=True)
    if not signed:  # a mean square that became 0 would turn the next update into a leap
        codes = torch.where(share > 0, codes.clamp_min(1), codes)
    return codes.to(torch.uint8).flatten(1)[:, : values_RC.shape[1]], scale_RK


def decode(codes_RC: torch.Tensor, scale_RK: torch.Tensor, *, signed: bool) -> torch.Tensor:
    """The numbers that codes stand for, float32."""
    shares = _shares(signed).to(codes_RC.device)[codes_RC.int()]
    whole = (_in_blocks(shares) * scale_RK[..., None]).flatten(1)
    return whole[:, : codes_RC.shape[1]].contiguous()


def _in_blocks(values_RC: torch.Tensor) -> torch.Tensor:
    missing = -values_RC.shape[1] % BLOCK
    padded = torch.nn.functional.pad(values_RC, (0, missing)) if missing else values_RC
    return padded.reshape(len(values_RC), padded.shape[1] // BLOCK, BLOCK)


@cache
def _shares(signed: bool) -> torch.Tensor:
    """The 255 numbers that codes stand for, ascending: the k-th decade below 1 has half the steps of the one above."""
    fine = 6 if signed else 7
    parts = [torch.zeros(1, dtype=torch.float64)]
    for decade in range(_DECADES):
        edges = torch.linspace(0.1, 1, 2 ** (fine - decade) + 1, dtype=torch.float64)
        middles = (edges[1:] + edges[:-1]) / 2
        parts.append((edges[1:] if decade == 0 else middles) * 10.0**-decade)
    positive = torch.cat(parts).unique()
    return (torch.cat([-positive[1:].flip(0), positive]) if signed else positive).float()


@cache
def _between(signed: bool) -> torch.Tensor:
    shares = _shares(signed)
    return (shares[1:] + shares[:-1]) / 2
