"""What a run will be, said before a weight is loaded: what trains, memory, steps, data by set, operations, hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from gmai.models import PARTS, Costs, LoadedModel, Work, part_of, read_costs, read_outline
from gmai.train.lora import is_lora
from gmai.train.material import Material, count_sets, gather
from gmai.train.memory import MemoryEstimate, estimate_memory
from gmai.train.meters import LogLine
from gmai.train.mixture import Mixture
from gmai.train.parallel import World
from gmai.train.plan import StepPlan
from gmai.train.recipe import TrainConfig
from gmai.train.stages import STAGES
from gmai.types import record

ASSUMED_MFU = 0.4
"""Share of the peak that hours are told for, unless another is given."""
H200_TFLOPS = 989.0


@record
class DeviceConfig:
    """What hours are told for."""

    devices: int = 1
    """How many work together."""
    peak_tflops: float = H200_TFLOPS
    """Of one device, in 10^12 bfloat16 operations per second; by default an H200's or H100's."""
    mfu: float = ASSUMED_MFU
    """Share of the peak that is assumed to be reached."""


@record
class PartForecast:
    """A part of the model."""

    name: str
    parameters: int
    trains: bool
    lr: float
    """Highest learning rate; 0 if frozen."""


@record
class SetForecast:
    """A set of the mixture over the whole run."""

    name: str
    category: str
    ratio: float
    """Passes in an epoch that the recipe asks for."""
    available: int
    """Rows the run can use."""
    rows: int
    """Rows learned from, again and again counted."""
    passes: float
    """``rows`` in each epoch as a share of ``available``."""
    tokens: int
    labels: int
    tiles: int


@record
class Forecast:
    """Everything that is known before the first step."""

    stage: str
    parts: tuple[PartForecast, ...]
    memory: MemoryEstimate
    memory_total_gib: float
    sets: tuple[SetForecast, ...]
    totals: dict[str, float]
    """steps, epochs, packs, rows, tokens, labels, tiles, tflop; with checkpointing what is computed twice
    (recomputed_tflop), with budgets how full packs are (fill, tile_fill)."""
    device: DeviceConfig
    hours: float
    """``tflop / (devices x peak x mfu)``; what is computed twice counts in no MFU."""
    skipped_sets: tuple[str, ...] = ()
    unused: dict[str, int] = field(default_factory=dict)
    """Rows this run has no use for, by reason."""


def forecast_run(config: TrainConfig, device: DeviceConfig | None = None) -> Forecast:
    """Foretell a run; of the model its config and tokenizer are read, of the data the index of its rows.

    Raises:
        ConfigError: settings or data that do not fit.
        ModelError: no model, or no visual contract.
    """
    loaded = read_outline(config.init.model)
    with TemporaryDirectory(prefix="gmai-plan-") as home:
        material = gather(config, loaded, config.feed.index or Path(home), World())
        try:
            return forecast(loaded, config, material, device)
        finally:
            material.close()


def forecast(
    loaded: LoadedModel, config: TrainConfig, material: Material, device: DeviceConfig | None = None
) -> Forecast:
    """Foretell a run from its model, with or without weights, and its material.

    Args:
        loaded: the model.
        config: the recipe.
        material: its rows and steps.
        device: what hours are told for.
    """
    device = device or DeviceConfig()
    costs = read_costs(loaded.model)
    mixture, plan = material.mixture, material.plan
    parts, trained = _parts(loaded, config, costs)
    plain = {part.name: part.parameters for part in parts if part.name != "lora"}
    memory = estimate_memory(loaded.model, config, plain, trained, _largest_pack(mixture, plan), device.devices)
    totals = _totals(config, plan)
    if config.scale.gradient_checkpointing:
        rows = int(_patches(mixture, plan).sum())
        again = costs.recompute(Work(tokens=int(totals["tokens"]), rows=rows), set(trained))
        totals["recomputed_tflop"] = round(again / 1e12, 6)
    return Forecast(
        stage=config.stage,
        parts=parts,
        memory=memory,
        memory_total_gib=round(memory.total, 3),
        sets=tuple(SetForecast(**one) for one in count_sets(mixture, plan)),
        totals=totals,
        device=device,
        hours=round(totals["tflop"] / (device.devices * device.peak_tflops * device.mfu) / 3600, 6),
        skipped_sets=config.skipped_sets,
        unused=dict(sorted(mixture.unused.items())),
    )


def _parts(loaded: LoadedModel, config: TrainConfig, costs: Costs) -> tuple[tuple[PartForecast, ...], dict[str, int]]:
    trains = STAGES[config.stage].trains
    sizes: dict[str, int] = dict.fromkeys(PARTS, 0)
    for name, weight in loaded.model.named_parameters():
        if not is_lora(name):
            sizes[part_of(name)] += weight.numel()
    if "lora" in trains:
        sizes["lora"] = round(costs.lora_per_rank / 2 * config.lora.rank)
    rates: Mapping[Any, float] = config.optim.rates
    parts = tuple(
        PartForecast(
            name=name,
            parameters=count,
            trains=name in trains,
            lr=rates.get(name, config.optim.lr) if name in trains else 0.0,
        )
        for name, count in sizes.items()
    )
    return parts, {part.name: part.parameters for part in parts if part.trains}


def _largest_pack(mixture: Mixture, plan: StepPlan) -> Work:
    """A pack that has as much of everything as any."""
    starts = np.concatenate([[0], plan.pack_ends[:-1]]).astype(np.int64)

    def most(values: Any) -> int:
        return int(np.add.reduceat(values.astype(np.int64), starts).max())

    patches = most(_patches(mixture, plan))
    return Work(tokens=most(plan.tokens), labels=most(plan.labels), patches=patches, rows=patches)


def _patches(mixture: Mixture, plan: StepPlan) -> Any:
    """Patches of each entry of the plan."""
    return np.where(plan.tiles > 0, mixture.column("row_patches", plan.rows), 0)


def _totals(config: TrainConfig, plan: StepPlan) -> dict[str, float]:
    packs, batch = len(plan.pack_ends), config.batch
    totals: dict[str, float] = {
        "steps": plan.steps,
        "epochs": round(plan.epochs, 4),
        "packs": packs,
        "rows": int((plan.parts <= 0).sum()),
        "tokens": int(plan.tokens.sum(dtype=np.int64)),
        "labels": int(plan.labels.sum(dtype=np.int64)),
        "tiles": int(plan.tiles.sum(dtype=np.int64)),
        "tflop": round(float(plan.costs.sum(dtype=np.float64)) / 1e12, 9),
    }
    if batch.tokens is not None:
        totals["fill"] = round(totals["tokens"] / (packs * batch.tokens), 4)
    if batch.tiles is not None:
        totals["tile_fill"] = round(totals["tiles"] / (packs * batch.tiles), 4)
    return totals


def _sum_of(name: str) -> Callable[[Sequence[LogLine], Mapping[str, Any]], float | None]:
    def total(lines: Sequence[LogLine], stats: Mapping[str, Any]) -> float | None:
        return float(sum(getattr(line, name) for line in lines))

    return total


def _rows(lines: Sequence[LogLine], stats: Mapping[str, Any]) -> float | None:
    rows = stats.get("learned", {}).get("rows")
    return None if rows is None else float(sum(rows.values()))


Actual = Callable[[Sequence[LogLine], Mapping[str, Any]], float | None]
PLANNED: dict[str, tuple[str, Actual]] = {
    "steps": ("Steps", lambda lines, stats: float(len(lines))),
    "rows": ("Rows", _rows),
    "tokens": ("Tokens read", _sum_of("tokens")),
    "labels": ("Tokens learned", _sum_of("labels")),
    "tiles": ("Tiles", _sum_of("tiles")),
    "tflop": ("Operations, 10\u00b9\u00b2", _sum_of("tflop")),
    "hours": ("Hours", lambda lines, stats: sum(line.seconds for line in lines) / 3600),
}
"""What is planned: its name, and what became of it by the log and the statistics."""
