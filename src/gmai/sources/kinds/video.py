"""Frames of a video or of a segment of it; what is damaged is told, and what can be read is kept."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from gmai.annotations import AnnotatedItem, reject, reject_units
from gmai.base import hash_bytes, hash_file
from gmai.errors import ImageError
from gmai.images import (
    SCENE_CHANGE,
    Video,
    VideoFrame,
    choose_video_frames,
    difference_hash,
    encode_png,
    open_video,
)
from gmai.sources.build import Made, Shown, build_sample, modality_of, original_id, without_paths
from gmai.types import ImageRef, Reject, SourceCard, Step


def read(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """One sample for each chosen frame, and a reject for each that cannot be decoded whole.

    Raises:
        ImageError: the video cannot be read, or has no frame in the segment.
    """
    path = root / item.files[0]
    with closing(open_video(path)) as video:
        indices = choose_video_frames(video, card.frames, item.span)
        number, count = item.part
        chosen = indices[number * len(indices) // count : (number + 1) * len(indices) // count]
        info = path.stat()
        sha256 = _hash(path, info.st_size, info.st_mtime_ns)
        units, broken, error = dict(item.units), [], None
        for frame in video.read(chosen):
            if isinstance(frame, ImageError):
                error = frame
                detail = without_paths(str(frame), item, root)
                broken.append(reject(original_id(item), frame.reason, detail, unit="picture"))
                continue
            shown = _show(video, frame, item, card, sha256)
            yield build_sample(item, card, replace(shown, units=units))
            units = {}
        if units and error is not None:
            detail = without_paths(str(error), item, root)
            yield from reject_units(original_id(item), units, error.reason, detail)
        else:
            yield from broken
        if video.frames.damage and item.units.get("image"):
            lost = max(1, video.frames.missing)
            yield reject(original_id(item), "video.truncated", video.frames.damage, unit="frame", count=lost)


def _show(video: Video, frame: VideoFrame, item: AnnotatedItem, card: SourceCard, sha256: str) -> Shown:
    data = encode_png(frame.pixels)
    image = ImageRef(
        uri=(item.shown or item.files)[0],
        kind="video",
        width=frame.pixels.shape[1],
        height=frame.pixels.shape[0],
        modality=modality_of(item, card),
        sha256=sha256,
        asset=hash_bytes(data),
        phash=difference_hash(frame.pixels),
        index=frame.index,
        time_s=frame.time_s,
    )
    return Shown(
        image=image,
        data=data,
        annotations=item.annotations,
        steps=(Step(name="video", parameters=dict(video.told)), _step(frame, item, card)),
        suffix=f"-f{frame.index:06d}",
    )


def _step(frame: VideoFrame, item: AnnotatedItem, card: SourceCard) -> Step:
    policy = card.frames
    told: dict[str, Any] = {"index": frame.index, "pts": frame.pts, "time_s": frame.time_s, "mode": policy.mode}
    if policy.mode == "rate":
        told["per_second"] = policy.per_second
    elif policy.mode != "all":
        told["count"] = policy.count
    if policy.mode == "scenes":
        told["least_change"] = SCENE_CHANGE
    if item.span is not None:
        told["span"] = list(item.span)
    return Step(name="frame", parameters=told)


@lru_cache(maxsize=8)
def _hash(path: Path, size: int, changed_ns: int) -> str:
    """Hash of a file; of a video in segments or parts it is computed once."""
    return hash_file(path)
