"""An archive with each label in each split."""

from pathlib import Path

import numpy as np

from gmai.types import SourceCard
from miniatures.truth import Places, Truth, told

SPLITS = ("train", "val", "test")


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write the archive; of several labels a picture, each has its own column."""
    count = len(card.labels)
    colour = (3,) if places.get("colour") else ()
    arrays: dict[str, np.ndarray] = {}
    for split in SPLITS:
        pictures = np.arange(count * 28 * 28 * (3 if colour else 1)) % 251
        arrays[f"{split}_images"] = pictures.reshape(count, 28, 28, *colour).astype(np.uint8)
        multi = card.options.get("labels") == "multi"
        labels = np.eye(count) if multi else np.arange(count)[:, None]
        arrays[f"{split}_labels"] = labels.astype(np.uint8)
    root.mkdir(parents=True, exist_ok=True)
    np.savez(root / card.options["archive"], **arrays)
    return told(card, (), places, splits=set(SPLITS))
