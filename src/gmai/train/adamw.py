"""AdamW with small states, piece by piece in float32: what a piece needs beside its states stays small.

The rule is that of ``torch.optim.AdamW``; only where the numbers are kept between two steps differs.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch.distributed.tensor import DTensor
from torch.distributed.tensor import zeros as sharded_zeros

PIECE = {"cpu": 2**22, "cuda": 2**24}
"""Numbers computed at a time."""


class PiecewiseAdamW(torch.optim.Optimizer):  # type: ignore[misc]
    """AdamW over rows of each weight; subclasses say how the two means and the weight are kept."""

    def __init__(self, groups: Any, betas: tuple[float, float], weight_decay: float, eps: float = 1e-8) -> None:
        super().__init__(groups, {"lr": 1e-3, "betas": betas, "weight_decay": weight_decay, "eps": eps})

    @abstractmethod
    def new_state(self, weight: torch.nn.Parameter) -> dict[str, torch.Tensor]:
        """The state of a weight before its first step, laid out over ranks as the weight is."""

    @abstractmethod
    def read(self, state: dict[str, torch.Tensor], name: str, rows: slice) -> torch.Tensor:
        """One of the means, ``m`` or ``v``, of some rows in float32."""

    @abstractmethod
    def write(self, state: dict[str, torch.Tensor], name: str, rows: slice, values: torch.Tensor, key: Key) -> None:
        """Keep a mean of some rows."""

    @abstractmethod
    def put(self, weight: torch.Tensor, values: torch.Tensor, key: Key) -> None:
        """Keep rows of a weight."""

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Callable[[], float] | None = None) -> None:
        """One update of every weight that has a gradient."""
        number = 0
        for group in self.param_groups:
            for weight in group["params"]:
                number += 1
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state.update(self.new_state(weight))
                state["step"] += 1
                self._update(group, weight, state, number)

    def _update(
        self, group: dict[str, Any], weight: torch.nn.Parameter, state: dict[str, torch.Tensor], number: int
    ) -> None:
        beta1, beta2 = group["betas"]
        count = int(state["step"].item())
        near = {name: as_rows(value) for name, value in state.items() if name != "step"}
        values_RC, gradient_RC = as_rows(weight), as_rows(weight.grad)
        first = first_row(weight)
        width = max(1, values_RC.shape[1])
        for rows in pieces(values_RC):
            key = Key(count, number, (first + rows.start) * width)
            gradient = gradient_RC[rows].float()
            mean = self.read(near, "m", rows).lerp_(gradient, 1 - beta1)
            square = self.read(near, "v", rows).mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
            self.write(near, "m", rows, mean, key)
            self.write(near, "v", rows, square, key)
            scale = square.div_(1 - beta2**count).sqrt_().add_(group["eps"])
            new = values_RC[rows].float().mul_(1 - group["lr"] * group["weight_decay"])
            new.addcdiv_(mean, scale, value=-group["lr"] / (1 - beta1**count))
            self.put(values_RC[rows], new, key)


class Key(NamedTuple):
    """Says which numbers of a run are computed: the same for any number of ranks."""

    step: int
    number: int
    """Of the weight."""
    first: int
    """Place of the first number within the whole weight."""


def as_rows(tensor: torch.Tensor) -> torch.Tensor:
    """This rank's share of a tensor as (rows, columns); a view."""
    near: torch.Tensor = tensor.to_local() if isinstance(tensor, DTensor) else tensor
    return near.flatten(1) if near.ndim > 1 else near.reshape(-1, 1)


def first_row(tensor: torch.Tensor) -> int:
    """Where this rank's share begins in the whole tensor, which is cut along its first axis as ``torch.chunk`` does."""
    if not isinstance(tensor, DTensor) or tensor.ndim == 0:
        return 0
    mesh = tensor.device_mesh
    return int(min(tensor.shape[0], mesh.get_local_rank() * -(-tensor.shape[0] // mesh.size())))


def pieces(values_RC: torch.Tensor) -> Iterator[slice]:
    """Slices of rows that cover all, none with many more numbers than :data:`PIECE`."""
    rows, columns = values_RC.shape
    if not columns:
        return
    step = max(1, PIECE.get(values_RC.device.type, 2**22) // columns)
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def zeros_beside(weight: torch.Tensor, dtype: torch.dtype, columns: int | None = None) -> torch.Tensor:
    """Zeros shaped as a weight, or as (its rows, columns), laid out over ranks as the weight is."""
    shape = tuple(weight.shape) if columns is None else (weight.shape[0], columns)
    if isinstance(weight, DTensor):
        zeros: torch.Tensor = sharded_zeros(
            *shape, dtype=dtype, device_mesh=weight.device_mesh, placements=weight.placements
        )
        return zeros
    return torch.zeros(shape, dtype=dtype, device=weight.device)
