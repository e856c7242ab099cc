"""The work at one item, in a worker: decode, fit the annotations, build the samples."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from gmai.annotations import AnnotatedItem, reject, reject_units
from gmai.base import hash_bytes
from gmai.errors import GmaiError
from gmai.images import (
    SIDES,
    Picture,
    Volume,
    Window,
    check_same_grid,
    cut_slice,
    difference_hash,
    encode_png,
    find_window,
    open_image,
    read_label_picture,
    read_label_volume,
    read_picture,
    read_row,
    show_slice,
    slice_spacing,
)
from gmai.sources.build import Made, Shown, build_sample, original_id
from gmai.sources.regions import Fitted, find_regions, fit_annotations, fit_grid
from gmai.sources.slices import choose_slices, slice_axis
from gmai.types import ImageRef, Reject, SourceCard, Step

AXIS_LETTERS = "xyz"


def read_items(items: Iterable[AnnotatedItem | Reject], *, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """Turn items into samples; an item that cannot be read becomes a reject of each unit it stands for."""
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        try:
            made = _READERS[item.kind](item, root, card)
        except GmaiError as error:
            detail = _without_paths(str(error), item, root)
            yield from reject_units(original_id(item), item.units, error.reason, detail)
            continue
        for result in made:
            yield (
                replace(result, detail=_without_paths(result.detail, item, root))
                if isinstance(result, Reject)
                else result
            )


def _without_paths(detail: str, item: AnnotatedItem, root: Path) -> str:
    """A message without the root's place on this machine, nor a path that spells an identifier."""
    for path, shown in zip(item.files, item.shown or item.files, strict=True):
        detail = detail.replace(f"{root / path}", shown)
    if item.label_map and item.label_map_shown:
        detail = detail.replace(f"{root / item.label_map}", item.label_map_shown)
    return detail.replace(f"{root}/", "")


def _read_text(item: AnnotatedItem, root: Path, card: SourceCard) -> list[Made | Reject]:
    return [build_sample(item, card, Shown(image=None, data=None, annotations=item.annotations, units=item.units))]


def _read_raster(item: AnnotatedItem, root: Path, card: SourceCard) -> list[Made | Reject]:
    picture = read_picture(root / item.files[0], card.window)
    fitted = fit_annotations(item.annotations, picture, item.size, root)
    if item.label_map is not None:
        values = fit_grid(read_label_picture(root / item.label_map), picture)
        pointer = f"{item.label_map}#value={{value}}"
        found = find_regions(values, card, uri=item.label_map, pointer=pointer, ignore=item.ignore)
        fitted.annotations += found
        fitted.counts["region"] = len(found)
    return _one_picture(item, card, picture, fitted)


def _read_array(item: AnnotatedItem, root: Path, card: SourceCard) -> list[Made | Reject]:
    assert item.member is not None and item.index is not None
    picture = read_row(root / item.files[0], item.member, item.index, card.window)
    return _one_picture(item, card, picture, fit_annotations(item.annotations, picture, None, root))


def _one_picture(item: AnnotatedItem, card: SourceCard, picture: Picture, fitted: Fitted) -> list[Made | Reject]:
    fitted.count_names(card)
    data = picture.encoded()
    width, height = picture.size
    image = ImageRef(
        uri=item.files[0],
        kind="npz" if item.kind == "array" else "raster",
        width=width,
        height=height,
        modality=card.modality,
        sha256=picture.sha256,
        asset=hash_bytes(data),
        phash=difference_hash(picture.pixels),
        member=item.member,
        index=item.index,
        window=picture.window,
    )
    shown = Shown(
        image=image,
        data=data,
        annotations=fitted.annotations,
        steps=(*picture.steps, *_annotation_step(fitted)),
        units=_less(item.units, fitted.rejects) | dict(fitted.counts),
    )
    return [build_sample(item, card, shown), *fitted.rejects]


def _annotation_step(fitted: Fitted) -> Iterator[Step]:
    clipped = fitted.counts["annotation.clipped"]
    told = {"clipped": clipped, "rejected": len(fitted.rejects)}
    if fitted.grid != "shown":
        told["turned"] = len(fitted.annotations)
    if any(told.values()):
        yield Step(name="annotations", parameters={name: value for name, value in told.items() if value})


def _less(units: dict[str, int], rejects: list[Reject]) -> dict[str, int]:
    left = Counter(units)
    for lost in rejects:
        left[lost.unit] -= lost.count
    return dict(left)


def _read_volume(item: AnnotatedItem, root: Path, card: SourceCard) -> list[Made | Reject]:
    opened = open_image([root / path for path in item.files], shown=item.shown or item.files)
    volume, errors = opened.volume()
    lost: list[Reject] = [reject(error.where, error.reason, str(error), unit="image") for error in errors]
    try:
        labels = None if item.label_map is None else read_label_volume(root / item.label_map)
        if labels is not None:
            check_same_grid(volume, labels)
        colour = volume.voxels.ndim == 4
        window = None if colour else find_window(volume.voxels, card.window, volume.header_window)
        chosen = choose_slices(volume, labels, card.slices, window, item.ignore)
        shown = [_show(item, card, (volume, labels, window), index) for index in chosen]
    except GmaiError as error:
        left = _less(item.units, lost)
        return [*reject_units(original_id(item), left, error.reason, _without_paths(str(error), item, root)), *lost]
    units = _less(item.units, lost)
    first, *rest = shown
    counted = replace(first, units={**units, **first.units})
    return [*(build_sample(item, card, each) for each in (counted, *rest)), *lost]


def _show(
    item: AnnotatedItem, card: SourceCard, read: tuple[Volume, Volume | None, Window | None], index: int
) -> Shown:
    volume, labels, window = read
    axis = slice_axis(volume, card.slices)
    pixels = show_slice(volume, axis, index, window)
    data = encode_png(pixels)
    name, sha256 = volume.file_of(axis, index)
    image = ImageRef(
        uri=name if item.kind == "series" else item.files[0],
        kind="dicom" if item.kind == "series" else "nifti",
        width=pixels.shape[1],
        height=pixels.shape[0],
        modality=card.modality,
        sha256=sha256,
        asset=hash_bytes(data),
        phash=difference_hash(pixels),
        axis=axis,
        index=index,
        spacing_mm=slice_spacing(volume, axis),
        window=None if window is None else (window.centre, window.width),
        sides=SIDES[axis] if volume.oriented and volume.affine is not None else None,
    )
    fitted = Fitted()
    if labels is not None and item.label_map is not None:
        place = item.label_map_shown or item.label_map
        pointer = f"{place}#value={{value}}&axis={axis}&index={index}"
        values = np.ascontiguousarray(cut_slice(labels.voxels, axis, index))
        fitted.annotations += find_regions(values, card, uri=place, pointer=pointer, ignore=item.ignore)
        fitted.counts["region"] = len(fitted.annotations)
        fitted.count_names(card)
    return Shown(
        image=image,
        data=data,
        annotations=fitted.annotations,
        steps=(*volume.steps, *_slice_steps(card, axis, index, window)),
        suffix=f"-{AXIS_LETTERS[axis]}{index:03d}",
        units=dict(fitted.counts),
    )


def _slice_steps(card: SourceCard, axis: int, index: int, window: Window | None) -> Iterator[Step]:
    policy = card.slices
    told = {"axis": axis, "index": index, "mode": policy.mode, "count": policy.count}
    yield Step(name="slice", parameters=told)
    if window is not None:
        yield Step(name="window", parameters={"mode": window.mode, "centre": window.centre, "width": window.width})


Reader = Callable[[AnnotatedItem, Path, SourceCard], list[Made | Reject]]
_READERS: dict[str, Reader] = {
    "array": _read_array,
    "nifti": _read_volume,
    "raster": _read_raster,
    "series": _read_volume,
    "text": _read_text,
}
