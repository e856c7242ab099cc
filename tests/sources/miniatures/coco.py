"""COCO files with a picture of each subject, and an object of every label in it."""

import json
from pathlib import Path

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write a file for each split; ``annotations`` is its path, ``picture`` that of a picture, by ``{split}``."""
    subjects = subjects_of(card, places)
    splits = places.get("splits", ("",))
    for split in splits:
        listed, objects = [], []
        for number, subject in enumerate(subjects):
            path = root / places["picture"].format(subject=subject, split=split)
            make.picture(path, make.pixels(32, 64, channels=3, seed=number))
            names = places.get("file_name", "{name}").format(name=path.name, subject=subject)
            listed.append({"id": number, "file_name": names, "width": 64, "height": 32})
            for place, _ in enumerate(card.labels):
                shape = [1.0 + place, 4, 20 + place, 4, 20 + place, 20, 1 + place, 20]
                box = [1 + place, 4, 19, 16]
                entry = {"id": len(objects), "image_id": number, "category_id": place + 1, "bbox": box}
                objects.append({**entry, "segmentation": [shape], "area": 304, "iscrowd": 0})
        categories = [{"id": place + 1, "name": raw} for place, raw in enumerate(card.labels)]
        content = {"images": listed, "annotations": objects, "categories": categories}
        make.text(root / places["annotations"].format(split=split), json.dumps(content))
    told_splits = {split or None for split in splits} if card.options.get("split_from_folder") else None
    return told(card, subjects, places, splits=told_splits)
