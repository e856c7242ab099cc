"""DICOM pictures and series: every frame decoded, rescaled and put where it lies, with all that was done told.

Headers are read first, for they say which frames make the volume; only those are decoded.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gmai.errors import ImageError
from gmai.images.dicom.cine import choose_frames, choose_scenes, find_times
from gmai.images.dicom.frames import OVERLAYS, Frame, iter_frames, read_file
from gmai.images.dicom.mosaic import is_mosaic, tell_whole
from gmai.images.dicom.pixels import decode, is_colour
from gmai.images.dicom.stack import (
    Stack,
    choose_stack,
    find_irregularities,
    find_offsets,
    find_spacing,
    find_thickness,
    stack_affine,
    to_ras,
)
from gmai.images.dicom.suv import find_suv
from gmai.images.dicom.values import find_header_window, find_padding, tell, to_values
from gmai.images.volume import Volume, canonical, spacing_of
from gmai.types import FramePolicy, Step


@dataclass(frozen=True, slots=True)
class _Decoded:
    kept: list[int]
    """Which of the frames that were asked for could be decoded."""
    pixels: np.ndarray
    """(frames, height, width) values, or (frames, height, width, 3) RGB."""
    hashes: dict[Path, str]


def read_series(
    files: Sequence[tuple[Path, str]], index: int = 0, policy: FramePolicy | None = None
) -> tuple[Volume, list[ImageError]]:
    """Read the files of one series and grid as a volume.

    Args:
        files: (path, name to use in messages) of each file, in any order; instances occur once.
        index: which volume, where the places of a series are repeated (times, echoes, b-values).
        policy: which frames of a film to read; all by default.

    Returns:
        The volume, and an error for each file that could not be read and was left out (a gap, if between others).

    Raises:
        ImageError: no file could be read (the first file's error); ``dicom.colour_series``: several files of which
            some have no place, or are in colour; ``dicom.mixed_series``; ``volume.index``.
    """
    found, errors = _read_headers(files)
    frames = [frame for each in found for frame in each]
    where = files[0][1]
    if all(frame.position is not None for frame in frames):
        stack = choose_stack(frames, index, where)
        errors += [_repeated(frame) for frame in stack.left_over if frame.file.num_frames == 1]
        return _read_stack(stack, errors), errors
    if len(found) > 1:
        raise ImageError("a series of files of which some have no place", where=where, reason="dicom.colour_series")
    if index:
        raise ImageError(f"volume {index} of 1", where=where, reason="volume.index")
    return _read_film(frames, policy), errors


def _read_headers(files: Sequence[tuple[Path, str]]) -> tuple[list[list[Frame]], list[ImageError]]:
    found: list[list[Frame]] = []
    errors: list[ImageError] = []
    for path, shown in files:
        try:
            found.append(list(iter_frames(read_file(path, shown))))
        except ImageError as error:
            errors.append(error)
    if not found:
        raise errors[0]
    return found, errors


def _repeated(frame: Frame) -> ImageError:
    what = "a slice at a place that another slice fills"
    return ImageError(what, where=frame.file.shown, reason="dicom.repeated_position")


def _read_stack(stack: Stack, errors: list[ImageError]) -> Volume:
    """Decode a stack; files that cannot be read are added to ``errors``."""
    decoded = _decode(stack.frames, errors)
    kept = decoded.kept
    stack = Stack(tuple(stack.frames[number] for number in kept), stack.places[kept], stack.cosines, stack.told)
    first = stack.frames[0]
    told = {**_tell(first), "slices": len(kept), **stack.told, **find_irregularities(stack.places, stack.normal)}
    windows = {find_header_window(frame.header) for frame in stack.frames}
    if len(windows) > 1:
        told["window"] = "differs between slices; that of the middle one is used"
    colour = decoded.pixels.ndim == 4
    turned = decoded.pixels.transpose(2, 1, 0, *range(3, decoded.pixels.ndim))
    voxels, affine, axes = canonical(turned, stack_affine(stack))
    stack_axis = axes.index(2)
    flipped = bool((affine[:3, :3] @ np.eye(3)[stack_axis]) @ to_ras(stack.normal) < 0)
    frames = stack.frames[::-1] if flipped else stack.frames
    several = any(frame.file.num_frames > 1 for frame in frames)
    suv, suv_missing = find_suv([frame.header for frame in frames])
    return Volume(
        voxels=voxels,
        affine=affine,
        spacing_mm=spacing_of(affine) if find_spacing(first.header) else None,
        hashes=tuple(decoded.hashes[frame.file.path] for frame in frames),
        names=tuple(frame.file.shown for frame in frames),
        instances=tuple(frame.file.instance for frame in frames),
        offsets_mm=find_offsets(stack.places, flipped),
        frame_numbers=tuple(frame.number + 1 for frame in frames) if several else (),
        stack_axis=stack_axis,
        header_window=None if colour else find_header_window(stack.frames[len(kept) // 2].header),
        padding=_common_padding(stack.frames, told),
        inverted=_is_inverted(first),
        sheared="tilt_deg" in told,
        suv=suv,
        suv_missing=suv_missing,
        steps=(Step(name="dicom", parameters=told if suv is None else {**told, "suv_factor": suv}),),
    )


def _read_film(frames: list[Frame], policy: FramePolicy | None) -> Volume:
    """Frames without a place, in the order of their file."""
    first = frames[0]
    times = find_times(first.header, len(frames)) if len(frames) > 1 else ()
    numbers = choose_frames(policy, len(frames), times) if policy else list(range(len(frames)))
    errors: list[ImageError] = []
    decoded = _decode([frames[number] for number in numbers], errors)
    pixels = decoded.pixels
    if policy is not None and policy.mode == "scenes" and len(frames) > 1:
        numbers = choose_scenes(pixels, policy.count)
        pixels = pixels[numbers]
    spacing, thickness = find_spacing(first.header), find_thickness(first.header)
    told = {**_tell(first), "frames": len(frames)}
    if len(numbers) < len(frames):
        told["read"] = len(numbers)
    return Volume(
        voxels=pixels,
        affine=None,
        spacing_mm=(thickness, *spacing) if spacing else None,
        hashes=(decoded.hashes[first.file.path],),
        names=(first.file.shown,),
        instances=(first.file.instance,),
        frame_numbers=tuple(number + 1 for number in numbers),
        times_s=tuple(times[number] for number in numbers) if times else (),
        stack_axis=2,
        header_window=None if pixels.ndim == 4 else find_header_window(first.header),
        padding=_common_padding(frames, told),
        inverted=_is_inverted(first),
        oriented=False,
        suv_missing="no place in the patient",
        steps=(Step(name="dicom", parameters=told),),
    )


def _decode(frames: Sequence[Frame], errors: list[ImageError]) -> _Decoded:
    """Decode frames, each file once; a file that cannot be read becomes an error."""
    by_file: dict[Path, list[int]] = defaultdict(list)
    for number, frame in enumerate(frames):
        by_file[frame.file.path].append(number)
    values: dict[int, np.ndarray] = {}
    hashes: dict[Path, str] = {}
    for path, numbers in by_file.items():
        file = frames[numbers[0]].file
        wanted = sorted({frames[number].number for number in numbers})
        try:
            hashes[path], pixels = decode(file, wanted)
            for number in numbers:
                values[number] = _cut(pixels[wanted.index(frames[number].number)], frames[number])
        except ImageError as error:
            errors.append(error)
    if not values:
        raise errors[-1]
    kept = sorted(values)
    dtype = np.result_type(*{values[number].dtype for number in kept})
    pixels = np.empty((len(kept), *values[kept[0]].shape), dtype)
    for place, number in enumerate(kept):
        if values[number].shape != pixels.shape[1:]:
            where = frames[number].file.shown
            raise ImageError("a series of pictures of several sizes", where=where, reason="dicom.mixed_series")
        pixels[place] = values.pop(number)  # no voxel is held twice
    return _Decoded(kept, pixels, hashes)


def _cut(pixels: np.ndarray, frame: Frame) -> np.ndarray:
    if frame.tile is not None:
        left, top, right, bottom = frame.tile
        pixels = pixels[top:bottom, left:right]
    return pixels if is_colour(frame.header) else to_values(pixels, frame.header, frame.file.shown)


def _common_padding(frames: Sequence[Frame], told: dict[str, Any]) -> tuple[float, float] | None:
    found = {None if is_colour(frame.header) else find_padding(frame.header) for frame in frames}
    if len(found) > 1:
        told["padding"] = "differs between slices, kept as it is"
        return None
    padding = found.pop()
    if padding is not None:
        told["padding"] = list(padding)
    return padding


def _is_inverted(frame: Frame) -> bool:
    return str(frame.header.get("PhotometricInterpretation") or "").strip().upper() == "MONOCHROME1"


def _tell(frame: Frame) -> dict[str, Any]:
    told = tell(frame.header, sum(tag in frame.header for tag in OVERLAYS))
    if frame.tile is not None:
        told["mosaic"] = "slices cut out by the vendor's private header"
    elif is_mosaic(frame.header):
        told["mosaic"] = tell_whole(frame.file.header)
    return told
