"""A picture of each subject in every class folder of every split."""

from pathlib import Path

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write the folders; ``picture`` is the name of a picture, ``splits`` are the folders above the classes."""
    nested = card.options.get("layout", "label") == "split/label"
    splits = places.get("splits", ("train", "test")) if nested else ("",)
    subjects = subjects_of(card, places)
    top = root / card.options.get("root", ".")
    for split in splits:
        for number, raw in enumerate(card.labels):
            for subject in subjects:
                name = places["picture"].format(subject=subject, n=number, label=raw, split=split)
                make.picture(top / split / raw / name, make.pixels(seed=number, channels=3))
    return told(card, subjects, places, splits={split or None for split in splits} if nested else None)
