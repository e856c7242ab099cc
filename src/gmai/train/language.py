"""The language lesson: predict the assistant's words; pictures, or their captions, stand before them."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from gmai.models import Block, LoadedModel, pack_rows, picture_features, token_losses
from gmai.train.lesson import show
from gmai.train.pack import Pack
from gmai.train.recipe import TrainConfig

LINE = 128
"""A processor prepares its matrix products for each length anew and keeps them: of few lengths it keeps few."""


class LanguageLesson:
    """See :class:`gmai.train.lesson.Lesson`."""

    heads = None

    def __init__(self, loaded: LoadedModel, config: TrainConfig, *, always_see: bool) -> None:
        """Prepare.

        Args:
            loaded: the model.
            config: the recipe.
            always_see: run the vision encoder for packs without pictures too, since it or the projector trains, or is
                sharded over ranks that have some.
        """
        self.loaded = loaded
        self._config = config
        self._always_see = always_see

    def weigh(self, pack: Pack) -> tuple[float, ...]:
        """See :class:`gmai.train.lesson.Lesson`."""
        return (pack.weight,)

    def loss(self, pack: Pack, totals: Sequence[float]) -> torch.Tensor:
        """See :class:`gmai.train.lesson.Lesson`."""
        loaded = self.loaded
        rows = [*pack.rows, *filler(count_read(pack.rows), loaded.device, loaded.scaffold.end)]
        batch = pack_rows(rows, loaded.scaffold.image).to(loaded.device)
        features = None
        if pack.fitted or self._always_see:
            inputs = show(loaded.contract, pack, loaded.device)
            features = picture_features(loaded.model, inputs, self._config.precision)
        losses = token_losses(loaded.model, batch, features, self._config.precision)
        return (losses * batch.weight_N).sum() / max(totals[0], 1e-9)


def count_read(rows: Sequence[Sequence[Block]]) -> int:
    """Tokens of packed rows: all but the last of each block on which nothing hangs."""
    count = 0
    for row in rows:
        parents = {block.parent for block in row}
        count += sum(max(0, len(block.tokens) - (number not in parents)) for number, block in enumerate(row))
    return count


def slots_of(tokens: int, device: str) -> int:
    """Places computed for so many tokens: at least one; on a processor a multiple of :data:`LINE`."""
    line = LINE if device == "cpu" else 1
    return max(1, -(-tokens // line)) * line


def filler(tokens: int, device: str, token: int) -> list[list[Block]]:
    """A row of its own that fills the line up; nothing sees it, and nothing is predicted from it."""
    missing = slots_of(tokens, device) - tokens
    return [[Block.read((token,) * (missing + 1))]] if missing else []
