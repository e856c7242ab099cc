"""The language lesson: predict the assistant's words; the picture, or its caption, stands before them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from gmai.models import Block, LoadedModel, TreeBatch, lay_out, token_losses
from gmai.train.account import Account
from gmai.train.lesson import StepLoss, check_any
from gmai.train.pictures import Fitted, Pictures, vary
from gmai.train.recipe import TrainConfig
from gmai.train.rows import Row, draw_segments


class LanguageLesson:
    """See :class:`gmai.train.lesson.Lesson`."""

    heads = None

    def __init__(
        self,
        loaded: LoadedModel,
        rows: list[Row],
        plan: npt.NDArray[np.int64],
        config: TrainConfig,
        account: Account,
        pictures: Pictures | None,
    ) -> None:
        """Prepare; ``pictures`` is None where captions stand in their places."""
        self._loaded = loaded
        self._rows = rows
        self._plan = plan
        self._config = config
        self._account = account
        self._pictures = pictures

    def loss(self, step: int) -> StepLoss:
        """See :class:`gmai.train.lesson.Lesson`."""
        batch, pixels = self.batch(step)
        losses = token_losses(self._loaded.model, batch, pixels, self._config.precision)
        self._account.add("tokens.read", batch.num_tokens)
        self._account.add("tokens.scored", len(batch.target_N))
        return StepLoss((losses * batch.weight_N).sum() / batch.weight_N.sum(), batch.num_tokens)

    def batch(self, step: int) -> tuple[TreeBatch, torch.Tensor | None]:
        """The rows of a step, laid out, and the pixels of those that show a picture."""
        rng = np.random.default_rng([self._config.seed, step])
        rows: list[Row] = []
        shown: list[Fitted] = []
        for row in (self._rows[index] for index in self._plan[step]):
            if row.pictured and self._pictures is not None:
                picture = self._pictures.take(row)
                if picture is None:
                    continue
                shown.append(picture)
            rows.append(row)
        check_any(rows, step)
        pixels = None
        if shown:
            pixels = vary(shown, self._loaded.contract, self._config.pictures, rng)
        trees = [self._tree(row, rng) for row in rows]
        return lay_out(trees, self._loaded.tokenizer.pad_token_id), pixels

    def _tree(self, row: Row, rng: np.random.Generator) -> list[Block]:
        scaffold = self._loaded.scaffold
        gap = 0
        if not row.pictured:
            prefix = scaffold.prefix(picture=False)
        elif self._pictures is None:
            prefix = scaffold.prefix_around(row.captions[rng.integers(len(row.captions))])
            gap = int(rng.integers(self._config.rows.max_gap + 1))
        else:
            prefix = scaffold.prefix(picture=True)
        segments = draw_segments(row, self._config.rows, rng)
        self._account.add(f"rows.{row.source}")
        for segment in segments:
            kind, form, subset = segment.names
            self._account.add(f"conversations.{subset} {form} {kind}")
        blocks = [segment.block for segment in segments]
        return [Block.read(prefix), *(Block(block.tokens, block.weights, 0, gap) for block in blocks)]
