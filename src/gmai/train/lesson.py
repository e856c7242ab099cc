"""What one pack teaches: rows in, its share of the step's loss out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch

from gmai.models import LoadedModel, VisualContract
from gmai.train.pack import Pack


class Lesson(Protocol):
    """A way to teach."""

    @property
    def loaded(self) -> LoadedModel:
        """The model that learns."""

    @property
    def heads(self) -> torch.nn.Module | None:
        """Weights that are trained along and thrown away."""

    def weigh(self, pack: Pack) -> tuple[float, ...]:
        """What each term of the loss is divided by, once it is added up over all packs of the step and all ranks."""

    def loss(self, pack: Pack, totals: Sequence[float]) -> torch.Tensor:
        """This pack's share of the mean loss of the step: a scalar with its graph, whatever the pack holds."""


class Learner(torch.nn.Module):  # type: ignore[misc]
    """All that learns, as one module: its forward is the loss of a pack."""

    def __init__(self, lesson: Lesson) -> None:
        super().__init__()
        self.model = lesson.loaded.model
        self.heads = lesson.heads
        self._lesson = lesson

    def forward(self, pack: Pack, totals: Sequence[float]) -> torch.Tensor:
        """See :meth:`Lesson.loss`."""
        return self._lesson.loss(pack, totals)


def show(contract: VisualContract, pack: Pack, device: str) -> dict[str, torch.Tensor]:
    """The model's inputs for a pack's pictures, with their tones."""
    inputs = contract.normalise(pack.fitted, device)
    if pack.tones:
        pixels = inputs["pixel_values"]
        rows = [_rows(contract, picture.shape) for picture in pack.fitted]
        tones = torch.tensor(pack.tones, dtype=torch.float32).repeat_interleave(torch.tensor(rows), dim=0).to(device)
        shape = (-1, *[1] * (pixels.ndim - 1))
        inputs["pixel_values"] = pixels * tones[:, 0].view(shape) + tones[:, 1].view(shape)
    return inputs


def _rows(contract: VisualContract, shape: tuple[int, ...]) -> int:
    """Rows of ``pixel_values`` that a fitted picture (tiles, height, width, 3) becomes."""
    tiles, height, width, _ = shape
    return tiles if contract.kind != "native" else (height // contract.patch_px) * (width // contract.patch_px)
