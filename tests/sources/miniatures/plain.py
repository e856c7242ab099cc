"""Pictures of which nothing is said."""

from pathlib import Path

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write a picture of each subject in each split; ``picture`` is its path."""
    subjects, splits = subjects_of(card, places), places.get("splits", ("",))
    for number, subject in enumerate(subjects):
        for split in splits:
            make.picture(root / places["picture"].format(subject=subject, split=split), make.pixels(seed=number))
    return told(card, subjects, places, splits=set(splits) if card.split.pattern else None)
