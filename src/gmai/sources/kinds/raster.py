"""A raster picture with its boxes, polygons, masks and label maps."""

from collections.abc import Iterator
from pathlib import Path

from gmai.annotations import AnnotatedItem
from gmai.images import read_picture
from gmai.sources.build import Made
from gmai.sources.mask_files import add_mask_file
from gmai.sources.picture import one_picture
from gmai.sources.regions import fit_annotations
from gmai.types import Reject, SourceCard


def read(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """One sample, and a reject for each annotation that does not hold."""
    picture = read_picture(root / item.files[0], card.window, frame=item.index)
    fitted = fit_annotations(item.annotations, picture, item.size, root, grid=item.grid)
    for file in item.regions:
        add_mask_file(fitted, file, picture, root, card)
    yield from one_picture(item, card, picture, fitted)
