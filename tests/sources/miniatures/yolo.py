"""Pictures with a text file of boxes in shares of their sides, one of every class."""

from pathlib import Path

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write pictures and labels of a card that names classes by number; ``picture`` is a path."""
    subjects = subjects_of(card, places)
    for number, subject in enumerate(subjects):
        picture = root / places["picture"].format(subject=subject)
        make.picture(picture, make.pixels(seed=number))
        lines = [f"{raw} {0.2 + 0.05 * n:.2f} 0.5 0.2 0.3\n" for n, raw in enumerate(card.labels)]
        make.text(picture.parents[1] / card.options["labels"] / f"{picture.stem}.txt", "".join(lines))
    return told(card, subjects, places)
