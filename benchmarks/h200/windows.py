"""Windows of steps, one contender after the other: each with a model of its own, timed after its warm-up."""

from __future__ import annotations

import argparse
import gc
import json
import resource
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import transformers

from benchmarks.h200.contenders import (
    THEIRS,
    learn_ours,
    learn_theirs,
    manifest_batches,
    operations,
    ours,
    recipe,
)
from benchmarks.h200.rows import make_manifest
from benchmarks.h200.shapes import make_loaded
from gmai.models import Work, peak_tflops, read_costs
from gmai.train.pack import StepBatch

TUNED: tuple[dict[str, Any], ...] = (
    {"tokens": 16_384},
    {"tokens": 32_768, "pack_tiles": 96, "packs": 1},
    {"tokens": 16_384, "packs": 8},
    {"tokens": 8_192, "pack_tiles": 24, "packs": 4, "keep": True},
    {"tokens": 4_096, "pack_tiles": 16, "packs": 8, "keep": True},
)
"""What ``tune`` tries of ours, five timed steps each."""


@dataclass
class Window:
    """What one contender did."""

    contender: str
    mode: str
    tiles: str
    """Profile."""
    device: str
    versions: str
    setting: str
    parameters: int
    peak_tflops: float | None
    warm_up: int
    steps: int = 0
    """Timed."""
    seconds: float = 0.0
    samples: int = 0
    tokens: int = 0
    """Read by the model, without what pads."""
    slots: int = 0
    labels: int = 0
    tiles_seen: int = 0
    tflop: float = 0.0
    peak_gib: float = 0.0
    """Allocated on the device; resident, on a processor."""
    build_seconds: float = 0.0
    first_loss: float = 0.0
    last_loss: float = 0.0
    note: str = ""


def main(chosen: argparse.Namespace) -> None:
    if chosen.part == "tune":
        settings = [Namespace(**{**vars(chosen), **one, "steps": min(chosen.steps, 5)}) for one in TUNED]
        order = [("C", one) for one in settings]
        for one in settings:
            one.warm_up = min(chosen.warm_up, 3)
    else:
        order = [(name, chosen) for name in chosen.order]
    start = time.monotonic()
    for place, (name, setting) in enumerate(order):
        share = (chosen.seconds - (time.monotonic() - start)) / (len(order) - place)
        window = measure(name, setting, time.monotonic() + share)
        write(window, chosen)


def measure(name: str, chosen: argparse.Namespace, until: float) -> Window:
    """Build, warm up, time and let go."""
    cuda = chosen.device.startswith("cuda")
    if cuda:
        torch.cuda.reset_peak_memory_stats(chosen.device)
    window = begin(name, chosen)
    try:
        with tempfile.TemporaryDirectory() as folder:
            _train(window, name, chosen, until, Path(folder))
    except torch.OutOfMemoryError as error:
        window.note = f"out of memory: {str(error).splitlines()[0]}"
    window.peak_gib = round(_memory_gib(chosen.device), 2)
    gc.collect()
    if cuda:
        torch.cuda.empty_cache()
    return window


def begin(name: str, chosen: argparse.Namespace) -> Window:
    device = torch.cuda.get_device_name(chosen.device) if chosen.device.startswith("cuda") else "cpu"
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
    peak = chosen.peak or peak_tflops(device)
    config = recipe(chosen, ours(chosen))
    setting = "1 row, 2 an update, unpacked, sdpa, checkpointing, AdamW with bfloat16 means"
    if name == "C":
        again = "kept" if chosen.keep else "checkpointing"
        batch = config.batch
        setting = (
            f"{batch.packs} packs of {batch.tokens:,} tokens and {batch.tiles} tiles, {again}, {config.optim.kind}"
        )
    return Window(name, chosen.mode, chosen.tiles, device, versions, setting, 0, peak, chosen.warm_up)


def _train(window: Window, name: str, chosen: argparse.Namespace, until: float, folder: Path) -> None:
    start = time.monotonic()
    loaded = make_loaded(chosen.shape, chosen.device, chosen.seed)
    window.parameters = sum(weight.numel() for weight in loaded.model.parameters())
    config = recipe(chosen, ours(chosen))
    count = operations(read_costs(loaded.model), config)
    manifest = make_manifest(loaded, folder, chosen.tiles, chosen.rows, config.batch.tokens or 0, chosen.seed)
    batches = list(manifest_batches(manifest, config, config.batch if name == "C" else THEIRS))
    learn = (learn_ours if name == "C" else learn_theirs)(loaded, config, chosen)
    settle(chosen.device)
    window.build_seconds = round(time.monotonic() - start, 1)
    _time(window, learn, batches, count, until, chosen.device)


def _time(
    window: Window,
    learn: Callable[[int, StepBatch], float],
    batches: list[StepBatch],
    count: Callable[[Work], float],
    until: float,
    device: str,
) -> None:
    """Step by step; the clock runs from the end of the warm-up, when the device has nothing left to do."""
    start = time.perf_counter()
    for step, batch in enumerate(batches):
        if step == window.warm_up:
            settle(device)
            start = time.perf_counter()
        loss = learn(step, batch)
        window.first_loss = window.first_loss or round(loss, 4)
        window.last_loss = round(loss, 4)
        if step < window.warm_up:
            if time.monotonic() > until:
                window.note = f"the time was over after {step + 1} steps of the warm-up; nothing is timed"
                return
            continue
        _add(window, batch, count)
        if time.monotonic() > until:
            break
    settle(device)
    window.seconds = round(time.perf_counter() - start, 4)


def _add(window: Window, batch: StepBatch, count: Callable[[Work], float]) -> None:
    work = sum((pack.work for pack in batch.packs), Work())
    window.steps += 1
    window.samples += sum(len(pack.samples) for pack in batch.packs)
    window.tokens += work.tokens
    more = len(batch.packs) if window.contender == "A" else 0  # transformers reads the last token of a row, too
    window.slots += sum(pack.slots for pack in batch.packs) + more
    window.labels += work.labels
    window.tiles_seen += sum(pack.tiles for pack in batch.packs)
    window.tflop += count(work) / 1e12


def settle(device: str) -> None:
    """Wait until the device has nothing left to do."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def _memory_gib(device: str) -> float:
    if device.startswith("cuda"):
        return float(torch.cuda.max_memory_allocated(device)) / 2**30
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def write(window: Window, chosen: argparse.Namespace) -> None:
    """One file a window, numbered; said on the screen too."""
    number = len(list(chosen.out.glob("window-*.json")))
    part = "tune" if chosen.part == "tune" else "run"
    text = json.dumps({"part": part, **asdict(window)}, indent=1)
    (chosen.out / f"window-{number:03d}.json").write_text(text + "\n")
    rate = window.samples / window.seconds if window.seconds else 0.0
    print(
        f"{window.contender} {window.mode} {window.tiles}: {window.steps} steps, {rate:.3f} samples/s, "
        f"{window.peak_gib} GiB, built in {window.build_seconds} s, {window.setting} {window.note}",
        flush=True,
    )
