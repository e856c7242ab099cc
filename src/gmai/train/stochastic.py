"""AdamW on bfloat16 weights and states with stochastic rounding: 8 bytes a weight with its gradient, none in float32.

bfloat16 has 8 significant bits: an update below a 256th of a weight is lost when it is rounded to the nearest number.
Rounded up or down by chance, in proportion to how near each is, it is kept on average.
"""

from __future__ import annotations

import torch

from gmai.train.adamw import Key, PiecewiseAdamW, zeros_beside

_WORD = 0xFFFF_FFFF


class StochasticAdamW(PiecewiseAdamW):
    """AdamW for bfloat16 weights; both means are bfloat16 too."""

    seed = 0

    def new_state(self, weight: torch.nn.Parameter) -> dict[str, torch.Tensor]:
        """See :class:`PiecewiseAdamW`."""
        means = {name: zeros_beside(weight, torch.bfloat16) for name in ("m", "v")}
        return {"step": torch.zeros(()), **means}

    def read(self, state: dict[str, torch.Tensor], name: str, rows: slice) -> torch.Tensor:
        """See :class:`PiecewiseAdamW`."""
        return state[name][rows].float()

    def write(self, state: dict[str, torch.Tensor], name: str, rows: slice, values: torch.Tensor, key: Key) -> None:
        """See :class:`PiecewiseAdamW`."""
        self.put(state[name][rows], values, key)

    def put(self, weight: torch.Tensor, values: torch.Tensor, key: Key) -> None:
        """Round by chance into a bfloat16 weight; a weight of another type is set as it is."""
        weight.copy_(round_by_chance(values, self.seed, key) if weight.dtype == torch.bfloat16 else values)


def round_by_chance(values: torch.Tensor, seed: int, key: Key) -> torch.Tensor:
    """Round float32 numbers to bfloat16 ones, up or down by chance; the mean of many such roundings is the number."""
    words = values.contiguous().view(torch.int32)
    bits = random_bits(values.numel(), seed, key, values.device).view(values.shape) & 0xFFFF
    return ((words + bits.to(torch.int32)) & -0x10000).view(torch.float32).to(torch.bfloat16)


def random_bits(count: int, seed: int, key: Key, device: torch.device | str = "cpu") -> torch.Tensor:
    """32 random bits for each number, by its place in the weight, the step and the seed: the same on every device."""
    place = torch.arange(key.first, key.first + count, device=device) & _WORD
    salt = int(_mix(torch.tensor((key.step * 3 + key.what) & _WORD)).item())
    salt = int(_mix(torch.tensor((salt ^ key.number ^ (seed * 0x9E3779B1)) & _WORD)).item())
    return _mix((_mix(place) + salt) & _WORD)


def _mix(words: torch.Tensor) -> torch.Tensor:
    """Scatter 32-bit numbers, held as int64, so that neighbours have nothing in common."""
    words = words ^ (words >> 16)
    words = (words * 0x21F0AAAD) & _WORD
    words = words ^ (words >> 15)
    words = (words * 0x735A2D97) & _WORD
    return words ^ (words >> 15)
