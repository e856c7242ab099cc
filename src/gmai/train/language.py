"""The language lesson: predict the assistant's words; pictures, or their captions, stand before them."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from gmai.models import Block, LoadedModel, pack_rows, picture_features, token_losses
from gmai.train.lesson import show
from gmai.train.pack import Pack
from gmai.train.recipe import TrainConfig


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
        nothing = [Block.read((loaded.scaffold.end,) * 2)]
        batch = pack_rows(pack.rows or [nothing], loaded.scaffold.image).to(loaded.device)
        features = None
        if pack.fitted or self._always_see:
            inputs = show(loaded.contract, pack, loaded.device)
            features = picture_features(loaded.model, inputs, self._config.precision)
        losses = token_losses(loaded.model, batch, features, self._config.precision)
        return (losses * batch.weight_N).sum() / max(totals[0], 1e-9)
