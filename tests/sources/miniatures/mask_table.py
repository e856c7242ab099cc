"""A table that names pictures and the mask of each of their regions, cut out at its place."""

import csv
import io
from pathlib import Path

import numpy as np

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told

SIZE = (24, 32)
PLACE = (4, 3, 10, 8)
"""Left, top, width and height of every mask."""


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write the table, pictures and masks; ``picture`` and ``mask`` are cells that name one."""
    subjects, options = subjects_of(card, places), card.options
    rows = []
    for number, subject in enumerate(subjects):
        picture = places["picture"].format(subject=subject)
        make.picture(root / options.get("images", "images") / picture, make.pixels(*SIZE, channels=3, seed=number))
        for n, raw in enumerate(card.labels):
            mask = places["mask"].format(subject=subject, n=n)
            make.picture(root / options.get("masks", ".") / mask, np.full((PLACE[3], PLACE[2]), 255, np.uint8))
            row = {options["image"]: picture, options["mask"]: mask, options["label"]: raw}
            rows.append(row | dict(zip(options["place"], map(str, PLACE), strict=True)))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    make.text(root / options["table"], out.getvalue())
    return told(card, subjects, places)
