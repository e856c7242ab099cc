"""Which frames of a video, or of a segment of it, become pictures, told by their time stamps."""

from collections.abc import Iterator

import numpy as np

from gmai.errors import ImageError
from gmai.images.video.video import Video
from gmai.types import FramePolicy

SCENE_CHANGE = 0.3
"""Least part of the pixels that must change their bin of colour between two frames for a new scene."""
_BINS = 8


def choose_video_frames(video: Video, policy: FramePolicy, span: tuple[float, float] | None = None) -> list[int]:
    """Places of the frames to read, ascending.

    ``even`` takes the middles of ``count`` equal times, ``rate`` what is shown every 1 / ``per_second`` seconds from
    the beginning, ``scenes`` the first frame and those after the ``count`` - 1 greatest changes, ``all`` every frame.

    Args:
        video: open.
        policy: which, and how many.
        span: seconds from and to, the end not included; the whole video by default.

    Raises:
        ImageError: ``segment.outside``: no frame lies in the segment; ``frames.rate``: no rate.
    """
    times = video.frames.times_s
    first, last = 0, len(times)
    if span is not None:
        first, last = (int(place) for place in np.searchsorted(times, np.array(span) - 1e-6))
    if first >= last:
        what = f"no frame from {span[0] if span else 0:g} s to {span[1] if span else 0:g} s of {times[-1]:.3f} s"
        raise ImageError(what, reason="segment.outside")
    if policy.mode == "all":
        return list(range(first, last))
    if policy.mode == "scenes":
        return _scenes(video, first, last, policy.count)
    own = times[first:last]
    step = float(np.median(np.diff(own))) if len(own) > 1 else 0.0
    if policy.mode == "rate":
        if not policy.per_second > 0:
            raise ImageError(f"{policy.per_second} frames a second", reason="frames.rate")
        wanted = np.arange(own[0], own[-1] + max(step / 2, 1e-6), 1.0 / policy.per_second)
    else:
        count = min(policy.count, len(own))
        wanted = own[0] + (own[-1] + step - own[0]) * (2 * np.arange(count) + 1) / (2 * count)
    shown = np.searchsorted(own, wanted + 1e-6, side="right") - 1
    return sorted({first + int(place) for place in shown})


def _scenes(video: Video, first: int, last: int, count: int) -> list[int]:
    changes = list(_changes(video, first, last))
    found = sorted(((-change, index) for change, index in changes if change >= SCENE_CHANGE))
    return sorted({first, *(index for _, index in found[: max(0, count - 1)])})


def _changes(video: Video, first: int, last: int) -> Iterator[tuple[float, int]]:
    """How much each frame differs from the one before, and its place; one frame in memory at a time."""
    before: np.ndarray | None = None
    for index, pixels in video.small(first, last):
        bins = pixels.reshape(-1, 3) // (256 // _BINS)
        shares = np.stack([np.bincount(bins[:, channel], minlength=_BINS) for channel in range(3)]) / len(bins)
        if before is not None:
            yield float(np.abs(shares - before).sum() / 6), index
        before = shares
