"""A volume of each subject with a label map that shows every label, in the formats the card's paths end in."""

from pathlib import Path

import numpy as np

import make
from gmai.types import SourceCard
from miniatures.dicom_series import write_series
from miniatures.truth import Places, Truth, subjects_of, told

SHAPE = (64, 12, 9)


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write volumes and label maps; paths: ``images`` of one label map, or the folder of a ``series``, and ``labels``."""
    subjects = subjects_of(card, places)
    for number, subject in enumerate(subjects):
        if "series" in places:
            write_series(root / places["series"].format(subject=subject), number, places)
        for path in places.get("images", ()):
            _write(root / path.format(subject=subject), _image())
        _write(root / places["labels"].format(subject=subject), _labels(card, "series" in places))
    return told(card, subjects, places)


def _image() -> np.ndarray:
    return np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE) % 900 - 100


def _labels(card: SourceCard, series: bool) -> np.ndarray:
    values = np.zeros((16, 12, 5) if series else SHAPE, np.int16)
    for place, raw in enumerate(card.labels):
        values[2 * place : 2 * place + 2, 3:9, 2:7] = int(raw)
    return values


def _write(path: Path, array: np.ndarray) -> None:
    if path.name.endswith((".nii", ".nii.gz")):
        make.nifti(path, array)
    else:
        raise ValueError(path)
