"""Videos read by PyAV (FFmpeg)."""

import logging
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import av.error
import av.logging
import numpy as np

from gmai.errors import ImageError
from gmai.images.dicom.file import starts_like_dicom
from gmai.images.video.video import FrameList, Video, VideoFrame, remember_frames

MAX_FRAME_PIXELS = 120_000_000
SMALL_PX = 64
SEEKABLE = frozenset({"avi", "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2"})
"""Containers that say where each frame lies; of others every frame is decoded up to the one that is wanted."""
MOST_ERRORS = 1000
"""Packets in a row that may fail before a frame is given up."""
TRUNCATED_S = 0.5
"""A stream may end so long before the container says without a frame being missed (sound may last longer)."""
TRUNCATED_SHARE = 0.02
_BROKEN = (av.error.FFmpegError, ValueError, OSError, EOFError, OverflowError)
_RIGHT_ANGLES = {0: 0, 90: 1, 180: 2, -180: 2, 270: 3, -90: 3}
logging.getLogger("libav").setLevel(logging.CRITICAL)  # captured where it matters


def open_av(path: Path) -> Video:
    """Open a video; see :func:`gmai.images.open_video`."""
    with path.open("rb") as file:
        packed = starts_like_dicom(file.read(132))
    return AvVideo(path, _unpack(path) if packed else None)


def _unpack(path: Path) -> bytes:
    from gmai.images.dicom.video import read_stream

    return read_stream(path)


class AvVideo:
    """A video and its decoder."""

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        self.path, self.data = path, data
        self._open()
        codec = self.stream.codec_context
        if codec is None:
            self.close()
            raise ImageError("a stream that nothing installed decodes", where=str(path), reason="video.codec")
        if codec.width * codec.height > MAX_FRAME_PIXELS or min(codec.width, codec.height) < 1:
            self.close()
            what = f"frames of {codec.width} x {codec.height} pixels"
            raise ImageError(what, where=str(path), reason="image.too_large")
        self.told: dict[str, Any] = {
            "reader": f"PyAV {av.__version__}",
            "container": self.container.format.name,
            "codec": codec.name,
            "pixel_format": codec.pix_fmt or "",
        }
        ratio = self.stream.sample_aspect_ratio
        if ratio and ratio != 1:
            self.told["pixel_aspect"] = f"{ratio.numerator}:{ratio.denominator}, not applied"
        try:
            self.frames = self._list()
        except ImageError:
            self.close()
            raise

    def _open(self) -> None:
        try:
            self.container = av.open(
                str(self.path) if self.data is None else BytesIO(self.data), metadata_errors="ignore"
            )
        except _BROKEN as error:
            what = f"cannot be opened as a video: {type(error).__name__}"
            raise ImageError(what, where=str(self.path), reason="video.broken") from None
        if not self.container.streams.video:
            self.container.close()
            raise ImageError("no pictures in the file, sound at most", where=str(self.path), reason="video.not_a_video")
        self.stream = self.container.streams.video[0]
        self.stream.thread_type = "NONE"  # errors are told in the thread that decodes

    def _list(self) -> FrameList:
        info = self.path.stat()
        known = remember_frames(self.path, info.st_size, info.st_mtime_ns)
        if "av" not in known:
            known["av"] = self._list_packets()
            self._reopen()
        return known["av"]

    def _list_packets(self) -> FrameList:
        pts: list[int] = []
        keys: list[tuple[int, int]] = []
        damage, counted = "", 0
        try:
            for packet in self.container.demux(self.stream):
                counted += bool(packet.size or packet.pts is not None)  # an empty one repeats the frame before
                if not packet.size or packet.is_discard:
                    continue
                if packet.pts is None:
                    what = "its packets have no time stamps"
                    raise ImageError(what, where=str(self.path), fix="remux it to MP4", reason="video.no_times")
                pts.append(packet.pts)
                if packet.is_keyframe:
                    keys.append((packet.pts, packet.pts if packet.dts is None else min(packet.dts, packet.pts)))
        except _BROKEN as error:
            damage = f"the file cannot be read further ({type(error).__name__})"
        if not pts or not keys:
            raise ImageError(damage or "no frame in the file", where=str(self.path), reason="video.broken")
        shown = np.unique(np.array(pts, np.int64))
        base = float(self.stream.time_base or 0)
        missing, why = self._missing(shown, base, counted)
        damage = damage or why
        if damage:
            damage += f"; the last frame is at {(shown[-1] - shown[0]) * base:.3f} s"
        return FrameList(shown, np.array(sorted(keys), np.int64), base, damage, missing)

    def _missing(self, shown: np.ndarray, base: float, counted: int) -> tuple[int, str]:
        """About how many frames the container announces that are not there."""
        if self.stream.frames > counted:
            return self.stream.frames - counted, f"{counted} of {self.stream.frames} frames are there"
        if self.stream.duration is not None:
            announced = self.stream.duration * base
        else:
            alone = not self.container.streams.audio
            announced = (self.container.duration or 0) / 1e6 if alone else 0.0
        if not announced or len(shown) < 2:
            return 0, ""
        step = float(np.median(np.diff(shown))) * base
        left = announced - (int(shown[-1]) - int(shown[0])) * base - step
        if left > max(TRUNCATED_S, TRUNCATED_SHARE * announced):
            return int(left / step), f"{announced:.3f} s are announced"
        return 0, ""

    def _reopen(self) -> None:
        self.container.close()
        self._open()

    def read(self, indices: Sequence[int]) -> Iterator[VideoFrame | ImageError]:
        """Read frames in ascending order of their places; one that cannot be read whole is an error in its place."""
        wanted = sorted(set(indices))
        decoder = _Decoder(self)
        for index in wanted:
            pts = int(self.frames.pts[index])
            frame, damage = decoder.at(pts)
            time_s = round(float(self.frames.times_s[index]), 6)
            if frame is None or damage:
                what = f"frame {index} at {time_s} s cannot be decoded whole: {damage or 'it does not come out'}"
                yield ImageError(what, where=str(self.path), reason="video.damaged_frame")
                continue
            yield VideoFrame(index, pts, time_s, self._show(frame))

    def _show(self, frame: Any) -> np.ndarray:
        pixels: np.ndarray = frame.to_ndarray(format="rgb24")
        turn = int(frame.rotation)
        if turn in _RIGHT_ANGLES and turn:
            pixels = np.ascontiguousarray(np.rot90(pixels, _RIGHT_ANGLES[turn]))
            self.told["rotated"] = turn
        elif turn:
            self.told["rotation"] = f"{turn} degrees, not applied"
        if frame.interlaced_frame:
            self.told["interlaced"] = True
        return pixels

    def small(self, first: int, last: int) -> Iterator[tuple[int, np.ndarray]]:
        """Every frame from place ``first`` to before ``last``, small and not turned: (index, RGB)."""
        place = {int(pts): index for index, pts in enumerate(self.frames.pts[first:last], start=first)}
        decoder = _Decoder(self)
        try:
            for frame in decoder.run(int(self.frames.pts[first])):
                if frame.pts in place:
                    yield place[frame.pts], frame.to_ndarray(format="rgb24", width=SMALL_PX, height=SMALL_PX)
                if frame.pts is not None and frame.pts >= self.frames.pts[last - 1]:
                    return
        except _BROKEN:
            return  # what cannot be decoded begins no scene; a frame that is chosen is read again and told

    def close(self) -> None:
        """Let go of the file."""
        self.container.close()


class _Decoder:
    """Frames in the order they are shown, from a key frame on."""

    def __init__(self, video: AvVideo) -> None:
        self.video = video
        self.ahead: Iterator[Any] | None = None
        self.last = -(2**62)
        self.damage = ""
        self.seekable = video.container.format.name in SEEKABLE

    def run(self, pts: int) -> Iterator[Any]:
        """Seek to the key frame at or before a time stamp, and decode from there."""
        video = self.video
        if not self.seekable:
            yield from self._restart()
            return
        video.container.seek(self._key(pts)[1], stream=video.stream, backward=True)
        video.stream.codec_context.flush_buffers()
        yield from video.container.decode(video.stream)

    def _key(self, pts: int) -> tuple[int, int]:
        keys = self.video.frames.keys
        place = max(int(np.searchsorted(keys[:, 0], pts, side="right")) - 1, 0)
        return int(keys[place, 0]), int(keys[place, 1])

    def at(self, pts: int) -> tuple[Any | None, str]:
        """The frame of a time stamp, and what went wrong on the way to it."""
        if self.ahead is None or (self.seekable and self._key(pts)[0] > self.last):
            self.ahead, self.damage = self.run(pts), ""
        found = self._find(pts)
        if found is None and not self.damage and self.seekable:  # the seek went too far: begin at the beginning
            self.ahead, self.damage = self._restart(), ""
            found = self._find(pts)
        return found, self.damage

    def _restart(self) -> Iterator[Any]:
        self.video._reopen()
        yield from self.video.container.decode(self.video.stream)

    def _find(self, pts: int) -> Any | None:
        """Decode up to a time stamp; damage before a key frame does not count for what comes after it."""
        with av.logging.Capture() as logs:
            for _ in range(MOST_ERRORS):
                try:
                    return self._next(pts, logs)
                except _BROKEN as error:
                    self.damage = type(error).__name__
                    self.ahead = self.video.container.decode(self.video.stream)  # from the next packet on
        return None

    def _next(self, pts: int, logs: list[tuple[int, str, str]]) -> Any | None:
        assert self.ahead is not None
        for frame in self.ahead:
            if frame.pts is None:
                continue
            self.last = frame.pts
            self.damage = _said(logs) or ("" if frame.key_frame else self.damage)
            if frame.is_corrupt:
                self.damage = self.damage or "a frame on the way is damaged"
            if frame.pts >= pts:
                return frame if frame.pts == pts else None
        return None


def _said(logs: list[tuple[int, str, str]]) -> str:
    """What the decoder complained of since it was asked last."""
    bad = [text.strip() for level, _, text in logs if level <= av.logging.ERROR]
    logs.clear()
    return f"the decoder says: {bad[0][:80]}" if bad else ""
