"""What is marked on a slide, tile by tile: outlines cut at the tile's edges, and regions of label maps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from gmai.annotations import (
    AnnotatedItem,
    Outline,
    RegionFile,
    clip_region,
    read_outlines,
    region_area,
    region_mask,
    reject,
    reject_units,
)
from gmai.errors import FormatError, GmaiError
from gmai.images import LabelVolume, SlideGrid, SlideLabels, SlideTile, encode_mask, open_slide_labels
from gmai.sources.build import without_paths
from gmai.sources.regions import Fitted, mark_regions
from gmai.types import MaskRef, Polygon, Reject, SourceCard

LEAST_AREA = 1.0
"""Pixels of a tile that an outline must cover to be there."""
_CELL = 8
"""Pixels to a tile's side, where it is asked which tiles are marked."""


@dataclass
class _Drawn:
    """The outlines of one file."""

    file: RegionFile
    areas: list[Outline]
    holes: list[Polygon]
    boxes: np.ndarray
    """(areas, 4) xyxy in pixels of level 0."""
    hole_boxes: np.ndarray


@dataclass
class SlideRegions:
    """The region files of one slide."""

    card: SourceCard
    drawn: list[_Drawn] = field(default_factory=list)
    labels: list[tuple[RegionFile, SlideLabels]] = field(default_factory=list)
    lost: list[Reject] = field(default_factory=list)

    def fit(self, grid: SlideGrid, tile: SlideTile) -> Fitted:
        """What a tile shows, in its pixels."""
        fitted = Fitted()
        for drawn in self.drawn:
            for _, region in self._cut(drawn, grid, tile):
                fitted.annotations.append(region)
                fitted.counts["annotation.clipped"] += getattr(region, "clipped", False)
                fitted.counts["region"] += 1
        for file, labels in self.labels:
            values = labels.at(grid.place(tile), (grid.size_px, grid.size_px))
            regions = LabelVolume(values[None], False, frozenset(file.ignore), file.label, file.names)
            found = mark_regions(regions.cut(2, 0), self.card, file, f"{file.name}#value={{value}}")
            fitted.annotations += found
            fitted.counts["region"] += len(found)
        fitted.count_names(self.card)
        return fitted

    def marked(self, grid: SlideGrid) -> np.ndarray:
        """Which tiles (rows, columns) something is marked on."""
        size = grid.columns * _CELL, grid.rows * _CELL
        seen: np.ndarray = np.zeros(size[::-1], np.uint8)
        x1, y1 = grid.place(SlideTile(grid.columns - 1, grid.rows - 1))[2:]
        scale = np.array([size[0] / x1, size[1] / y1])
        for drawn in self.drawn:
            for area in drawn.areas:
                rings = [np.floor(np.reshape(ring, (-1, 2)) * scale).astype(np.int32) for ring in area.polygon.rings]
                cv2.fillPoly(seen, rings, 1)
        for file, labels in self.labels:
            ends = round(grid.full[0] * scale[0]), round(grid.full[1] * scale[1])
            found = LabelVolume(labels.overview(ends)[None], False, frozenset(file.ignore))
            cv2.bitwise_or(seen, found.marked(found.voxels)[0, : size[1], : size[0]].astype(np.uint8), seen)
        cells = seen.reshape(grid.rows, _CELL, grid.columns, _CELL)
        return np.asarray(cells.any(axis=(1, 3)))

    def not_shown(self, grid: SlideGrid, tiles: Sequence[SlideTile]) -> Iterator[Reject]:
        """A reject for the outlines of each file that no chosen tile shows."""
        for drawn in self.drawn:
            there = {place for tile in tiles for place, _ in self._cut(drawn, grid, tile)}
            if left := len(drawn.areas) - len(there):
                what = f"{left} of {len(drawn.areas)} outlines are on none of the {len(tiles)} tiles that were chosen"
                yield reject(drawn.file.name, "slide.outside_tiles", what, unit="annotation", count=left)

    def close(self) -> None:
        """Let go of the files."""
        for _, labels in self.labels:
            labels.close()

    def _cut(self, drawn: _Drawn, grid: SlideGrid, tile: SlideTile) -> Iterator[tuple[int, Polygon | MaskRef]]:
        place = grid.place(tile)
        near_holes = [drawn.holes[number] for number in _near(drawn.hole_boxes, place)]
        for number in _near(drawn.boxes, place):
            area = drawn.areas[number]
            holes = [*(replace(area.polygon, rings=(ring,)) for ring in area.holes), *near_holes]
            if region := _on_tile(area.polygon, holes, place, grid.size_px, drawn.file.name):
                yield number, region


def _near(boxes: np.ndarray, place: Sequence[float]) -> list[int]:
    x0, y0, x1, y1 = place
    found = (boxes[:, 0] < x1) & (boxes[:, 2] > x0) & (boxes[:, 1] < y1) & (boxes[:, 3] > y0)
    return [int(number) for number in np.flatnonzero(found)]


def _on_tile(
    polygon: Polygon, holes: Sequence[Polygon], place: Sequence[float], size: int, name: str
) -> Polygon | MaskRef | None:
    cut = _clip(polygon, place, size)
    if cut is None or region_area(cut, size, size) < LEAST_AREA:
        return None
    out = [hole for each in holes if (hole := _clip(each, place, size)) is not None]
    if not out:
        return cut
    inside: np.ndarray = region_mask(cut, size, size)
    for hole in out:
        inside = np.logical_and(inside, ~region_mask(hole, size, size))
    if not inside.any():
        return None
    return MaskRef(
        label=cut.label, record=cut.record, uri=name, rle=encode_mask(inside), size=(size, size), raw=cut.raw
    )


def _clip(polygon: Polygon, place: Sequence[float], size: int) -> Polygon | None:
    x0, y0, x1, y1 = place
    scale = np.array([size / (x1 - x0), size / (y1 - y0)])
    moved = [(np.reshape(ring, (-1, 2)) - (x0, y0)) * scale for ring in polygon.rings]
    rings = tuple(tuple(round(float(value), 3) for value in ring.ravel()) for ring in moved)
    try:
        cut = clip_region(replace(polygon, rings=rings), size, size)
    except FormatError:
        return None  # outside, or thinner than a pixel's thousandth
    return cut if isinstance(cut, Polygon) else None


def read_slide_regions(
    item: AnnotatedItem, root: Path, card: SourceCard, full: tuple[int, int], holes: Sequence[str]
) -> SlideRegions:
    """Read the region files of a slide.

    A file that cannot be used costs the units that hang on it, and not the slide, unless it has none of its own.

    Args:
        item: with its region files.
        root: of the source.
        card: names the labels.
        full: (width, height) of level 0.
        holes: raw labels of outlines that are cut out of the others.

    Raises:
        ImageError, FormatError: a file without units of its own cannot be used.
    """
    regions = SlideRegions(card)
    for file in item.regions:
        try:
            if file.kind == "outlines":
                regions.drawn.append(_read_drawn(file, root, card, holes, regions.lost))
            else:
                regions.labels.append((file, open_slide_labels(root / file.path, full)))
        except GmaiError as error:
            if not file.units:
                raise
            detail = without_paths(str(error), item, root)
            regions.lost += reject_units(file.name, file.units, error.reason, detail)
    return regions


def _read_drawn(file: RegionFile, root: Path, card: SourceCard, holes: Sequence[str], lost: list[Reject]) -> _Drawn:
    found = read_outlines(root / file.path, file.name, card, file.label)
    lost += found.lost
    areas = [area for area in found.areas if area.polygon.raw not in holes]
    cut_out = [area.polygon for area in found.areas if area.polygon.raw in holes]
    return _Drawn(file, areas, cut_out, _boxes([area.polygon for area in areas]), _boxes(cut_out))


def _boxes(polygons: Sequence[Polygon]) -> np.ndarray:
    ends = np.zeros((len(polygons), 4))
    for number, polygon in enumerate(polygons):
        points = np.concatenate([np.reshape(ring, (-1, 2)) for ring in polygon.rings])
        ends[number] = *points.min(axis=0), *points.max(axis=0)
    return ends
