"""The formats gmai reads; to add one, write a file with a ``FORMAT`` and name it here."""

from collections.abc import Callable
from typing import cast

from gmai.annotations.item import Format, Read
from gmai.base import Registry

FORMATS: Registry[Format | Read] = Registry(
    "annotations",
    {
        "class_folders": "gmai.annotations.class_folders:FORMAT",
        "class_table": "gmai.annotations.class_table:FORMAT",
        "coco": "gmai.annotations.coco:FORMAT",
        "dialogue": "gmai.annotations.dialogue:FORMAT",
        "dicom_seg": "gmai.annotations.dicom_seg:FORMAT",
        "dicom_series": "gmai.annotations.dicom_series:FORMAT",
        "dota": "gmai.annotations.dota:FORMAT",
        "mask_table": "gmai.annotations.mask_table:FORMAT",
        "masks": "gmai.annotations.masks:FORMAT",
        "medmnist": "gmai.annotations.medmnist:FORMAT",
        "medquad": "gmai.annotations.medquad:FORMAT",
        "reports": "gmai.annotations.reports:FORMAT",
        "plain": "gmai.annotations.plain:FORMAT",
        "rtstruct": "gmai.annotations.rtstruct:FORMAT",
        "slides": "gmai.annotations.slides:FORMAT",
        "text_qa": "gmai.annotations.text_qa:FORMAT",
        "voc": "gmai.annotations.voc:FORMAT",
        "videos": "gmai.annotations.videos:FORMAT",
        "volumes": "gmai.annotations.volumes:FORMAT",
        "vqa": "gmai.annotations.vqa:FORMAT",
        "yolo": "gmai.annotations.yolo:FORMAT",
    },
)


def find_reader(name: str) -> Read:
    """The reader of a format; a card may name a function of its own as ``package.module:function``.

    Raises:
        ConfigError: no such format.
    """
    found = FORMATS.get(name)
    return found.read if isinstance(found, Format) else cast(Callable[..., object], found)  # type: ignore[return-value]
