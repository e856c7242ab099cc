"""Mask pictures beside their image: values or colours that are classes, one thing a mask, or one object a mask."""

from collections.abc import Iterator
from dataclasses import field
from pathlib import Path
from typing import Literal

from gmai.annotations.item import (
    AnnotatedItem,
    Format,
    LookAt,
    RegionFile,
    lone_picture,
    reject_units,
    unannotated,
)
from gmai.annotations.mask_names import MaskFinder
from gmai.annotations.mask_signs import detect
from gmai.annotations.paths import PICTURES, check_found, ending, list_files, name_label
from gmai.base import from_dict
from gmai.errors import CardError
from gmai.types import MaskRef, Reject, SourceCard, record


@record
class MaskOptions:
    """Where images and masks are, and what the values of masks mean.

    In ``masks``, ``{stem}`` stands for the image's file name without ending, ``{folder}`` for the folder that holds the
    image's folder, ``{home}`` for the image's folder, ``{label}`` for the raw label.
    """

    layout: Literal["index", "binary", "colour", "instances", "objects"] = "index"
    """``index``: values are classes, 0 is background; ``binary``: a mask marks one thing, several may belong to one
    image; ``colour``: colours are classes; ``instances``: a mask for each object; ``objects``: each value is an object
    of one class."""
    images: str = "images/*"
    """Glob of the images."""
    masks: str | dict[str, str] = "{folder}/masks/{stem}.png"
    """The mask of an image, or a glob of several; for ``binary`` also raw label to mask."""
    stem: str = ""
    """Regular expression whose group 1 is what ``{stem}`` stands for, where it is not the whole name."""
    ignore: tuple[int, ...] = ()
    """Values that are no region, beside 0 (``index``, ``objects``)."""
    label: str = "object"
    """Raw label of masks whose name has no ``{label}`` (``binary``, ``instances``, ``objects``)."""
    names: dict[str, str] = field(default_factory=dict)
    """Value or colour (``#rrggbb``) to raw label; with colours, those that are not listed are rejected."""
    background: tuple[str, ...] = ("#000000",)
    """Colours that are no region (``colour``)."""
    threshold: float | None = None
    """Least value that is inside (``binary``, ``instances``), which masks with soft edges need, such as JPEG."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per image; images without a mask, and masks without an image, are rejects."""
    options = from_dict(MaskOptions, card.options, where=f"card {card.name}: options", error=CardError)
    where = f"card {card.name}: options"
    masks = {options.label: options.masks} if isinstance(options.masks, str) else options.masks
    finder = MaskFinder(folder, masks, options.stem, where)
    images = [path for path in list_files(folder, options.images) if ending(path) in PICTURES]
    belongs = finder.pair(list(check_found(card, options.images, images, folder)))
    used = {mask for found in belongs.values() for mask, _ in found}
    for image in images:
        if image in used:
            continue
        found = belongs.get(image, [])
        if not found:
            yield from unannotated(lone_picture(image), card, f"no mask {finder.told(image)}")
        elif options.layout == "instances":
            yield _with_instances(image, found, card, options)
        else:
            yield _with_masks(image, found, options)
    for mask in finder.files:
        if mask not in used and mask not in belongs:
            unit = "annotation" if options.layout == "instances" else "image"
            yield from reject_units(mask, {unit: 1}, "image.missing", f"no image belongs to {mask}")


def _with_instances(image: str, masks: list[tuple[str, str]], card: SourceCard, options: MaskOptions) -> AnnotatedItem:
    regions = tuple(
        MaskRef(label=name_label(card, raw).name, record=mask, uri=mask, raw=raw, threshold=options.threshold)
        for mask, raw in masks
    )
    units = {"image": 1, "annotation": len(regions)}
    return AnnotatedItem(id=image, kind="raster", files=(image,), annotations=regions, units=units)


def _with_masks(image: str, masks: list[tuple[str, str]], options: MaskOptions) -> AnnotatedItem:
    values: dict[str, Literal["index", "binary", "objects", "colours"]]
    values = {"index": "index", "binary": "binary", "colour": "colours", "objects": "objects"}
    named = options.layout in {"binary", "objects"}
    files = tuple(
        RegionFile(
            path=mask,
            ignore=options.ignore,
            label=raw if named else None,
            names=options.names,
            values=values[options.layout],
            threshold=options.threshold,
            background=options.background,
        )
        for mask, raw in masks
    )
    return AnnotatedItem(id=image, kind="raster", files=(image,), regions=files)


FORMAT = Format(read=read, options=MaskOptions, detect=detect)
