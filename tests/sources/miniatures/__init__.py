"""Miniatures of data sets: a few tiny files laid out as a card says, and what must come out of them.

A builder for each format writes what the card tells; what no card can tell (how file names look that mean nothing)
stands in ``places.py``.
"""

from pathlib import Path

from gmai.types import SourceCard
from miniatures import (
    class_folders,
    class_table,
    coco,
    dicom_series,
    entries,
    mask_table,
    masks,
    medmnist,
    plain,
    rtstruct,
    voc,
    volumes,
    yolo,
)
from miniatures.places import PLACES
from miniatures.truth import Truth

BUILDERS = {
    "class_folders": class_folders.build,
    "class_table": class_table.build,
    "coco": coco.build,
    "dialogue": entries.build,
    "dicom_series": dicom_series.build,
    "mask_table": mask_table.build,
    "masks": masks.build,
    "medmnist": medmnist.build,
    "medquad": entries.build,
    "plain": plain.build,
    "reports": entries.build,
    "rtstruct": rtstruct.build,
    "text_qa": entries.build,
    "voc": voc.build,
    "volumes": volumes.build,
    "vqa": entries.build,
    "yolo": yolo.build,
}


def build(card: SourceCard, root: Path) -> Truth:
    """Write the miniature of a card's data set below ``root``."""
    return BUILDERS[card.format](card, root, PLACES.get(card.name, {}))


__all__ = ["PLACES", "Truth", "build"]
