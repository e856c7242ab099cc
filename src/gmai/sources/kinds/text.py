"""Text without a picture."""

from collections.abc import Iterator
from pathlib import Path

from gmai.annotations import AnnotatedItem
from gmai.sources.build import Made, Shown, build_sample
from gmai.types import Reject, SourceCard


def read(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """One sample without picture."""
    yield build_sample(item, card, Shown(image=None, data=None, annotations=item.annotations, units=item.units))
