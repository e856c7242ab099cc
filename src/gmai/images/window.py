"""Stored values to 8-bit grey: one window for a whole volume, so that its slices compare.

``header`` and ``fixed`` windows follow DICOM PS3.3 C.11.2.1.2.1 (linear, with its half-value terms), or the function
the header names (``LINEAR_EXACT``, ``SIGMOID``, or a VOI table); ``percentile`` and ``range`` map their two ends to 0
and 255 exactly. What lies outside is clipped; what is no number is shown black.

Percentiles are those of the foreground, for air around a head says nothing about its tissue: the values of the
background, which is 0 or the smallest value, whichever is commoner, are left out if they are a twentieth or more.
"""

import difflib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import yaml

from gmai.errors import ImageError
from gmai.types import WindowPolicy

PERCENTILES = (1.0, 99.0)
BACKGROUND = 0.05
"""Part of all values from which on the background is left out of the percentiles."""


class Table(NamedTuple):
    """A VOI look-up table (PS3.3 C.11.2.1.1): the first value it maps, and the grey 0 to 255 of it and those after."""

    first: float
    grey: bytes


class HeaderWindow(NamedTuple):
    """The first window that a file's header gives."""

    centre: float
    width: float
    function: str = "LINEAR"
    """``LINEAR``, ``LINEAR_EXACT`` or ``SIGMOID``."""
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A window in the stored unit; ``dicom`` says which of the two linear functions is meant."""

    centre: float
    width: float
    mode: str
    dicom: bool = False
    function: str = "LINEAR"
    table: Table | None = None
    preset: str = ""

    def told(self, name: str = "mode") -> dict[str, Any]:
        """What a step says of the window, its mode under ``name``."""
        named = {"preset": self.preset} if self.preset else {}
        shaped = {} if self.function == "LINEAR" else {"function": self.function}
        return {name: self.mode, "centre": self.centre, "width": self.width, **named, **shaped}

    @property
    def ends(self) -> tuple[float, float]:
        """Values shown as 0 and as 255."""
        if self.dicom and self.function == "LINEAR":
            half = max(self.width - 1, 1e-6) / 2
            return self.centre - 0.5 - half, self.centre - 0.5 + half
        return self.centre - self.width / 2, self.centre + self.width / 2


def find_window(
    values: np.ndarray,
    policy: WindowPolicy,
    header: tuple[float, float] | HeaderWindow | None = None,
    padding: tuple[float, float] | None = None,
) -> Window:
    """Choose the window of a picture or volume.

    Args:
        values: stored values of any shape, after rescaling.
        policy: how to choose; ``header`` without a window in the header falls back to percentiles, and percentiles
            that are equal to the range; the ``mode`` of the result tells.
        header: window of the file's header.
        padding: values from here to there are no part of the picture.

    Raises:
        ImageError: no value is a number, a fixed window without centre and width, or a preset there is not.
    """
    if policy.mode == "preset":
        centre, width = find_preset(policy.preset)
        return Window(centre, width, "preset", dicom=True, preset=policy.preset)
    if policy.mode == "fixed":
        if policy.centre is None or policy.width is None or policy.width <= 0:
            raise ImageError("a fixed window needs a centre and a width above 0", reason="window.incomplete")
        return Window(policy.centre, policy.width, "fixed", dicom=True)
    if policy.mode == "header" and header is not None and (found := _by_header(HeaderWindow(*header))):
        return found
    if padding is not None:
        values = _without(values, padding)
    if policy.mode == "range":
        return _between(*_range(values), "range")
    low, high = _percentiles(values)
    return _between(low, high, "percentile") if high > low else _between(*_range(values), "range")


@cache
def read_presets() -> dict[str, tuple[float, float]]:
    """Name to (centre, width) of every window preset."""
    text = files("gmai.images").joinpath("windows.yaml").read_text("utf-8")
    return {name: (float(centre), float(width)) for name, (centre, width) in yaml.safe_load(text).items()}


def find_preset(name: str) -> tuple[float, float]:
    """(centre, width) of a window preset.

    Raises:
        ImageError: ``window.unknown``: no such preset; near misses and the whole list are given.
    """
    presets = read_presets()
    if name not in presets:
        near = difflib.get_close_matches(name, presets, n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ImageError(f"no window {name!r}", fix=f"{hint}known: {', '.join(presets)}", reason="window.unknown")
    return presets[name]


def _by_header(header: HeaderWindow) -> Window | None:
    if header.width <= 0 or (header.function == "LINEAR" and header.width < 1):
        return None
    return Window(header.centre, header.width, "header", True, header.function, header.table)


def _without(values: np.ndarray, padding: tuple[float, float]) -> np.ndarray:
    inside = (values < padding[0]) | (values > padding[1])
    return values[inside] if inside.any() else values


def _between(low: float, high: float, mode: str) -> Window:
    return Window((low + high) / 2, high - low, mode)


def apply_window(values: np.ndarray, window: Window) -> np.ndarray:
    """Map values to uint8 grey of the same shape, rounding to nearest; a window of no width gives black."""
    low, high = window.ends
    if window.table is not None:
        return _look_up(values, window.table)
    if window.function == "SIGMOID":
        return _sigmoid(values, window)
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2:
        grey: np.ndarray = _table(values.dtype, low, high).take(values.view(f"u{values.dtype.itemsize}"))
        return grey
    return _scale(values.astype(np.float32), low, high)


@lru_cache(maxsize=8)
def _table(dtype: np.dtype, low: float, high: float) -> np.ndarray:
    """Grey of each value of an integer type, by the value's bits; slices of a volume share it."""
    codes = np.arange(256**dtype.itemsize, dtype=f"u{dtype.itemsize}")
    return _scale(codes.view(dtype).astype(np.float32), low, high)


def _look_up(values: np.ndarray, table: Table) -> np.ndarray:
    grey = np.frombuffer(table.grey, np.uint8)
    places = np.nan_to_num(np.rint(values - table.first), nan=0.0).astype(np.int64)
    shown: np.ndarray = grey[np.clip(places, 0, len(grey) - 1)]
    return shown


def _sigmoid(values: np.ndarray, window: Window) -> np.ndarray:
    """PS3.3 C.11.2.1.3.1."""
    way = np.clip(-4.0 * (values.astype(np.float64) - window.centre) / window.width, -500, 500)
    shown: np.ndarray = np.rint(np.nan_to_num(255.0 / (1.0 + np.exp(way)))).astype(np.uint8)
    return shown


def _scale(values: np.ndarray, low: float, high: float) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        grey = (values - np.float32(low)) * np.float32(255.0 / (high - low))
    np.nan_to_num(grey, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    shown: np.ndarray = np.rint(np.clip(grey, 0, 255)).astype(np.uint8)
    return shown


def _range(values: np.ndarray) -> tuple[float, float]:
    finite = _finite(values)
    return float(finite.min()), float(finite.max())


def _percentiles(values: np.ndarray) -> tuple[float, float]:
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2:
        return _integer_percentiles(values)
    finite = _finite(values).ravel()
    smallest = finite.min()
    least, zeros = (finite == smallest).sum(), (finite == 0).sum()
    if max(least, zeros) >= BACKGROUND * finite.size:
        finite = finite[finite != (0 if zeros > least else smallest)]
    if not finite.size:
        return 0.0, 0.0
    ranks = [round(percent / 100 * (finite.size - 1)) for percent in PERCENTILES]
    ordered = np.partition(finite, ranks)
    return float(ordered[ranks[0]]), float(ordered[ranks[1]])


def _integer_percentiles(values: np.ndarray) -> tuple[float, float]:
    first = int(np.iinfo(values.dtype).min)
    histogram = np.zeros(256**values.dtype.itemsize, np.int64)
    for plane in values if values.ndim > 2 else (values,):  # a plane at a time: counting makes wide copies
        histogram += np.bincount((plane.astype(np.int32) - first).ravel(), minlength=histogram.size)
    smallest, zero = int(np.flatnonzero(histogram)[0]), -first
    background = zero if histogram[zero] > histogram[smallest] else smallest
    if histogram[background] >= BACKGROUND * values.size:
        histogram[background] = 0
    counts = np.cumsum(histogram)
    if not counts[-1]:
        return 0.0, 0.0
    ranks = [round(percent / 100 * (int(counts[-1]) - 1)) for percent in PERCENTILES]
    low, high = (int(np.searchsorted(counts, rank, side="right")) for rank in ranks)
    return float(first + low), float(first + high)


def _finite(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind in "iu":
        return values
    finite: np.ndarray = values[np.isfinite(values)]
    if not finite.size:
        raise ImageError("no value of the picture is a number", reason="image.all_nan")
    return finite
