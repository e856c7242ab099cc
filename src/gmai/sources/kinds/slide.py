"""Tiles of a whole-slide image: those that show tissue, or something marked, on one grid at one resolution."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from gmai.annotations import AnnotatedItem, reject, reject_units
from gmai.base import hash_bytes, hash_file
from gmai.errors import FormatError, GmaiError, ImageError
from gmai.images import (
    Slide,
    SlideGrid,
    SlideTile,
    choose_tiles,
    difference_hash,
    encode_png,
    find_tissue,
    lay_grid,
    open_slide,
    read_tile,
    tissue_shares,
)
from gmai.sources.build import Made, Shown, build_sample, modality_of, original_id, without_paths
from gmai.sources.picture import less_units
from gmai.sources.regions import Fitted
from gmai.sources.slide_regions import SlideRegions, read_slide_regions
from gmai.types import ImageRef, Label, Reject, SourceCard, Step


@dataclass(frozen=True, slots=True)
class _Open:
    """A slide being read."""

    slide: Slide
    grid: SlideGrid
    sha256: str
    steps: tuple[Step, ...]


def read(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """One sample for each tile, and a reject for each tile that cannot be decoded.

    Raises:
        ImageError: the slide cannot be read, shows no tissue, or does not say its resolution (``slide.no_mpp``).
        FormatError: ``slide.label_level``: it has labels, and nobody says whether they hold for each tile.
    """
    said = _label_step(item, card)
    path = root / item.files[0]
    with closing(open_slide(path)) as slide:
        mpp, source = _find_mpp(slide, card)
        grid = lay_grid(slide, card.tiles, mpp)
        regions = read_slide_regions(item, root, card, grid.full, tuple(card.options.get("holes", ())))
        with closing(regions):
            tiles, told = _choose(slide, grid, regions, card)
            number, count = item.part
            chosen = tiles[number * len(tiles) // count : (number + 1) * len(tiles) // count]
            about = {**slide.told, "levels": len(slide.levels), "mpp": list(mpp), "mpp_from": source}
            steps = (Step(name="slide", parameters=about), told, *said)
            found = _Open(slide, grid, _hash(path, path.stat().st_size, path.stat().st_mtime_ns), steps)
            lost = [*regions.lost, *regions.not_shown(grid, tiles)] if number == 0 else []
            yield from _tiles(found, item, card, regions, chosen, lost, root)


def _tiles(
    found: _Open,
    item: AnnotatedItem,
    card: SourceCard,
    regions: SlideRegions,
    tiles: Sequence[SlideTile],
    lost: list[Reject],
    root: Path,
) -> Iterator[Made | Reject]:
    units = less_units(item.units, lost)
    broken: list[Reject] = []
    error: GmaiError | None = None
    for tile in tiles:
        try:
            fitted = regions.fit(found.grid, tile)
            shown = _show(found, item, card, tile, fitted)
        except ImageError as one:
            error = one
            detail = without_paths(str(one), item, root)
            broken.append(reject(f"{original_id(item)}{_suffix(tile)}", one.reason, detail, unit="picture"))
            continue
        yield build_sample(item, card, replace(shown, units={**units, **shown.units}))
        units = {}
    if units and error is not None:
        yield from reject_units(original_id(item), units, error.reason, without_paths(str(error), item, root))
    else:
        yield from broken
    yield from lost


def _show(found: _Open, item: AnnotatedItem, card: SourceCard, tile: SlideTile, fitted: Fitted) -> Shown:
    grid = found.grid
    width, height = grid.read_px
    box = tile.column * width, tile.row * height, width, height
    pixels = read_tile(found.slide, grid.level, box, grid.size_px)
    data = encode_png(pixels)
    image = ImageRef(
        uri=(item.shown or item.files)[0],
        kind="slide",
        width=grid.size_px,
        height=grid.size_px,
        modality=modality_of(item, card),
        sha256=found.sha256,
        asset=hash_bytes(data),
        phash=difference_hash(pixels),
        spacing_mm=(round(grid.mpp[1] / 1000, 9), round(grid.mpp[0] / 1000, 9)),
        region=grid.region(tile),
    )
    told: dict[str, Any] = {"level": grid.level, "box": list(box), "size_px": grid.size_px}
    told |= {"column": tile.column, "row": tile.row, "tissue": tile.tissue}
    return Shown(
        image=image,
        data=data,
        annotations=(*item.annotations, *fitted.annotations),
        steps=(*found.steps, Step(name="tile", parameters=told)),
        suffix=_suffix(tile),
        units={unit: count for unit, count in fitted.counts.items() if count},
    )


def _suffix(tile: SlideTile) -> str:
    return f"-r{tile.row:04d}c{tile.column:04d}"


def _choose(slide: Slide, grid: SlideGrid, regions: SlideRegions, card: SourceCard) -> tuple[list[SlideTile], Step]:
    policy = card.tiles
    told: dict[str, Any] = {"where": policy.where, "count": policy.count, "grid": [grid.columns, grid.rows]}
    if policy.where == "marked":
        return choose_tiles(np.ones((grid.rows, grid.columns)), policy, regions.marked(grid)), _step(told)
    tissue = find_tissue(slide)
    shares = tissue_shares(grid, tissue.mask)
    told |= {"least": policy.tissue, "tiles": int((shares >= policy.tissue).sum()), **tissue.told}
    return choose_tiles(shares, policy), _step(told)


def _step(told: dict[str, Any]) -> Step:
    return Step(name="tissue", parameters=told)


def _find_mpp(slide: Slide, card: SourceCard) -> tuple[tuple[float, float], str]:
    if slide.mpp is not None:
        return slide.mpp, "file"
    stated = card.options.get("mpp")
    if not isinstance(stated, int | float) or not stated > 0:
        fix = "state options.mpp (micrometres a pixel of the finest level) in the card"
        raise ImageError("the slide does not say its resolution", fix=fix, reason="slide.no_mpp")
    return (float(stated), float(stated)), "card"


def _label_step(item: AnnotatedItem, card: SourceCard) -> tuple[Step, ...]:
    labels = sum(isinstance(each, Label) for each in item.annotations)
    if not labels:
        return ()
    level = card.options.get("label_level")
    if level not in {"slide", "tile"}:
        fix = "read it with the format slides, and state options.label_level: slide or tile"
        raise FormatError("labels of a slide on its tiles", fix=fix, reason="slide.label_level")
    return (Step(name="labels", parameters={"level": level, "labels": labels}),)


@lru_cache(maxsize=4)
def _hash(path: Path, size: int, changed: int) -> str:
    """Hash of a file; of a slide in parts it is computed once."""
    return hash_file(path)
