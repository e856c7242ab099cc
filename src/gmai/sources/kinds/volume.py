"""Slices of a volume: of one file, or of a DICOM series."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gmai.annotations import AnnotatedItem, reject, reject_units
from gmai.base import hash_bytes
from gmai.errors import GmaiError
from gmai.images import (
    SIDES,
    Volume,
    Window,
    difference_hash,
    encode_png,
    find_volume_window,
    open_image,
    show_slice,
    slice_spacing,
)
from gmai.sources.build import Made, Shown, build_sample, modality_of, original_id, without_paths
from gmai.sources.frame import fit_to_frame
from gmai.sources.picture import less_units
from gmai.sources.region_files import RegionFiles, read_region_files
from gmai.sources.regions import Fitted, mark_regions
from gmai.sources.slices import choose_slices, slice_axes
from gmai.types import ImageKind, ImageRef, Reject, SourceCard, Step

AXIS_LETTERS = "xyz"


@dataclass(frozen=True, slots=True)
class _Read:
    volume: Volume
    kind: ImageKind
    files: RegionFiles
    window: Window | None


def read(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """One sample for each chosen slice, and a reject for each file of a series that was left out.

    Raises:
        ImageError: the volume cannot be read.
    """
    opened = open_image([root / path for path in item.files], shown=item.shown or item.files)
    volume, errors = opened.volume(card.slices.volume, card.frames)
    lost = [reject(error.where, error.reason, str(error), unit="image") for error in errors]
    try:
        fitted = fit_to_frame(item.annotations, volume, item.size, root)
        item, lost = replace(item, annotations=tuple(fitted.annotations)), [*lost, *fitted.rejects]
        files = read_region_files(item, root, card, volume)
        window = find_volume_window(volume, card.window)
        found = _Read(volume, opened.kind, files, window)
        shown = [
            _show(item, card, found, axis, index)
            for axis in slice_axes(volume, card.slices)
            for index in _choose(volume, files, card, axis, window)
        ]
    except GmaiError as error:
        units = less_units(item.units, lost)
        yield from reject_units(original_id(item), units, error.reason, without_paths(str(error), item, root))
    else:
        first, *rest = shown
        left = less_units(item.units, [*lost, *files.lost]) | dict(fitted.counts)
        yield from (build_sample(item, card, each) for each in (_count(first, left), *rest))
        yield from files.lost
    yield from lost


def _choose(volume: Volume, files: RegionFiles, card: SourceCard, axis: int, window: Window | None) -> Sequence[int]:
    if volume.is_film:
        return range(volume.length(axis))  # chosen when they were read
    return choose_slices(volume, [each for _, each in files.found], card.slices, axis, window)


def _count(shown: Shown, units: dict[str, int]) -> Shown:
    return replace(shown, units={**units, **shown.units})


def _show(item: AnnotatedItem, card: SourceCard, read: _Read, axis: int, index: int) -> Shown:
    volume, window = read.volume, read.window
    pixels = show_slice(volume, axis, index, window)
    data = encode_png(pixels)
    name, sha256 = volume.file_of(axis, index)
    number = index if volume.affine is not None or not volume.frame_numbers else volume.frame_numbers[index] - 1
    image = ImageRef(
        uri=name if item.kind == "series" else item.files[0],
        kind=read.kind,
        width=pixels.shape[1],
        height=pixels.shape[0],
        modality=modality_of(item, card),
        sha256=sha256,
        asset=hash_bytes(data),
        phash=difference_hash(pixels),
        axis=axis,
        index=number,
        time_s=volume.times_s[index] if volume.times_s else None,
        spacing_mm=slice_spacing(volume, axis),
        window=None if window is None else (window.centre, window.width),
        sides=SIDES[axis] if volume.oriented and volume.affine is not None else None,
    )
    fitted = Fitted()
    for file, regions in read.files.found:
        pointer = f"{file.name}#value={{value}}&axis={axis}&index={number}"
        fitted.annotations += mark_regions(regions.cut(axis, index), card, file, pointer)
    if read.files.found:
        fitted.counts["region"] = len(fitted.annotations)
        fitted.count_names(card)
    return Shown(
        image=image,
        data=data,
        annotations=(*item.annotations, *fitted.annotations),
        steps=(*volume.steps, *read.files.steps(), *_slice_steps(card, volume, axis, number, window)),
        suffix=f"-{AXIS_LETTERS[axis]}{number:03d}",
        units=dict(fitted.counts),
    )


def _slice_steps(card: SourceCard, volume: Volume, axis: int, index: int, window: Window | None) -> Iterator[Step]:
    policy = card.frames if volume.is_film else card.slices
    told: dict[str, Any] = {"axis": axis, "index": index, "mode": policy.mode, "count": policy.count}
    if volume.is_film and card.frames.mode == "rate":
        told["per_second"] = card.frames.per_second
    yield Step(name="frame" if volume.is_film else "slice", parameters=told)
    if window is not None:
        yield Step(name="window", parameters=window.told())
