"""Loss on the validation split while a model trains: the same rows every time, no variation of pictures."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from gmai.errors import ConfigError, RejectLimit
from gmai.models import LoadedModel
from gmai.train.data import config_sets
from gmai.train.material import Material, gather
from gmai.train.mixture import NO_ROWS
from gmai.train.parallel import World
from gmai.train.proof import kept_random
from gmai.train.recipe import TrainConfig
from gmai.train.stages import STAGES
from gmai.types import record

logger = logging.getLogger(__name__)


@record
class SetLoss:
    """The loss on one set."""

    loss: float
    """Mean over predicted tokens, weighted as in training."""
    labels: int
    """Predicted tokens."""
    rows: int
    rejected: int = 0
    """Rows that could not be read."""


@record
class Validation:
    """The loss after a step."""

    step: int
    loss: float
    """Mean over the predicted tokens of all sets."""
    labels: int
    rows: int
    sets: dict[str, SetLoss] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """A set's rows that are held out."""

    name: str
    material: Material


class Validator:
    """Measures the loss on what is held out; every process takes its share."""

    def __init__(self, held: Sequence[Held], world: World) -> None:
        self._held = held
        self._world = world

    def measure(self, step: int, learner: torch.nn.Module) -> Validation:
        """The loss of the model as it is after ``step``; nothing of it changes.

        Args:
            step: counted from 1.
            learner: its forward is the loss of a pack, divided by what it is given.

        Raises:
            RejectLimit: not one row of a set can be read.
        """
        training = learner.training
        learner.eval()
        try:
            with torch.no_grad(), kept_random(self._world.device):
                sums = {one.name: self._world.sum(self._sum(one, learner)) for one in self._held}
        finally:
            learner.train(training)
        for name, (_, weight, *_, lost) in sums.items():
            if weight <= 0:
                fix = "mend the corpus, or take the set out of the recipe"
                raise RejectLimit(f"not one row of {name} could be read to validate on; {int(lost)} failed", fix=fix)
        sets = {
            name: SetLoss(loss=loss / weight, labels=int(labels), rows=int(rows), rejected=int(lost))
            for name, (loss, weight, labels, rows, lost) in sums.items()
        }
        weight = sum(found[1] for found in sums.values())
        return Validation(
            step=step,
            loss=sum(found[0] for found in sums.values()) / weight,
            labels=sum(one.labels for one in sets.values()),
            rows=sum(one.rows for one in sets.values()),
            sets=sets,
        )

    def _sum(self, held: Held, learner: torch.nn.Module) -> list[float]:
        """This process' share: loss, weight, predicted tokens, rows, rejects."""
        sums = [0.0] * 5
        for batch in held.material.batches(self._world.rank, self._world.size, 0):
            sums[4] += len(batch.rejects)
            for pack in batch.packs:
                found = (float(learner(pack, (1.0,))), pack.weight, pack.work.labels, len(pack.samples))
                sums[:4] = [total + value for total, value in zip(sums[:4], found, strict=True)]
        held.material.close()
        return sums


def open_validator(config: TrainConfig, loaded: LoadedModel, world: World, home: Path) -> Validator:
    """Gather the rows that are held out, of every set that has some.

    Args:
        config: the recipe.
        loaded: the model.
        world: all processes.
        home: folder of row indexes.

    Raises:
        ConfigError: a stage without a language loss, no such split, or not one row.
    """
    if STAGES[config.stage].lesson != "language":
        fix = "--set watch.validate_every=0"
        raise ConfigError(f"stage {config.stage} has no loss to validate", where="watch.validate_every", fix=fix)
    held = []
    still = replace(config.pictures, gain=0.0, level=0.0, shift_px=0)
    for one in config_sets(config):
        own = replace(one, split=config.watch.validate_split, ratio=1.0)
        given = replace(config, corpus=None, data=(own,), steps=None, epochs=1.0, pictures=still)
        try:
            material = gather(replace(given, rows=replace(config.rows, shares={})), loaded, home, world)
        except ConfigError as error:
            if error.reason != NO_ROWS:
                raise
            logger.warning("%s is not validated: %s", one.name, error)
            continue
        held.append(Held(one.name, material.part(config.watch.validate_rows, config.feed.workers)))
    if not held:
        fix = "split the corpus with a validation part, or --set watch.validate_every=0"
        raise ConfigError(f"no rows in split {config.watch.validate_split}", where="watch.validate_every", fix=fix)
    return Validator(held, world)
