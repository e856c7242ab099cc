"""What stands around the loop: the proof before it, the plan, the watch while it runs, and the page at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gmai.base import RunFolder, to_dict, write_text
from gmai.errors import ConfigError
from gmai.models import LoadedModel
from gmai.report import render_page
from gmai.train.checking import prove_start
from gmai.train.forecast import DeviceConfig, Forecast, forecast
from gmai.train.loop import Watcher
from gmai.train.material import Material
from gmai.train.meters import LogLine, Meter
from gmai.train.page import RunNumbers, training_page
from gmai.train.parallel import World
from gmai.train.proof import Proof
from gmai.train.recipe import TrainConfig
from gmai.train.validation import open_validator
from gmai.train.watch import MEASURED_FILES, Probe, Watch
from gmai.types import Reject

PAGE = "train.html"


class Onlooker:
    """Prepares, looks on and reports; changes nothing of what is learned."""

    def __init__(self, probe: Probe | None = None) -> None:
        """Look on; ``probe`` is asked every ``watch.probe_every`` steps."""
        self._probe = probe
        self._proof: Proof | None = None
        self._forecast: Forecast | None = None
        self._watch: Watch | None = None
        self._known = False

    @property
    def not_listed(self) -> Sequence[str]:
        """Files and folders that are no part of the manifest."""
        return MEASURED_FILES

    def prepare(
        self, run: RunFolder, config: TrainConfig, loaded: LoadedModel, material: Material, world: World, meter: Meter
    ) -> Sequence[Watcher]:
        """Prove packing, foretell the run, and open what looks on; all processes call it before the model is spread.

        Raises:
            ModelError: packing changes what is computed.
            ConfigError: nothing to validate on, or a probe where no process holds the whole model.
        """
        if self._probe is not None and config.parallel == "fsdp2" and world.size > 1:
            fix = "--set parallel=ddp, or no probe"
            raise ConfigError("a probe needs the whole model in one process", where="parallel", fix=fix)
        home = config.feed.index or run.work / "index"
        self._known = meter.peak is not None
        self._forecast = forecast(loaded, config, material, _device(meter))
        self._proof = prove_start(loaded, config, material, world, home)
        validator = open_validator(config, loaded, world, home) if config.watch.validate_every else None
        self._watch = Watch(config.watch, run.path, world, meter, validator, self._probe)
        return (self._watch,)

    def stats(self) -> dict[str, Any]:
        """What is the same whenever the run is repeated: the plan's totals."""
        return {} if self._forecast is None else {"plan": {"totals": self._forecast.totals}}

    def measured(self) -> dict[str, Any]:
        """What is of this machine: hours and memory foretold, and the proof."""
        found: dict[str, Any] = {}
        if self._forecast is not None:
            told = self._forecast
            hours = {"hours": told.hours, "device": to_dict(told.device)} if self._known else {}
            found["plan"] = {"memory": to_dict(told.memory), "memory_gib": told.memory_total_gib, **hours}
        if self._proof is not None:
            found["proof"] = to_dict(self._proof)
        return found

    def report(
        self,
        run: RunFolder,
        config: TrainConfig,
        lines: Sequence[LogLine],
        stats: Mapping[str, Any],
        measured: Mapping[str, Any],
        rejects: Sequence[Reject],
    ) -> None:
        """Write the page."""
        numbers = RunNumbers(
            name=run.path.resolve().name,
            stage=config.stage,
            lines=lines,
            stats=stats,
            measured=measured,
            validations=() if self._watch is None else tuple(self._watch.validations),
            probes=() if self._watch is None else tuple(self._watch.probes),
            rejects=rejects,
            settings={name: value for name, value in to_dict(config).items() if name != "data"},
        )
        write_text(run.path / PAGE, render_page(training_page(numbers)))


def _device(meter: Meter) -> DeviceConfig:
    known = {} if meter.peak is None else {"peak_tflops": meter.peak}
    return DeviceConfig(devices=meter.devices, **known)
