"""Questions about two pictures."""

import json
from pathlib import Path

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write the ``entries`` to the ``questions`` file, and the pictures they name."""
    image = card.options.get("image", "image_name")
    for path, entries in places["questions"].items():
        make.text(root / path, json.dumps(entries))
        for number, entry in enumerate(entries):
            picture = root / card.options.get("images", "images") / entry[image]
            make.picture(picture, make.pixels(seed=number, channels=3))
    return told(card, (), places)
