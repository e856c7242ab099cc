"""AdamW on bfloat16 weights and states with stochastic rounding: 8 bytes a weight with its gradient, none in float32.

bfloat16 has 8 significant bits: an update below a 256th of a weight is lost when it is rounded to the nearest number.
Rounded up or down by chance, in proportion to how near each is, it is kept on average.
"""

from __future__ import annotations

from typing import Any

import torch

from gmai.train.adamw import Key, PiecewiseAdamW, zeros_beside

_SHIFTS = {"weight": 0, "m": 16, "v": 32}
"""Which 16 of 64 random bits round the weight and its two means."""
_WORD = 1 << 64


class StochasticAdamW(PiecewiseAdamW):
    """AdamW for bfloat16 weights; both means are bfloat16 too. Weights of another type are set as they are."""

    seed = 0
    _bits: tuple[Any, torch.Tensor] = (None, torch.zeros(0))

    def new_state(self, weight: torch.nn.Parameter) -> dict[str, torch.Tensor]:
        """See :class:`PiecewiseAdamW`."""
        means = {name: zeros_beside(weight, torch.bfloat16) for name in ("m", "v")}
        return {"step": torch.zeros(()), **means}

    def read(self, state: dict[str, torch.Tensor], name: str, rows: slice) -> torch.Tensor:
        """See :class:`PiecewiseAdamW`."""
        return state[name][rows].float()

    def write(self, state: dict[str, torch.Tensor], name: str, rows: slice, values: torch.Tensor, key: Key) -> None:
        """See :class:`PiecewiseAdamW`."""
        self._round(state[name][rows], values, key, name)

    def put(self, weight: torch.Tensor, values: torch.Tensor, key: Key) -> None:
        """See :class:`PiecewiseAdamW`."""
        self._round(weight, values, key, "weight")

    def _round(self, kept: torch.Tensor, values: torch.Tensor, key: Key, what: str) -> None:
        if kept.dtype != torch.bfloat16:
            kept.copy_(values)
            return
        if self._bits[0] != (key, values.numel()):
            self._bits = ((key, values.numel()), random_bits(values.numel(), self.seed, key, values.device))
        kept.copy_(round_by_chance(values, self._bits[1] >> _SHIFTS[what]))


def round_by_chance(values: torch.Tensor, bits: torch.Tensor) -> torch.Tensor:
    """Round float32 numbers to bfloat16 ones, up or down by chance; the mean of many such roundings is the number.

    Args:
        values: the numbers.
        bits: the lowest 16 of each are random.
    """
    words = values.contiguous().view(torch.int32)
    chance = (bits & 0xFFFF).to(torch.int32).view(values.shape)
    return ((words + chance) & -0x10000).view(torch.float32).to(torch.bfloat16)


def random_bits(count: int, seed: int, key: Key, device: torch.device | str = "cpu") -> torch.Tensor:
    """64 random bits for each number, by its place in the weight, the step and the seed: the same on every device."""
    salt = _mix(torch.tensor(_signed(seed)))
    for part in (key.step, key.number):
        salt = _mix(salt + part)
    return _mix(torch.arange(key.first, key.first + count, device=device) * _signed(_GOLDEN) + int(salt))


_GOLDEN = 0x9E3779B97F4A7C15


def _mix(words: torch.Tensor) -> torch.Tensor:
    """Scatter 64-bit numbers so that neighbours have nothing in common (the finaliser of SplitMix64)."""
    words = (words ^ ((words >> 30) & 0x3_FFFF_FFFF)) * _signed(0xBF58476D1CE4E5B9)
    words = (words ^ ((words >> 27) & 0x1F_FFFF_FFFF)) * _signed(0x94D049BB133111EB)
    return words ^ ((words >> 31) & 0x1_FFFF_FFFF)


def _signed(word: int) -> int:
    """A 64-bit number as torch holds it."""
    word %= _WORD
    return word - _WORD if word >= _WORD >> 1 else word
