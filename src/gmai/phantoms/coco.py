"""Boxes in the form of COCO's ``instances`` file: xywh boxes, category ids from 1."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gmai.phantoms.truth import Truth


def build_coco(pictures: Sequence[Truth], categories: Mapping[int, str]) -> dict[str, Any]:
    """Build the file's content from pictures and their boxes, numbered in the order given."""
    ids = {name: category for category, name in categories.items()}
    annotations = [
        build_annotation(index, image, ids[label], xyxy)
        for index, (image, label, xyxy) in enumerate(_boxes(pictures), start=1)
    ]
    return {
        "info": {"description": "Drawn phantoms; nobody's pictures"},
        "licenses": [],
        "images": [_image(number, picture) for number, picture in enumerate(pictures, start=1)],
        "categories": [{"id": number, "name": name, "supercategory": "finding"} for number, name in categories.items()],
        "annotations": annotations,
    }


def build_annotation(index: int, image: int, category: int, xyxy: tuple[int, int, int, int]) -> dict[str, Any]:
    """One box as COCO writes it: ``bbox`` is x, y, width, height."""
    x0, y0, x1, y1 = xyxy
    bbox = [x0, y0, x1 - x0, y1 - y0]
    area = bbox[2] * bbox[3]
    return {"id": index, "image_id": image, "category_id": category, "bbox": bbox, "area": area, "iscrowd": 0}


def _image(number: int, picture: Truth) -> dict[str, Any]:
    return {
        "id": number,
        "file_name": picture.file.rpartition("/")[2],
        "width": picture.width,
        "height": picture.height,
    }


def _boxes(pictures: Sequence[Truth]) -> Iterable[tuple[int, str, tuple[int, int, int, int]]]:
    for number, picture in enumerate(pictures, start=1):
        for box in picture.boxes:
            yield number, box.label, box.xyxy
