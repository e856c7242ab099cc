"""Mask pictures beside their image: one index mask whose values are classes, or one mask file per object."""

import glob
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from gmai.annotations.item import (
    AnnotatedItem,
    Format,
    LookAt,
    Match,
    RegionFile,
    lone_picture,
    reject_units,
    unannotated,
)
from gmai.annotations.paths import check_found, fill_template, list_files, name_label, parent, stem
from gmai.base import from_dict
from gmai.errors import CardError
from gmai.types import MaskRef, Reject, SourceCard, record


@record
class MaskOptions:
    """Where images and masks are.

    In ``masks``, ``{stem}`` stands for the image's file name without ending, ``{folder}`` for the folder that holds the
    image's folder.
    """

    layout: Literal["index", "instances"] = "index"
    """``index``: one mask per image, values are classes, 0 is background; ``instances``: a mask for each object."""
    images: str = "images/*"
    """Glob of the images."""
    masks: str = "{folder}/masks/{stem}.png"
    """The mask (``index``), or a glob of the masks (``instances``) of an image."""
    ignore: tuple[int, ...] = ()
    """Values of index masks that are no region, beside 0."""
    label: str = "object"
    """Raw label of every object (``instances``)."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per image; images without a mask, and index masks without an image, are rejects."""
    options = from_dict(MaskOptions, card.options, where=f"card {card.name}: options", error=CardError)
    used: set[str] = set()
    for image in check_found(card, options.images, list_files(folder, options.images), folder):
        pattern = mask_of(image, options.masks)
        masks = list_files(folder, pattern)
        used.update(masks)
        if not masks:
            yield from unannotated(lone_picture(image), card, f"no mask {pattern}")
        elif options.layout == "instances":
            yield _with_instances(image, masks, card, options)
        else:
            yield AnnotatedItem(
                id=image, kind="raster", files=(image,), regions=(RegionFile(path=masks[0], ignore=options.ignore),)
            )
    if options.layout == "index":
        for mask in list_files(folder, mask_of("*", options.masks, literal=False)):
            if mask not in used:
                yield from reject_units(mask, {"image": 1}, "image.missing", f"no image belongs to {mask}")


def mask_of(image: str, template: str, *, literal: bool = True) -> str:
    """Glob of the masks of an image."""
    home, name = parent(parent(image)) if literal else "**", stem(image)
    if literal:
        home, name = glob.escape(home), glob.escape(name)
    return fill_template(template, folder=home, stem=name)


def _with_instances(image: str, masks: list[str], card: SourceCard, options: MaskOptions) -> AnnotatedItem:
    name = name_label(card, options.label).name
    regions = tuple(MaskRef(label=name, record=mask, uri=mask, raw=options.label) for mask in masks)
    units = {"image": 1, "annotation": len(regions)}
    return AnnotatedItem(id=image, kind="raster", files=(image,), annotations=regions, units=units)


def detect(folder: Path) -> Match | None:
    """Folders ``images`` and ``masks`` side by side, here or one below each case."""
    for images in list_files(folder, "images/*.png")[:1]:
        if (folder / "masks" / images.rpartition("/")[2]).is_file():
            return Match(format="masks", options={"images": "images/*.png"}, evidence=images)
    for pattern in ("*/images/*.png", "*/*/images/*.png"):
        for image in list_files(folder, pattern)[:1]:
            if list_files(folder, mask_of(image, "{folder}/masks/*.png")):
                options = {"layout": "instances", "images": pattern, "masks": "{folder}/masks/*.png"}
                return Match(format="masks", options=options, evidence=image)
    return None


FORMAT = Format(read=read, options=MaskOptions, detect=detect)
