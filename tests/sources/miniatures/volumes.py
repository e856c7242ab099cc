"""Volumes of each subject with label maps that show every label, in the formats their paths end in."""

from pathlib import Path

import numpy as np
import SimpleITK

import make
from gmai.types import SourceCard
from miniatures.dicom_series import write_series
from miniatures.truth import Places, Truth, subjects_of, told

SHAPE = (64, 12, 9)
SAGITTAL = (9, 64, 12)
SERIES = (16, 12, 5)
SERIES_AFFINE = np.diag([-1.0, -1, 5, 1])
"""Where the slices of :func:`write_series` lie, in RAS+."""


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write volumes and label maps of each subject.

    ``images`` (or ``series``, a folder) and ``labels`` are paths; one label map may serve several images.
    """
    subjects = subjects_of(card, places)
    usual = SAGITTAL if card.slices.axis == 0 else SHAPE
    shape = SERIES if "series" in places else places.get("shape", usual)
    maps = (places["labels"],) if isinstance(places["labels"], str) else places["labels"]
    for number, subject in enumerate(subjects):
        if "series" in places:
            write_series(root / places["series"].format(subject=subject), number, places)
        for path in places.get("images", ()):
            write_volume(root / path.format(subject=subject), image(shape))
        for path in maps:
            affine = SERIES_AFFINE if "series" in places else None
            write_volume(root / path.format(subject=subject), label_map(card, shape), affine)
    return told(card, subjects, places)


def image(shape: tuple[int, ...]) -> np.ndarray:
    """Voxels that differ from slice to slice."""
    return (np.arange(np.prod(shape)).reshape(shape) % 900 - 100).astype(np.int16)


def label_map(card: SourceCard, shape: tuple[int, ...]) -> np.ndarray:
    """Every value of the card, side by side, so that slices along the card's axis show them all."""
    values = np.zeros(shape, np.int16)
    side = 1 if card.slices.axis == 0 else 0
    inside = [slice(length // 6, length - length // 6) for length in shape]
    width = shape[side] // len(card.labels)
    for place, raw in enumerate(card.labels):
        inside[side] = slice(width * place, width * (place + 1))
        values[tuple(inside)] = int(raw)
    return values


def write_volume(path: Path, array: np.ndarray, affine: np.ndarray | None = None) -> None:
    """Write an array indexed (i, j, k) in the format its path ends in."""
    if path.name.endswith((".nii", ".nii.gz")):
        make.nifti(path, array, affine)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.ascontiguousarray(array.T)), str(path))
