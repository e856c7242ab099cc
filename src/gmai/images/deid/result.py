"""What the cleaning of one file gives."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

Rename = Callable[[str], str | None]
"""The new name of a file that lies in the same folder; None if it is not to be had."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned file."""

    data: bytes
    counts: Counter[str] = field(default_factory=Counter)
    """Header elements ``kept``, ``replaced`` and ``removed`` (of those ``private``), and what else was done."""
    unclean: str = ""
    """Why its pixels are not to be trusted, as its header says; empty if it says nothing."""
    suspect: bool = False
    """True of kinds that carry text in their pixels: ultrasound, secondary capture, screenshots, photographs."""
