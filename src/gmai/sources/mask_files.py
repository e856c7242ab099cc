"""Mask files of a raster picture: the regions each marks, on the picture's grid."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from gmai.annotations import RegionFile, reject
from gmai.images import LabelVolume, Picture, read_binary_mask, read_colour_mask, read_label_picture
from gmai.sources.regions import Fitted, fit_grid, mark_regions
from gmai.types import MaskRef, SourceCard

Marked = Iterator[tuple[int, str, np.ndarray]]


def add_mask_file(fitted: Fitted, file: RegionFile, picture: Picture, root: Path, card: SourceCard) -> None:
    """Add the regions that a mask file marks.

    Raises:
        ImageError: it cannot be read as what it is said to be, or is of another size than the picture.
    """
    path = root / file.path
    pointer = f"{file.name}#value={{value}}"
    if file.values == "binary":
        inside = fit_grid(read_binary_mask(path, file.threshold), picture)
        found = mark_regions([(1, file.label or "1", inside)] if inside.any() else [], card, file, file.name)
        if file.threshold is not None:
            fitted.told["threshold"] = file.threshold
    elif file.values == "colours":
        colours = fit_grid(read_colour_mask(path), picture)
        found = mark_regions(_colours(colours, file, fitted), card, file, pointer)
    else:
        values = fit_grid(read_label_picture(path), picture)
        if file.values == "objects":
            found = mark_regions(_objects(values, file), card, file, pointer)
        else:
            regions = LabelVolume(values[None], False, frozenset(file.ignore), file.label, file.names)
            found = mark_regions(regions.cut(2, 0), card, file, pointer)
    fitted.annotations += _as_objects(found) if file.values == "objects" else found
    fitted.counts["region"] += len(found)


def _as_objects(found: list[MaskRef]) -> list[MaskRef]:
    """Masks that are one thing each: a region with a value may be many things, and is not counted."""
    return [replace(mask, value=None) for mask in found]


def _objects(values: np.ndarray, file: RegionFile) -> Marked:
    for value in np.unique(values):
        if value != 0 and int(value) not in file.ignore:
            yield int(value), file.label or "object", values == value


def _colours(colours: np.ndarray, file: RegionFile, fitted: Fitted) -> Marked:
    background = {name.lower() for name in file.background}
    names = {colour.lower(): label for colour, label in file.names.items()}
    values, pixels = np.unique(colours, return_counts=True)
    unlisted: dict[str, int] = {}
    for value, count in zip(values, pixels, strict=True):
        colour = f"#{int(value):06x}"
        if colour in background:
            continue
        if names and colour not in names:
            unlisted[colour] = int(count)
            continue
        yield int(value), names.get(colour, colour), colours == value
    if unlisted:
        told = ", ".join(f"{colour} ({count} pixels)" for colour, count in list(unlisted.items())[:5])
        detail = f"{len(unlisted)} colours that the card does not list: {told}"
        fitted.rejects.append(reject(file.name, "mask.unlisted_colour", detail, unit="region", count=len(unlisted)))
