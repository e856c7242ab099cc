"""A row of an array in an archive or file, or a whole array that is one picture."""

from collections.abc import Iterator
from pathlib import Path

from gmai.annotations import AnnotatedItem
from gmai.images import read_row
from gmai.sources.build import Made
from gmai.sources.picture import one_picture
from gmai.sources.regions import fit_annotations
from gmai.types import Reject, SourceCard


def read(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """One sample."""
    picture = read_row(root / item.files[0], item.member or "", item.index, card.window)
    yield from one_picture(item, card, picture, fit_annotations(item.annotations, picture, None, root))
