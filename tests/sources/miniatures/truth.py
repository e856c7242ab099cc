"""What must come out of a miniature."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gmai.types import SourceCard

Places = dict[str, Any]
"""What a card does not say of its set's files: how names without a meaning look, such as ``{subject}_{n}.png``."""


@dataclass
class Truth:
    """What was written, as the samples must tell it; None: nothing is known of it."""

    subjects: set[str] | None = None
    splits: set[str | None] | None = None
    labels: set[str] = field(default_factory=set)
    """Raw labels that were written."""
    modalities: set[str] = field(default_factory=set)


def subjects_of(card: SourceCard, places: Places) -> tuple[str, ...]:
    """The subjects a builder writes files of."""
    return tuple(places.get("subjects", ("11", "12")))


def told(card: SourceCard, subjects: Iterable[str], places: Places, **more: Any) -> Truth:
    """The truth of a builder that wrote every label of the card, for each subject and split."""
    rule = card.subject.pattern or card.subject.column
    return Truth(
        subjects=set(subjects) if rule else None,
        labels=set(card.labels),
        modalities=set(places.get("modalities", card.modalities.values() or (card.modality,))),
        **more,
    )
