"""What a step cost and how fast it was: tokens, tiles, operations, waiting for data, memory, share of the peak.

MFU, the share of the peak, is ``operations of the model / (seconds x devices x peak)``: operations as
:mod:`gmai.models.cost` counts them, what is computed twice to save memory left out; seconds of a step, waiting for data
included, checkpoints, validation and probes between steps not; the peak as the device's maker states it for bfloat16.
On a processor no peak is known, so there is no MFU.
"""

from __future__ import annotations

import resource
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from gmai.models import Costs, Work, peak_tflops
from gmai.types import record

MEASURED = ("seconds", "wait_seconds", "memory_mb")
"""Columns of the log that differ between two runs; all others are the same."""
WINDOW = 20
"""Steps the shown rates are a mean over."""


@record
class LogLine:
    """One step; counts are over all ranks."""

    step: int
    """Counted from 1."""
    loss: float
    """Weighted mean over the step's labels; in stage ``vision``, the heads' loss."""
    lr: float
    tokens: int
    """Tokens read; patches, where no text is read."""
    gradient_norm: float
    """Before clipping."""
    seconds: float
    """Wall time from the end of the step before."""
    labels: int = 0
    """Tokens predicted."""
    tiles: int = 0
    """Pictures, or tiles of them, that the encoder took."""
    patches: int = 0
    """Patches of pictures."""
    slots: int = 0
    """Places for tokens that were computed, padding among them."""
    tflop: float = 0.0
    """Operations of the model, forward and backward, in 10^12."""
    rates: dict[str, float] = field(default_factory=dict)
    """Learning rate by group, where groups differ."""
    wait_seconds: float = 0.0
    """Part of ``seconds`` in which the loop waited for data."""
    memory_mb: float = 0.0
    """Most memory so far: allocated on the device, or resident on a processor."""


@dataclass(frozen=True)
class Step:
    """What the loop knows of a finished step."""

    step: int
    loss: float
    lr: float
    gradient_norm: float
    work: Work
    """Over all ranks."""
    tiles: int = 0
    slots: int = 0
    rates: Mapping[str, float] = field(default_factory=dict)


class Meter:
    """Measures steps one after the other."""

    def __init__(
        self,
        operations: Callable[[Work], float],
        device: str = "cpu",
        devices: int = 1,
        peak: float | None = None,
    ) -> None:
        """Begin to measure.

        Args:
            operations: of the work of a step, forward and backward.
            device: a torch device.
            devices: how many work together.
            peak: of one device in 10^12 operations per second; by default what its maker states.
        """
        self._operations = operations
        self._device = torch.device(device)
        self.devices = devices
        self.peak = peak or _known_peak(self._device)
        self._waited = 0.0
        self._last = time.perf_counter()
        self._recent: deque[LogLine] = deque(maxlen=WINDOW)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time inside as waiting for data."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._waited += time.perf_counter() - start

    def forget(self) -> None:
        """Begin the next step now: what was done since the last one, such as a checkpoint, is no part of it."""
        self._last = time.perf_counter()
        self._waited = 0.0

    def line(self, step: Step) -> LogLine:
        """The log line of a step that has just ended."""
        now = time.perf_counter()
        work = step.work
        line = LogLine(
            step=step.step,
            loss=step.loss,
            lr=step.lr,
            tokens=work.tokens or work.patches,
            gradient_norm=step.gradient_norm,
            seconds=round(now - self._last, 4),
            labels=work.labels,
            tiles=step.tiles,
            patches=work.patches,
            slots=step.slots,
            tflop=round(self._operations(work) / 1e12, 9),
            rates=dict(step.rates),
            wait_seconds=round(self._waited, 4),
            memory_mb=round(_memory_mb(self._device), 1),
        )
        self.forget()
        self._recent.append(line)
        return line

    def recent(self) -> dict[str, float]:
        """Rates over the last steps; see :func:`rates_of`."""
        return rates_of(list(self._recent), self.devices, self.peak)

    def note(self) -> str:
        """The words beside the progress bar."""
        last, rates = self._recent[-1], self.recent()
        words = [f"loss {last.loss:.4f}", f"lr {last.lr:.2g}", f"{_short(rates['tokens_per_second'])} tokens/s"]
        if "mfu" in rates:
            words.append(f"MFU {100 * rates['mfu']:.1f} %")
        words.append(f"waits {100 * rates['wait_share']:.0f} %")
        return " · ".join([*words, f"{last.memory_mb / 1024:.1f} GiB"])


def operations_of(costs: Costs, trains: Collection[str], lora_rank: int = 0) -> Callable[[Work], float]:
    """How many operations a step's work is, if these parts train."""

    def operations(work: Work) -> float:
        return sum(costs.training(work, trains, lora_rank).values())

    return operations


def rates_of(lines: Sequence[LogLine], devices: int = 1, peak: float | None = None) -> dict[str, float]:
    """Speeds and shares over some steps.

    Args:
        lines: the steps; at least one.
        devices: how many worked together.
        peak: of one device, in 10^12 operations per second; without it there is no ``mfu``.
    """
    seconds = max(sum(line.seconds for line in lines), 1e-9)
    tokens, slots = sum(line.tokens for line in lines), sum(line.slots for line in lines)
    tflop = sum(line.tflop for line in lines)
    rates = {
        "seconds_per_step": round(seconds / max(1, len(lines)), 4),
        "tokens_per_second": round(tokens / seconds, 1),
        "labels_per_second": round(sum(line.labels for line in lines) / seconds, 1),
        "tiles_per_second": round(sum(line.tiles for line in lines) / seconds, 2),
        "tflops": round(tflop / seconds, 6),
        "wait_share": round(min(1.0, sum(line.wait_seconds for line in lines) / seconds), 4),
    }
    if slots:
        rates["pad_share"] = round(1 - tokens / slots, 4)
    if peak:
        rates["mfu"] = round(tflop / (seconds * devices * peak), 4)
    return rates


def summarise(lines: Sequence[LogLine], devices: int = 1, peak: float | None = None) -> dict[str, Any]:
    """The measured numbers of a whole run; empty for no steps."""
    if not lines:
        return {}
    peaks = {} if peak is None else {"peak_tflops": peak}
    return {
        **rates_of(lines, devices, peak),
        "seconds": round(sum(line.seconds for line in lines), 3),
        "peak_memory_mb": max(line.memory_mb for line in lines),
        "devices": devices,
        **peaks,
    }


def _known_peak(device: torch.device) -> float | None:
    return peak_tflops(torch.cuda.get_device_name(device)) if device.type == "cuda" else None


def _memory_mb(device: torch.device) -> float:
    if device.type == "cuda":
        allocated: int = torch.cuda.max_memory_allocated(device)
        return allocated / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _short(value: float) -> str:
    return f"{value / 1000:.1f}k" if value >= 1000 else f"{value:.0f}"
