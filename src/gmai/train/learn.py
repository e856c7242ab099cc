"""From settings and material to a trained model on disk: what every stage does, in every process of a run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import torch

from gmai.base import RunFolder, output_files, write_jsonl
from gmai.models import LoadedModel, read_costs
from gmai.train.account import Account
from gmai.train.annotated import AnnotationLesson
from gmai.train.export import as_plain, write_model
from gmai.train.journal import Journal
from gmai.train.language import LanguageLesson
from gmai.train.lesson import Lesson
from gmai.train.loop import Course, Watcher, run_loop
from gmai.train.meters import LogLine, Meter, operations_of, summarise
from gmai.train.pack import StepBatch
from gmai.train.parallel import World
from gmai.train.recipe import TrainConfig
from gmai.train.stages import STAGES, Stage
from gmai.train.targets import Targets
from gmai.train.weights import Fingerprint, check_moved, count_groups, fingerprint, prepare_start
from gmai.types import Reject

logger = logging.getLogger(__name__)


class Material(Protocol):
    """What a run learns from, ready to be fed."""

    @property
    def key(self) -> str:
        """Changes with the plan of steps."""

    @property
    def steps(self) -> int:
        """Updates of the weights."""

    @property
    def rejects(self) -> Iterable[Reject]:
        """What cannot be learned from, known before the first step."""

    @property
    def targets(self) -> Targets | None:
        """What annotations say, where the stage asks for it."""

    def batches(self, rank: int, ranks: int, start: int) -> Iterator[StepBatch]:
        """One rank's batches from a step on."""

    def stats(self) -> dict[str, Any]:
        """What there is, for ``stats.json``."""

    def close(self) -> None:
        """Let go of processes and files."""


Gather = Callable[[TrainConfig, LoadedModel, Path, World], Material]


class Onlooker(Protocol):
    """What stands around the loop and changes nothing of what is learned; see :mod:`gmai.train.onlooker`."""

    @property
    def not_listed(self) -> Sequence[str]:
        """Names of files and folders that are no part of the manifest."""

    def prepare(
        self, run: RunFolder, config: TrainConfig, loaded: LoadedModel, material: Any, world: World, meter: Meter
    ) -> Sequence[Watcher]:
        """Before the model is spread: who looks on."""

    def stats(self) -> dict[str, Any]:
        """For ``stats.json``."""

    def measured(self) -> dict[str, Any]:
        """For ``run.json``."""

    def report(
        self,
        run: RunFolder,
        config: TrainConfig,
        lines: Sequence[LogLine],
        stats: Mapping[str, Any],
        measured: Mapping[str, Any],
        rejects: Sequence[Reject],
    ) -> None:
        """At the end."""


def learn(run: RunFolder, config: TrainConfig, world: World, gather: Gather, onlooker: Onlooker) -> dict[str, Any]:
    """Train and write the model; all processes call it, one writes.

    Raises:
        ModelError: parts that do not fit each other, a loss that is no number, a frozen weight that moved.
        RejectLimit: more unusable data than ``max_rejects``.
    """
    with _deterministic(config.threads, world.device):
        stage = STAGES[config.stage]
        loaded = prepare_start(config)
        rank = config.lora.rank if "lora" in stage.trains else 0
        operations = operations_of(read_costs(loaded.model), stage.trains, rank)
        meter = Meter(operations, world.device, world.size, config.watch.peak_tflops)
        before = fingerprint(loaded.model)
        account = Account(config.max_rejects)
        material = gather(config, loaded, config.feed.index or run.work / "index", world)
        try:
            account.reject(*material.rejects)
            watchers = onlooker.prepare(run, config, loaded, material, world, meter)
            loaded.model.train()
            course = Course(
                lesson=_lesson(loaded, config, stage, material, world),
                feed=lambda start: material.batches(world.rank, world.size, start),
                account=account,
                config=config,
                folder=run.path,
                world=world,
                meter=meter,
                watchers=watchers,
                plan=material.key,
                steps=material.steps,
            )
            journal = run_loop(course)
        finally:
            material.close()
        plain = as_plain(loaded, config, world)
        return world.first(lambda: _finish(run, course, plain, before, material.stats(), journal, onlooker))


def _finish(
    run: RunFolder,
    course: Course,
    plain: LoadedModel | None,
    before: Fingerprint,
    available: dict[str, Any],
    journal: Journal,
    onlooker: Onlooker,
) -> dict[str, Any]:
    """What the one writing process does at the end."""
    assert plain is not None, "the writing process has the model"
    config, account = course.config, course.account
    table = check_moved(before, fingerprint(plain.model), STAGES[config.stage].trains)
    sizes = count_groups(plain)
    write_model(plain, config, run.path)
    write_jsonl(run.path / "rejects.jsonl", account.rejects)
    stats = {
        "stage": config.stage,
        "steps": course.steps,
        "contract": plain.contract.hash,
        **available,
        **onlooker.stats(),
        "learned": account.tree(),
        "rejected": len(account.rejects),
        "parts": {part: {"parameters": sizes[part], **row} for part, row in table.items()},
    }
    measured = {
        "ranks": course.world.size,
        **summarise(journal.lines, course.meter.devices, course.meter.peak),
        **onlooker.measured(),
    }
    onlooker.report(run, config, journal.lines, stats, measured, account.rejects)
    files = [path for path in output_files(run) if path.relative_to(run.path).parts[0] not in onlooker.not_listed]
    run.finish(stats, files, measured)
    logger.info("train %s: %d steps, %d rejects", config.stage, course.steps, len(account.rejects))
    return run.stats()


def _lesson(loaded: LoadedModel, config: TrainConfig, stage: Stage, material: Material, world: World) -> Lesson:
    if stage.lesson == "annotations":
        assert material.targets is not None, "the material of this lesson has targets"
        return AnnotationLesson(loaded, config, material.targets)
    learns = {"vision", "projector"} & set(stage.trains)
    sharded = config.parallel == "fsdp2" and world.size > 1
    return LanguageLesson(loaded, config, always_see=stage.prefix == "picture" and (bool(learns) or sharded))


@contextmanager
def _deterministic(threads: int, device: str) -> Iterator[None]:
    """The same bytes every time; promised on a processor."""
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    filling = torch.utils.deterministic.fill_uninitialized_memory
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(device == "cpu")
    torch.utils.deterministic.fill_uninitialized_memory = False
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])
        torch.utils.deterministic.fill_uninitialized_memory = filling
