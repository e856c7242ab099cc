"""A raster picture with its boxes, polygons, masks and label maps."""

from collections.abc import Iterator
from pathlib import Path

from gmai.annotations import AnnotatedItem
from gmai.images import read_label_picture, read_picture
from gmai.sources.build import Made
from gmai.sources.picture import one_picture
from gmai.sources.regions import find_regions, fit_annotations, fit_grid
from gmai.types import Reject, SourceCard


def read(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """One sample, and a reject for each annotation that does not hold."""
    picture = read_picture(root / item.files[0], card.window)
    fitted = fit_annotations(item.annotations, picture, item.size, root)
    for file in item.regions:
        found = find_regions(fit_grid(read_label_picture(root / file.path), picture), card, file)
        fitted.annotations += found
        fitted.counts["region"] += len(found)
    yield from one_picture(item, card, picture, fitted)
