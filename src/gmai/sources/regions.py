"""Annotations fitted to the picture as shown: turned, cut at its edges, masks measured into run-length code."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gmai.annotations import RegionFile, clip_region, name_label, reject
from gmai.errors import FormatError, GmaiError, ImageError
from gmai.images import (
    NumberedMask,
    Picture,
    decode_mask,
    encode_mask,
    orient,
    orient_point,
    read_binary_mask,
)
from gmai.types import Annotation, Box, MaskRef, Polygon, Reject, SourceCard

Grid = Literal["stored", "shown"]


@dataclass
class Fitted:
    """The annotations of one picture that hold, those that do not, and what was done."""

    annotations: list[Annotation] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    grid: Grid = "shown"
    """Which grid the source's coordinates were on: ``shown``, or ``stored`` (turned with the picture)."""
    unsure: list[str] = field(default_factory=list)
    """Labels of annotations that do not hold: what they mark may be there all the same."""
    told: dict[str, Any] = field(default_factory=dict)
    """What else was done to the annotations, for the provenance."""

    def count_names(self, card: SourceCard) -> None:
        """Count labels that the card does not list."""
        for annotation in self.annotations:
            raw = getattr(annotation, "raw", "")
            if card.labels and raw and raw not in card.labels:
                self.counts["annotation.unmapped"] += 1


def fit_annotations(
    annotations: tuple[Annotation, ...],
    picture: Picture,
    size: tuple[int, int] | None,
    root: Path,
    *,
    grid: Grid | None = None,
) -> Fitted:
    """Fit a picture's annotations; each one that fails is a reject of its own.

    Args:
        annotations: as the reader gave them.
        picture: as shown.
        size: (width, height) that the annotation file says, if it does.
        root: of the source, to read mask files.
        grid: which the coordinates are on, where the format knows; None where ``size`` tells.

    Raises:
        FormatError: ``annotation.size_mismatch``: the file speaks of a picture of another size.
    """
    fitted = Fitted(grid=_grid(picture, size, grid))
    for annotation in annotations:
        try:
            fixed = _fit(annotation, picture, fitted.grid == "stored", root)
        except GmaiError as error:
            record = getattr(annotation, "record", "")
            fitted.rejects.append(reject(record, error.reason, str(error), unit="annotation"))
            fitted.unsure += filter(None, [getattr(annotation, "label", "")])
            continue
        fitted.annotations.append(fixed)
        fitted.counts["annotation.clipped"] += getattr(fixed, "clipped", False)
    return fitted


def _grid(picture: Picture, size: tuple[int, int] | None, grid: Grid | None) -> Grid:
    sizes: dict[Grid, tuple[int, int]] = {"shown": picture.size, "stored": picture.stored_size}
    for name, own in sizes.items():
        if name == grid or grid is None and size in (None, own):
            if size not in (None, own):
                break
            return "shown" if picture.orientation == 1 else name
    width, height = size or (0, 0)
    what = f"the annotations are for {width} x {height}, the picture is {picture.size[0]} x {picture.size[1]}"
    raise FormatError(what, reason="annotation.size_mismatch")


def _fit(annotation: Annotation, picture: Picture, turn: bool, root: Path) -> Annotation:
    if isinstance(annotation, Box | Polygon):
        return clip_region(_turn(annotation, picture) if turn else annotation, *picture.size)
    if isinstance(annotation, MaskRef):
        return _measure(annotation, picture, turn, root)
    return annotation


def _turn(region: Box | Polygon, picture: Picture) -> Box | Polygon:
    def turned(x: float, y: float) -> tuple[float, float]:
        return orient_point(x, y, picture.orientation, picture.size)

    if isinstance(region, Box):
        (ax, ay), (bx, by) = turned(*region.xyxy[:2]), turned(*region.xyxy[2:])
        return replace(region, xyxy=(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
    rings = [
        [value for x, y in zip(ring[0::2], ring[1::2], strict=True) for value in turned(x, y)] for ring in region.rings
    ]
    return replace(region, rings=tuple(tuple(ring) for ring in rings))


def _measure(mask: MaskRef, picture: Picture, turn: bool, root: Path) -> MaskRef:
    if mask.rle is not None and mask.size is not None:
        if mask.size[::-1] not in {picture.size, picture.stored_size}:
            raise _mismatch(mask.size[::-1], picture)
        values = decode_mask(mask.rle, mask.size)
    else:
        values = read_binary_mask(root / mask.uri, mask.threshold)
    if mask.place is None:
        inside = fit_grid(values, picture) != 0
    else:
        size = picture.stored_size if turn else picture.size
        whole = paste(values, mask.place, size)
        inside = orient(whole, picture.orientation) if turn else whole
    if not inside.any():
        raise FormatError("a mask without pixels", where=mask.record, reason="mask.empty")
    return replace(mask, rle=encode_mask(inside), size=(inside.shape[0], inside.shape[1]))


def paste(crop: np.ndarray, place: tuple[int, int, int, int], size: tuple[int, int]) -> np.ndarray:
    """A mask that was cut out (h, w), back in its place (xyxy) of a picture of (width, height) ``size``.

    Raises:
        ImageError: ``mask.size_mismatch``: the crop is not as large as its place; ``mask.outside``.
    """
    x0, y0, x1, y1 = place
    if crop.shape != (y1 - y0, x1 - x0):
        what = f"the mask is {crop.shape[1]} x {crop.shape[0]}, its place {x1 - x0} x {y1 - y0}"
        raise ImageError(what, reason="mask.size_mismatch")
    if min(x0, y0) < 0 or x1 > size[0] or y1 > size[1]:
        raise ImageError(f"a mask at {place} of a {size[0]} x {size[1]} picture", reason="mask.outside")
    whole = np.zeros(size[::-1], bool)
    whole[y0:y1, x0:x1] = crop != 0
    return whole


def fit_grid(values: np.ndarray, picture: Picture) -> np.ndarray:
    """A mask (H, W) on the grid of the picture as shown; one on the file's own grid is turned with it.

    Raises:
        ImageError: ``mask.size_mismatch``.
    """
    size = values.shape[1], values.shape[0]
    if size == picture.stored_size:
        return orient(values, picture.orientation)
    if size == picture.size:
        return values
    raise _mismatch(size, picture)


def _mismatch(size: tuple[int, int], picture: Picture) -> ImageError:
    width, height = picture.stored_size
    what = f"the mask is {size[0]} x {size[1]}, the picture {width} x {height}"
    return ImageError(what, reason="mask.size_mismatch")


def mark_regions(found: Iterable[NumberedMask], card: SourceCard, file: RegionFile, pointer: str) -> list[MaskRef]:
    """One mask annotation for each region found; ``pointer`` has a place for its ``{value}``."""
    return [
        MaskRef(
            label=name_label(card, raw).name,
            record=pointer.replace("{value}", str(value)),
            uri=file.name,
            value=value,
            rle=encode_mask(inside),
            size=(inside.shape[0], inside.shape[1]),
            raw=raw,
        )
        for value, raw, inside in found
    ]
