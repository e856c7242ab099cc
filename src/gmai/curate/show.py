"""A picture of a corpus as it is looked at, with the regions people marked on it."""

from pathlib import Path
from typing import Literal

from gmai.base import write_bytes
from gmai.corpus import StoredSample, open_corpus
from gmai.errors import ConfigError
from gmai.images import decode_picture, encode_png, render_view
from gmai.types import Box, MaskRef, Polygon, Sample, View

Level = Literal["image", "box", "mask", "contour"]


def show_sample(corpus: Path, sample_id: str, out: Path, level: Level = "contour", image: int = 0) -> list[str]:
    """Write a picture of a sample as PNG, with all regions that can be drawn at a level.

    Args:
        corpus: the corpus folder.
        sample_id: id of the sample.
        out: the PNG file to write.
        level: how regions are drawn; ``image`` draws none.
        image: which picture of the sample, from 0. Regions are marked on the only picture of a sample; on pictures of
            a sample that has several none are drawn.

    Returns:
        What is drawn, one line for each region; or that none can be drawn at this level.

    Raises:
        ConfigError: the sample has no such picture.
        FormatError: no such sample.
    """
    stored = open_corpus(corpus).sample(sample_id)
    if not 0 <= image < len(stored.pictures):
        count = len(stored.pictures)
        raise ConfigError(f"the sample has {count} pictures, no number {image}", where=sample_id, fix="count from 0")
    regions = find_regions(stored.sample, level) if len(stored.pictures) == 1 else ()
    write_bytes(out, draw(stored, View(granularity=level if regions else "image", regions=regions), image))
    if not regions and level != "image" and len(stored.pictures) == 1:
        return [f"no region of the sample can be drawn as {level}"]
    return [f"{stored.sample.annotations[at].record}: {_label(stored.sample, at)}" for at in regions]


def draw(stored: StoredSample, view: View, image: int = 0) -> bytes:
    """A view of a stored picture as PNG."""
    return encode_png(render_view(decode_picture(stored.pictures[image]), view, stored.sample.annotations))


def find_regions(sample: Sample, level: Level) -> tuple[int, ...]:
    """Positions of the annotations that can be drawn at a level: boxes have no contour."""
    shapes = (Box, Polygon, MaskRef) if level == "box" else (Polygon, MaskRef)
    if level == "image":
        return ()
    return tuple(
        at
        for at, item in enumerate(sample.annotations)
        if isinstance(item, shapes) and not (isinstance(item, MaskRef) and item.rle is None)
    )


def _label(sample: Sample, position: int) -> str:
    region = sample.annotations[position]
    return region.label if isinstance(region, Box | Polygon | MaskRef) else ""
