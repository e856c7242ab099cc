"""Frames without a place in the patient, such as films of ultrasound: when each was taken, and which are read."""

from collections.abc import Sequence

import numpy as np
from pydicom import Dataset

from gmai.errors import ImageError
from gmai.images.dicom.header import read_number, read_numbers
from gmai.types import FramePolicy


def find_times(header: Dataset, count: int) -> tuple[float, ...]:
    """Seconds of each frame after the first (PS3.3 C.7.6.5); empty where the header does not say.

    Raises:
        ImageError: ``dicom.header``.
    """
    steps = read_numbers(header, "FrameTimeVector", count) if header.get("FrameTimeVector") else None
    if steps is not None:
        times = np.cumsum(np.array(steps) / 1000.0)
        return tuple(round(float(each - times[0]), 6) for each in times)
    step_s = read_number(header, "FrameTime", 0) / 1000.0
    if step_s <= 0:
        rate = read_number(header, "CineRate", 0) or read_number(header, "RecommendedDisplayFrameRate", 0)
        step_s = 1.0 / rate if rate > 0 else 0.0
    return tuple(round(number * step_s, 6) for number in range(count)) if step_s > 0 else ()


def choose_frames(policy: FramePolicy, count: int, times: Sequence[float]) -> list[int]:
    """Numbers of the frames to read, from 0, ascending; for ``scenes`` all, for their content decides.

    Raises:
        ImageError: ``frames.no_times``: ``rate`` of frames that do not say when they were taken.
    """
    if policy.mode in {"all", "scenes"} or count == 1:
        return list(range(count))
    if policy.mode == "even":
        chosen = min(policy.count, count)
        return [(2 * step + 1) * count // (2 * chosen) for step in range(chosen)]
    if not times:
        raise ImageError("the header does not say when the frames were taken", reason="frames.no_times")
    wanted = np.arange(0.0, times[-1] + 1e-9, 1.0 / policy.per_second)
    return sorted({int(number) for number in np.searchsorted(np.array(times) + 1e-6, wanted)})


SCENE_CHANGE = 0.3
"""Least part of the pixels that must change their eighth of the range of grey between frames for a new scene."""


def choose_scenes(frames: np.ndarray, count: int) -> list[int]:
    """The first frame and those after a change of scene, ``count`` at most: the greatest changes.

    Args:
        frames: (frames, height, width) or (frames, height, width, 3), of any type.
        count: how many at most.
    """
    low, high = float(frames.min()), float(frames.max())
    edges = np.linspace(low, max(high, low + 1), 9)
    shares = np.stack([np.histogram(frame, edges)[0] / frame.size for frame in frames])
    changes = np.abs(np.diff(shares, axis=0)).sum(axis=1) / 2
    found = [number for number in np.argsort(-changes, kind="stable") if changes[number] >= SCENE_CHANGE]
    return sorted([0, *(int(number) + 1 for number in found[: count - 1])])
