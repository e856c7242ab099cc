"""A picture of each subject in every class folder of every split."""

from pathlib import Path

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write the folders, below ``roots`` by label; ``picture`` is a name, ``splits`` are above the classes."""
    nested = card.options.get("layout", "label").startswith("split/label")
    splits = places.get("splits", ("train", "test")) if nested else ("",)
    subjects = subjects_of(card, places)
    roots = places.get("roots", {card.options.get("root", "."): ()})
    for split in splits:
        for number, raw in enumerate(card.labels):
            for subject in subjects:
                name = places["picture"].format(subject=subject, n=number, label=raw, split=split)
                top = next(top for top, names in roots.items() if not names or raw in names)
                make.picture(root / top / split / raw / name, make.pixels(seed=number, channels=3))
    return told(card, subjects, places, splits={split or None for split in splits} if nested else None)
