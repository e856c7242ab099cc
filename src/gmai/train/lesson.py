"""What one step of training teaches: rows in, a loss out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from gmai.errors import RejectLimit


@dataclass(frozen=True)
class StepLoss:
    """The loss of one step, not yet taken back through the model."""

    mean: torch.Tensor
    """Weighted mean over everything predicted in the step: a scalar with its graph."""
    tokens: int
    """Tokens the model read; patches, where it read no text."""


class Lesson(Protocol):
    """A way to teach."""

    @property
    def heads(self) -> torch.nn.Module | None:
        """Weights that are trained along and thrown away."""

    def loss(self, step: int) -> StepLoss:
        """The loss of a step: a pure function of the step and the weights.

        Raises:
            RejectLimit: too many rows could not be read.
        """


def check_any(rows: Sequence[object], step: int) -> None:
    """Refuse a step in which nothing could be read.

    Raises:
        RejectLimit: ``rows`` is empty.
    """
    if not rows:
        raise RejectLimit(f"no row of step {step} could be read", fix="see the reasons in rejects; mend the corpus")
