"""Which sources lie below a folder, and what is missing of one."""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from gmai.annotations import iter_files
from gmai.sources.cards import card_names, read_card
from gmai.types import SourceCard

DEPTH = 4


def find_missing(card: SourceCard, root: Path) -> tuple[str, ...]:
    """The card's file patterns that match nothing below the root."""
    return tuple(pattern for pattern in card.files if next(iter_files(root, pattern), None) is None)


def find_sources(folder: Path) -> list[tuple[SourceCard, Path]]:
    """Find the shipped cards whose files lie below a folder.

    Args:
        folder: searched to a depth of four folders, hidden ones left out.

    Returns:
        (card, root) pairs by card name, then path; of roots inside one another only the outermost.
    """
    cards = shipped_cards()
    roots: dict[str, list[Path]] = {card.name: [] for card in cards}
    for place, names in _folders(folder, DEPTH):
        for card in cards:
            inside = any(root in place.parents for root in roots[card.name])
            if not inside and _may_hold(card, names) and not find_missing(card, place):
                roots[card.name].append(place)
    return [(card, root) for card in cards for root in roots[card.name]]


@lru_cache(maxsize=1)
def shipped_cards() -> tuple[SourceCard, ...]:
    """The cards that ship with gmai, by name."""
    return tuple(read_card(name) for name in card_names())


def _may_hold(card: SourceCard, names: frozenset[str]) -> bool:
    firsts = (pattern.partition("/")[0] for pattern in card.files)
    return all(first in names or any(mark in first for mark in "*?[") for first in firsts)


def _folders(folder: Path, depth: int) -> Iterator[tuple[Path, frozenset[str]]]:
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith(".")]
    yield folder, frozenset(name for name, _ in found)
    for name in sorted(name for name, is_folder in found if is_folder) if depth else ():
        yield from _folders(folder / name, depth - 1)
