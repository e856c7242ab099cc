"""Videos: every frame known by its time stamp, and any of them read exactly, whatever was read before.

The packets are listed first, without decoding: their time stamps say which frames there are and where decoding can
begin. A frame is then decoded from the last key frame before it, so that the same time stamp always gives the same
frame. Sound is never touched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gmai.base import Registry
from gmai.errors import ImageError


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One frame as shown."""

    index: int
    """Place among the frames in the order they are shown, from 0."""
    pts: int
    """Time stamp in the stream's own unit."""
    time_s: float
    """Seconds after the first frame."""
    pixels: np.ndarray
    """RGB uint8 (H, W, 3), turned as the file says."""


@dataclass(frozen=True, slots=True)
class FrameList:
    """The frames of a video in the order they are shown."""

    pts: np.ndarray
    """int64, ascending."""
    keys: np.ndarray
    """Where decoding can begin: time stamps of key frames (n, 2): shown, and to seek to."""
    time_base: float
    """Seconds of one unit of ``pts``."""
    damage: str = ""
    """What the file announces and does not hold; empty where it is whole."""
    missing: int = 0
    """About how many frames that are."""

    @property
    def times_s(self) -> np.ndarray:
        """Seconds of each frame after the first."""
        seconds: np.ndarray = (self.pts - self.pts[0]) * self.time_base
        return seconds


class Video(Protocol):
    """An open video."""

    @property
    def frames(self) -> FrameList:
        """Which frames there are."""

    @property
    def told(self) -> dict[str, Any]:
        """For the provenance: container, codec, size, turn, whether frames are interlaced."""

    def read(self, indices: Sequence[int]) -> Iterator[VideoFrame | ImageError]:
        """Read frames in ascending order of their places; one that cannot be read whole is an error in its place."""

    def small(self, first: int, last: int) -> Iterator[tuple[int, np.ndarray]]:
        """Every frame from place ``first`` to before ``last``, small and not turned: (index, RGB)."""

    def close(self) -> None:
        """Let go of the file."""


class OpenVideo(Protocol):
    """Open a video."""

    def __call__(self, path: Path) -> Video:
        """Open; raises ImageError where it is no video that can be read."""


VIDEOS: Registry[OpenVideo] = Registry("videos", {"av": "gmai.images.video.av:open_av"}, extra="video")
"""Readers of videos."""


def open_video(path: Path) -> Video:
    """Open a video of any container, or a DICOM file that holds one.

    Raises:
        ImageError: ``video.not_a_video``, ``video.broken``, ``video.no_times``, ``image.too_large``.
        MissingExtra: the package that reads it is not installed.
    """
    if not path.is_file() or not path.stat().st_size:
        raise ImageError("the file is empty or not there", where=str(path), reason="video.not_a_video")
    return VIDEOS.get("av")(path)


@lru_cache(maxsize=8)
def remember_frames(path: Path, size: int, changed_ns: int) -> dict[str, FrameList]:
    """What was listed of a file, kept for its other segments and parts."""
    return {}
