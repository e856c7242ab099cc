"""A picture and an XML file of each subject, with a box of every label."""

from pathlib import Path

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write pictures and boxes; ``picture`` is the name of a picture, ``annotations`` the folder of the XML files."""
    subjects = subjects_of(card, places)
    home = card.options.get("annotations", "Annotations/*.xml").rpartition("/")[0]
    for number, subject in enumerate(subjects):
        name = places["picture"].format(subject=subject)
        make.picture(root / card.options.get("images", "JPEGImages") / name, make.pixels(seed=number, channels=3))
        boxes = [(raw, 2 + place, 3, 12 + place, 14) for place, raw in enumerate(card.labels)]
        make.voc(root / home / f"{Path(name).stem}.xml", name, boxes)
        if card.options.get("sets"):
            split = ("train", "test")[number % 2]
            make.text(root / card.options["sets"] / f"{split}.txt", f"{Path(name).stem}\n")
    return told(card, subjects, places, splits={"train", "test"} if card.options.get("sets") else None)
