"""Which sources lie below a folder, and what is missing of one."""

import os
from collections.abc import Iterator
from pathlib import Path

from gmai.sources.cards import card_names, read_card
from gmai.types import SourceCard

DEPTH = 4


def find_missing(card: SourceCard, root: Path) -> tuple[str, ...]:
    """The card's file patterns that match nothing below the root."""
    return tuple(pattern for pattern in card.files if next(root.glob(pattern), None) is None)


def find_sources(folder: Path) -> list[tuple[SourceCard, Path]]:
    """Find the shipped cards whose files lie below a folder.

    Args:
        folder: searched to a depth of four folders, hidden ones left out.

    Returns:
        (card, root) pairs by card name, then path; of roots inside one another only the outermost.
    """
    places = list(_folders(folder, DEPTH))
    found: list[tuple[SourceCard, Path]] = []
    for card in map(read_card, card_names()):
        roots: list[Path] = []
        for place in places:
            inside = any(root in place.parents for root in roots)
            if not inside and not find_missing(card, place):
                roots.append(place)
        found += [(card, root) for root in roots]
    return found


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    yield folder
    if depth == 0:
        return
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    for name in names:
        yield from _folders(folder / name, depth - 1)
