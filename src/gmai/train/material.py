"""From a corpus to what the loop needs: rows this stage can use, their order, pictures and targets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmai.corpus import Corpus
from gmai.models import LoadedModel
from gmai.train.account import Account
from gmai.train.annotated import AnnotationLesson
from gmai.train.language import LanguageLesson
from gmai.train.lesson import Lesson
from gmai.train.pictures import Pictures
from gmai.train.plan import plan_batches, seed_of
from gmai.train.recipe import TrainConfig
from gmai.train.rows import Row, RowReader
from gmai.train.stages import STAGES, Stage
from gmai.train.targets import Targets
from gmai.types import View


@dataclass(frozen=True)
class Material:
    """The rows of a run and the order in which they come."""

    rows: list[Row]
    unused: dict[str, int]
    """Rows of the split that this stage cannot use, by reason."""
    plan: npt.NDArray[np.int64]
    """(steps, batch_rows) positions in ``rows``."""


def gather(corpus: Corpus, loaded: LoadedModel, config: TrainConfig, account: Account) -> Material:
    """Read the split's conversations into rows and fix their order.

    Raises:
        ConfigError: nothing to learn from.
        RejectLimit: too many conversations that do not fit the model.
    """
    stage = STAGES[config.stage]
    context = loaded.model.config.text_config.max_position_embeddings
    reader = RowReader(loaded.scaffold, config.rows, context, loaded.contract.most_tokens)
    found = reader.read(corpus.conversations(config.split))
    account.reject(*reader.rejects)
    rows: list[Row] = []
    unused: Counter[str] = Counter()
    for row in found:
        reason = _why_not(row, stage)
        if reason:
            unused[reason] += 1
        else:
            rows.append(row)
    seed = seed_of(corpus.key, config.split, config.stage, config.seed)
    plan = plan_batches([row.pool for row in rows], config.rows.shares, config.steps, config.batch_rows, seed)
    return Material(rows, dict(sorted(unused.items())), plan)


def build_lesson(
    corpus: Corpus, loaded: LoadedModel, config: TrainConfig, account: Account, material: Material
) -> Lesson:
    """Make the stage's lesson; pictures are decoded here as far as memory allows."""
    stage = STAGES[config.stage]
    rows, plan = material.rows, material.plan
    if stage.prefix == "caption":
        return LanguageLesson(loaded, rows, plan, config, account, None)
    pictures = Pictures(corpus, loaded.contract, config.pictures.cache_mb, account)
    vision = loaded.model.config.vision_config
    targets = Targets(config.heads, vision.image_size[0] // vision.patch_size[0])
    views: dict[str, list[View]] = {}
    for row in rows:
        if row.pictured:
            views.setdefault(row.sample, []).append(row.view)
    for stored in corpus.samples(config.split):
        if stored.sample.id in views:
            pictures.keep(stored, views[stored.sample.id])
            if stage.lesson == "annotations":
                targets.add(stored.sample)
    if stage.lesson == "annotations":
        return AnnotationLesson(loaded, rows, plan, config, account, pictures, targets)
    return LanguageLesson(loaded, rows, plan, config, account, pictures)


def _why_not(row: Row, stage: Stage) -> str | None:
    if stage.lesson == "annotations" and not row.pictured:
        return "no picture"
    if stage.prefix == "caption" and row.pictured and not row.captions:
        return "no caption"
    return None
