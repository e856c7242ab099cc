"""What the feed hands to the loop: the packs of a step, each computed in one forward pass."""

from __future__ import annotations

from dataclasses import dataclass, field

from gmai.models import Block, Fitted, Work
from gmai.types import Reject


@dataclass(frozen=True)
class Pack:
    """Rows that are computed together. Without rows it is computed all the same, so that ranks stay together."""

    number: int
    """Place in the step, over all ranks: what is drawn inside the model depends on it and not on the rank."""
    rows: list[list[Block]] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    """The sample of each row."""
    fitted: list[Fitted] = field(default_factory=list)
    """The pictures of all rows, in their order."""
    tones: list[tuple[float, float]] = field(default_factory=list)
    """For each picture, what contrast is multiplied by and how far brightness is moved; empty leaves them."""
    weight: float = 0.0
    """Sum of the weights of all predicted tokens."""
    counts: dict[str, int] = field(default_factory=dict)
    """What is learned from, by dotted name, for the account."""
    work: Work = Work()
    tiles: int = 0
    slots: int = 0
    """Token places computed, padding included."""


@dataclass(frozen=True)
class StepBatch:
    """One rank's share of a step."""

    step: int
    """Counted from 0."""
    packs: list[Pack]
    rejects: list[Reject] = field(default_factory=list)
    """What was left out while this share was made."""
