"""The work at one item, in a worker: what its kind's reader makes of it, and a reject where it cannot be read."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from gmai.annotations import AnnotatedItem, reject_units
from gmai.errors import GmaiError
from gmai.sources.build import Made, original_id, without_paths
from gmai.sources.burned_in import without_text
from gmai.sources.kinds import KINDS
from gmai.sources.privacy import hide
from gmai.sources.traits import with_header
from gmai.types import Reject, SourceCard


def read_items(items: Iterable[AnnotatedItem | Reject], *, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """Turn items into samples; an item that cannot be read becomes a reject of each unit it stands for."""
    for item in items:
        if isinstance(item, Reject):
            yield hide(item, card)
        else:
            yield from (hide(result, card, item) for result in _read_item(item, root, card))


def _read_item(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    try:
        item = replace(item, facets=with_header(item, root, card)) if card.facets else item
        made = list(without_text(list(KINDS.get(item.kind)(item, root, card)), item, card))
    except GmaiError as error:
        detail = without_paths(str(error), item, root)
        yield from reject_units(original_id(item), item.units, error.reason, detail)
        return
    for result in made:
        if isinstance(result, Reject):
            result = replace(result, detail=without_paths(result.detail, item, root))
        yield result
