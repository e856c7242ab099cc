"""The one training loop: every stage runs through it, in one process or many, and continues where it was killed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch
from torch.utils.checkpoint import checkpoint

from gmai.base import Progress
from gmai.errors import ModelError, RejectLimit
from gmai.models import Work
from gmai.train.account import Account
from gmai.train.checkpoint import Checkpoints, Tensors
from gmai.train.journal import Journal
from gmai.train.language import slots_of
from gmai.train.lesson import Learner, Lesson
from gmai.train.meters import LogLine, Meter, Step
from gmai.train.optim import build_optimizer, clip_gradients, optimizer_tensors, set_rates
from gmai.train.pack import Pack, StepBatch
from gmai.train.parallel import Spread, World
from gmai.train.recipe import TrainConfig
from gmai.train.stages import STAGES
from gmai.train.weights import check_first, sample, trained_groups

WORK = [field.name for field in fields(Work)]


class Watcher(Protocol):
    """Looks on while a model trains; in every process, for it may ask all of them."""

    def began(self, done: int) -> None:
        """The run goes on after so many steps."""

    def after(self, line: LogLine, pupil: Pupil) -> None:
        """A step is done."""

    def close(self) -> None:
        """The run is over, or broken off."""


@dataclass
class Course:
    """Everything a run of the loop needs; all of its state is in here and in the folder."""

    lesson: Lesson
    feed: Callable[[int], Iterator[StepBatch]]
    """This rank's batches from a step on."""
    account: Account
    config: TrainConfig
    folder: Path
    """Run folder: ``log.jsonl`` grows here, checkpoints lie in ``.work``."""
    world: World
    meter: Meter
    watchers: Sequence[Watcher]
    """Look on after every step."""
    plan: str
    """Key of the plan of steps; a checkpoint of another is refused."""
    steps: int


@dataclass(frozen=True)
class StepSums:
    """Numbers of one step, over all packs and ranks."""

    totals: tuple[float, ...]
    """What the terms of the loss are divided by."""
    work: Work
    tiles: int
    slots: int


def run_loop(course: Course) -> Journal:
    """Train to the last step and return the log.

    Raises:
        ModelError: a loss or gradient that is no number.
        RejectLimit: too many rows could not be read.
    """
    config, world = course.config, course.world
    pupil = Pupil(course)
    with ExitStack() as stack:
        for watcher in course.watchers:
            stack.callback(watcher.close)
        folder = course.folder / ".work" / "checkpoints"
        checkpoints = stack.enter_context(Checkpoints(folder, world, config.checkpoints_kept))
        done = pupil.restore(checkpoints)
        for watcher in course.watchers:
            watcher.began(done)
        journal = stack.enter_context(Journal(course.folder / "log.jsonl", done, writes=world.leads))
        progress = Progress(f"train {config.stage}", course.steps)
        progress.skip(done)
        batches = course.feed(done)
        course.meter.forget()
        for step in range(done, course.steps):
            line = pupil.step(step, batches)
            journal.write(line)
            for watcher in course.watchers:
                watcher.after(line, pupil)
            if (step + 1) % config.checkpoint_every == 0 or step + 1 == course.steps:
                pupil.save(checkpoints, step + 1)
            if world.leads:
                progress.add(note=course.meter.note())
            course.meter.forget()
        progress.close()
    course.account.merge(world)
    return journal


class Pupil:
    """The model with its optimizer, spread over all processes, and the state of the run."""

    def __init__(self, course: Course) -> None:
        config, lesson = course.config, course.lesson
        self.course = course
        loaded = lesson.loaded
        layers = [layer for part in loaded.family.layers(loaded.model).values() for layer in part]
        if config.scale.gradient_checkpointing:
            compute_twice(layers)
        self.learner = Learner(lesson)
        """All that learns; its forward is the loss of a pack. Not to be called where ranks differ."""
        self.spread = Spread(self.learner, layers, course.world, config)
        self.groups = trained_groups(loaded, lesson.heads)
        self.optimizer = build_optimizer(config.optim, self.groups, config.seed)
        self._before = sample(loaded.model)

    @property
    def weights(self) -> dict[str, torch.nn.Parameter]:
        """Every trained weight, by name."""
        return {name: weight for weights in self.groups.values() for name, weight in weights.items()}

    def step(self, step: int, batches: Iterator[StepBatch]) -> LogLine:
        """One update of the weights."""
        config, world = self.course.config, self.course.world
        with self.course.meter.waiting():
            batch = next(batches)
        sums = self._agree(batch)
        rates = set_rates(self.optimizer, config.optim, step, self.course.steps)
        (loss,) = world.sum([self._learn(batch, sums.totals)])
        norm = clip_gradients(self.weights.values(), config.optim.clip, world)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            what = f"step {step + 1}: loss {loss}, gradient norm {norm}"
            raise ModelError(what, fix="lower optim.lr, or use precision fp32", reason="model.diverged")
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self._prove()
        highest = max(rates.values())
        differ = rates if len(set(rates.values())) > 1 else {}
        return self.course.meter.line(Step(step + 1, loss, highest, norm, sums.work, sums.tiles, sums.slots, differ))

    def _agree(self, batch: StepBatch) -> StepSums:
        """Add up what all ranks have in this step; rejects become known to all."""
        packs, world = batch.packs, self.course.world
        weights = [self.course.lesson.weigh(pack) for pack in packs]
        own = [sum(column) for column in zip(*weights, strict=True)]
        work = sum((pack.work for pack in packs), Work())
        counted = [len(batch.rejects), sum(len(pack.samples) for pack in packs)]
        counted += [
            sum(pack.tiles for pack in packs),
            sum(slots_of(pack.slots, world.device) for pack in packs if pack.slots),
        ]
        numbers = world.sum([*counted, *(getattr(work, name) for name in WORK), *own])
        rejects, rows, tiles, slots = map(int, numbers[:4])
        if rejects:
            for found in world.gather(batch.rejects):
                self.course.account.reject(*found)
        if not rows:
            what = f"no row of step {batch.step + 1} could be read"
            raise RejectLimit(what, fix="see the reasons in rejects; mend the corpus")
        for pack in packs:
            for name, count in pack.counts.items():
                self.course.account.add(name, count)
        done = Work(*map(int, numbers[4 : 4 + len(WORK)]))
        return StepSums(tuple(numbers[4 + len(WORK) :]), done, tiles, slots)

    def _learn(self, batch: StepBatch, totals: Sequence[float]) -> float:
        losses = []
        for number, pack in enumerate(batch.packs):
            seed_pack(self.course.config.seed, batch.step, pack)
            losses.append(self.spread.learn(pack, totals, last=number + 1 == len(batch.packs)))
        return float(torch.stack(losses).double().sum().item())

    def _prove(self) -> None:
        """After the first step: what is frozen has not moved, what trains has."""
        if self._before:
            loaded = self.course.lesson.loaded
            check_first(loaded, self._before, STAGES[self.course.config.stage].trains, self.course.world)
            self._before = {}

    def tensors(self) -> Tensors:
        """All tensors of the run's state, to be written or read into."""
        return {"weights": dict(self.weights), "optimizer": optimizer_tensors(self.optimizer, self.groups)}

    def save(self, checkpoints: Checkpoints, step: int) -> None:
        """Begin to write the state after so many steps."""
        self.course.account.merge(self.course.world)
        facts: dict[str, Any] = {"step": step, "plan": self.course.plan, "account": self.course.account.state()}
        checkpoints.write(step, self.tensors(), facts)

    def restore(self, checkpoints: Checkpoints) -> int:
        """Go back to the newest checkpoint; returns its step, 0 without one."""
        with torch.no_grad():
            facts = checkpoints.read(self.tensors())
        if facts is None:
            return 0
        if facts["plan"] != self.course.plan:
            raise ModelError("the checkpoint is of another plan of steps", fix="start over with --no-resume")
        self.course.account.restore(facts["account"])
        return int(facts["step"])


def seed_pack(seed: int, step: int, pack: Pack) -> None:
    """Seed whatever draws numbers inside the model: by the pack, so that neither ranks nor resuming change it."""
    torch.manual_seed((seed * 1_000_003 + step) * 4099 + pack.number)


def compute_twice(layers: Sequence[torch.nn.Module]) -> None:
    """Let layers keep only what goes into them, and compute the rest again on the way back.

    transformers' own switch would also ask for gradients of the inputs, and so take them through frozen encoders.
    """
    for layer in layers:
        layer.forward = partial(checkpoint, layer.forward, use_reentrant=False)
