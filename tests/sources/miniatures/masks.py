"""A picture of each subject with a mask that shows every label."""

from pathlib import Path

import numpy as np

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told

SIZE = (24, 64)


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write pictures and masks; ``picture`` is a path, whose place among the masks the card's options give."""
    subjects = subjects_of(card, places)
    for number, subject in enumerate(subjects):
        picture = root / places["picture"].format(subject=subject)
        make.picture(picture, make.pixels(*SIZE, channels=3, seed=number))
        template = places.get("mask", card.options.get("masks", "{folder}/masks/{stem}.png"))
        folder = picture.parent.parent.relative_to(root).as_posix()
        mask = root / template.format(folder=folder, stem=picture.stem).replace("*", "1")
        make.picture(mask, _index(card) if card.options.get("layout") != "instances" else _binary())
    return told(card, subjects, places)


def _index(card: SourceCard) -> np.ndarray:
    values = np.zeros(SIZE, np.uint8)
    for place, raw in enumerate(card.labels):
        values[4:20, 2 + 2 * place : 4 + 2 * place] = int(raw)
    return values


def _binary() -> np.ndarray:
    values = np.zeros(SIZE, np.uint8)
    values[4:20, 5:12] = 255
    return values
