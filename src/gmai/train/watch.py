"""Everything that looks on while a model trains and changes nothing: loggers, validation, probes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from gmai.models import LoadedModel
from gmai.train.journal import append_line, keep_lines
from gmai.train.loggers import LOGGER_FOLDERS, Loggers
from gmai.train.loop import Pupil
from gmai.train.meters import LogLine, Meter
from gmai.train.parallel import World
from gmai.train.proof import kept_random
from gmai.train.validation import Validation, Validator
from gmai.train.watching import WatchConfig
from gmai.types import record

VALIDATIONS = "validation.jsonl"
PROBES = "probes.jsonl"
MEASURED_FILES = ("log.jsonl", "train.html", *LOGGER_FOLDERS)
"""Files and folders of a run that hold times, or that others write: no part of its manifest."""
Probe = Callable[[int, LoadedModel], dict[str, float]]
"""Given from above: what a model can do after so many steps, by name."""


@record
class ProbeLine:
    """What a probe found after a step."""

    step: int
    values: dict[str, float]


class Watch:
    """See :class:`gmai.train.loop.Watcher`; all processes have one, the first one writes."""

    def __init__(
        self,
        config: WatchConfig,
        folder: Path,
        world: World,
        meter: Meter,
        validator: Validator | None = None,
        probe: Probe | None = None,
    ) -> None:
        self._config = config
        self._folder = folder
        self._world = world
        self._meter = meter
        self._validator = validator
        self._probe = probe
        self.validations: list[Validation] = []
        self.probes: list[ProbeLine] = []
        self._loggers: Loggers | None = None

    def began(self, done: int) -> None:
        """Look on from here; what was written beyond ``done`` steps is dropped.

        Raises:
            ConfigError: no such logger.
            MissingExtra: a logger's package is not installed.
        """
        if self._world.leads:
            self._loggers = Loggers(self._config.loggers, self._folder, done)
            self.validations = keep_lines(self._folder / VALIDATIONS, Validation, done)
            self.probes = keep_lines(self._folder / PROBES, ProbeLine, done)

    def after(self, line: LogLine, pupil: Pupil) -> None:
        """Write the step's numbers; validate and probe, if it is time."""
        if self._loggers is not None:
            self._loggers.write(line.step, self._values(line))
        last = line.step == pupil.course.steps
        if self._validator is not None and _due(line.step, self._config.validate_every, last):
            self._validate(line.step, pupil.spread.module, self._validator)
        if self._probe is not None and _due(line.step, self._config.probe_every, last):
            self._look(line.step, pupil.course.lesson.loaded, self._probe)

    def close(self) -> None:
        """Write what is left."""
        if self._loggers is not None:
            self._loggers.close()

    def _validate(self, step: int, learner: torch.nn.Module, validator: Validator) -> None:
        found = validator.measure(step, learner)
        if self._loggers is not None:
            append_line(self._folder / VALIDATIONS, found)
            self.validations.append(found)
            values = {f"validation/{name}": one.loss for name, one in found.sets.items()}
            self._loggers.write(step, {"validation/loss": found.loss, **values})

    def _look(self, step: int, loaded: LoadedModel, probe: Probe) -> None:
        training = loaded.model.training
        loaded.model.eval()
        try:
            with kept_random(self._world.device):
                values = self._world.first(lambda: probe(step, loaded))
        finally:
            loaded.model.train(training)
        if self._loggers is not None:
            found = ProbeLine(step=step, values=values)
            append_line(self._folder / PROBES, found)
            self.probes.append(found)
            self._loggers.write(step, {f"probe/{name}": value for name, value in values.items()})

    def _values(self, line: LogLine) -> dict[str, float]:
        rates = line.rates or {"all": line.lr}
        return {
            "loss": line.loss,
            "gradient_norm": line.gradient_norm,
            "memory_mb": line.memory_mb,
            **{f"lr/{name}": rate for name, rate in rates.items()},
            **{f"speed/{name}": value for name, value in self._meter.recent().items()},
        }


def _due(step: int, every: int, last: bool) -> bool:
    return every > 0 and (step % every == 0 or last)
