"""The language lesson: predict the assistant's words; the picture, or its caption, stands before them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from gmai.models import Block, LoadedModel, TreeBatch, autocast, lay_out, picture_features, token_losses
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
        self._visual = loaded.contract.tokens_per_image

    def loss(self, step: int) -> StepLoss:
        """See :class:`gmai.train.lesson.Lesson`."""
        rng = np.random.default_rng([self._config.seed, step])
        rows, shown = self._read(step)
        model, precision = self._loaded.model, self._config.precision
        losses, weights, tokens = [], [], 0
        with autocast(self._loaded.device, precision):
            features = None
            if shown:
                pixels = vary(shown, self._loaded.contract, self._config.pictures, rng)
                features = picture_features(model, {"pixel_values": pixels}, precision)
            for batch, wanted in self._groups(rows, rng):
                chosen = features.pick([self._visual] * len(shown), wanted) if features is not None and wanted else None
                losses.append(token_losses(model, batch, chosen, precision))
                weights.append(batch.weight_N)
                tokens += batch.num_tokens
        weight = torch.cat(weights)
        self._account.add("tokens.read", tokens)
        self._account.add("tokens.scored", len(weight))
        return StepLoss((torch.cat(losses) * weight).sum() / weight.sum(), tokens)

    def _groups(self, rows: list[Row], rng: np.random.Generator) -> Iterator[tuple[TreeBatch, list[int]]]:
        """Rows laid out in groups, shortest first, and for each group the positions of its pictures."""
        trees = [self._tree(row, rng) for row in rows]
        place = np.cumsum([self._shows(row) for row in rows]) - 1
        order = sorted(range(len(rows)), key=lambda index: sum(len(block.tokens) for block in trees[index]))
        for start in range(0, len(order), self._config.rows.group):
            group = order[start : start + self._config.rows.group]
            batch = lay_out([trees[index] for index in group], self._loaded.tokenizer.pad_token_id)
            yield batch, [int(place[index]) for index in group if self._shows(rows[index])]

    def _shows(self, row: Row) -> bool:
        return row.pictured and self._pictures is not None

    def _read(self, step: int) -> tuple[list[Row], list[Fitted]]:
        """The rows of a step whose pictures can be read, and these pictures in row order."""
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
        return rows, shown

    def _tree(self, row: Row, rng: np.random.Generator) -> list[Block]:
        scaffold = self._loaded.scaffold
        gap = 0
        if not row.pictured:
            prefix = scaffold.prefix()
        elif self._pictures is None:
            prefix = scaffold.prefix_around(row.captions[rng.integers(len(row.captions))])
            gap = int(rng.integers(self._config.rows.max_gap + 1))
        else:
            prefix = scaffold.prefix([self._visual])
        segments = draw_segments(row, self._config.rows, rng)
        self._account.add(f"rows.{row.source}")
        for segment in segments:
            kind, form, subset = segment.names
            self._account.add(f"conversations.{subset} {form} {kind}")
        blocks = [segment.block for segment in segments]
        return [Block.read(prefix), *(Block(block.tokens, block.weights, 0, gap) for block in blocks)]
