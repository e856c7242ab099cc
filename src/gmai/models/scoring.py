"""Multiple choice by likelihood: the options of a question hang on it like branches, all in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gmai.models.chat import Scaffold
from gmai.models.loaded import LoadedModel

if TYPE_CHECKING:
    from torch import Tensor

    from gmai.models.forward import Precision
    from gmai.models.tree import Block

TIE = 1e-4
"""Two likelihoods closer than this cannot be told apart."""


@dataclass(frozen=True, eq=False)
class OptionItem:
    """A question as it is put to a model."""

    picture: npt.NDArray[np.uint8] | None
    """(height, width, 3), as it is to be seen; None asks without a picture."""
    prompt: str
    options: tuple[str, ...] = ()
    """Answers whose likelihood is wanted; not used in generation."""


def score_options(
    loaded: LoadedModel, items: Sequence[OptionItem], *, batch_rows: int = 16, precision: Precision = "fp32"
) -> list[tuple[float, ...]]:
    """Log-likelihood of each option's text, its end token included, summed over tokens.

    Args:
        loaded: the model.
        items: questions.
        batch_rows: questions in one forward pass.
        precision: see :func:`gmai.models.forward.autocast`.
    """
    import torch

    results: list[tuple[float, ...]] = []
    with torch.inference_mode():
        for start in range(0, len(items), batch_rows):
            results += _score_batch(loaded, items[start : start + batch_rows], precision)
    return results


def pick_option(likelihoods: Sequence[float]) -> tuple[int, bool]:
    """Position of the likeliest option, the first one among ties, and whether there was a tie."""
    best = max(likelihoods)
    near = [index for index, value in enumerate(likelihoods) if best - value < TIE]
    return near[0], len(near) > 1


def picture_pixels(loaded: LoadedModel, items: Sequence[OptionItem]) -> Tensor | None:
    """The pictures of those items that have one, as the model's input, or None if none has."""
    pictures = [item.picture for item in items if item.picture is not None]
    return loaded.contract.pixels(pictures).to(loaded.device) if pictures else None


def _score_batch(loaded: LoadedModel, items: Sequence[OptionItem], precision: Precision) -> list[tuple[float, ...]]:
    import torch

    from gmai.models.forward import picture_features, token_losses
    from gmai.models.tree import lay_out

    rows = [option_row(loaded.scaffold, item) for item in items]
    batch = lay_out(rows, loaded.tokenizer.pad_token_id).to(loaded.device)
    pixels = picture_pixels(loaded, items)
    features = None if pixels is None else picture_features(loaded.model, pixels, precision)
    losses = token_losses(loaded.model, batch, features, precision)
    sums = torch.zeros(batch.sees_BKK.shape[:2].numel(), dtype=torch.float64, device=losses.device)
    sums.index_add_(0, batch.owner_N, -losses.double())
    table = sums.view(batch.sees_BKK.shape[:2]).tolist()
    return [tuple(table[row][1 : 1 + len(item.options)]) for row, item in enumerate(items)]


def option_row(scaffold: Scaffold, item: OptionItem) -> list[Block]:
    """The question as the root, one branch per option."""
    from gmai.models.tree import Block

    root = Block.read(scaffold.prompt(item.prompt, picture=item.picture is not None))
    return [root, *(Block.predict((*scaffold.text(text), scaffold.end), 0) for text in item.options)]
