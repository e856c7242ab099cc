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

    ``images`` (or ``series``, a folder) and ``labels`` are paths, ``structures`` one for each ``{label}``; images may
    share a label map. ``cases`` are what label maps call the subjects, ``splits`` lie above them.
    """
    subjects = subjects_of(card, places)
    splits, cases = places.get("splits", ("",)), places.get("cases", subjects)
    usual = SAGITTAL if card.slices.axis == 0 else SHAPE
    shape = SERIES if "series" in places else places.get("shape", usual)
    labels = places.get("labels", ())
    for number, subject in enumerate(subjects):
        filled = {"subject": subject, "case": cases[number], "split": splits[number % len(splits)]}
        if "series" in places:
            write_series(root / places["series"].format(**filled), number, places)
        for path in places.get("images", ()):
            write_volume(root / path.format(**filled), image(shape, places.get("channels")))
        affine = SERIES_AFFINE if "series" in places else None
        for path in (labels,) if isinstance(labels, str) else labels:
            write_volume(root / path.format(**filled), label_map(card, shape), affine)
        if "structures" in places:
            _write_structures(card, shape, root / places["structures"].format(**filled, label="{label}"))
    return told(card, subjects, places, splits=set(splits) if card.split.pattern else None)


def _write_structures(card: SourceCard, shape: tuple[int, ...], path: Path) -> None:
    blocks = label_map(card, shape)
    for place, raw in enumerate(card.labels, start=1):
        write_volume(path.with_name(path.name.format(label=raw)), (blocks == place).astype(np.int16))


def image(shape: tuple[int, ...], channels: int | None = None) -> np.ndarray:
    """Voxels that differ from slice to slice, of several channels along the last axis."""
    voxels = (np.arange(np.prod(shape)).reshape(shape) % 900 - 100).astype(np.int16)
    return np.stack([voxels + channel for channel in range(channels)], axis=-1) if channels else voxels


def label_map(card: SourceCard, shape: tuple[int, ...]) -> np.ndarray:
    """Every value of the card, side by side, so that slices along the card's axis show them all."""
    values = np.zeros(shape, np.int16)
    side = 1 if card.slices.axis == 0 else 0
    inside = [slice(length // 6, length - length // 6) for length in shape]
    width = shape[side] // len(card.labels)
    for place, raw in enumerate(card.labels):
        inside[side] = slice(width * place, width * (place + 1))
        values[tuple(inside)] = int(raw) if raw.isdecimal() else place + 1
    return values


def write_volume(path: Path, array: np.ndarray, affine: np.ndarray | None = None) -> None:
    """Write an array indexed (i, j, k) in the format its path ends in."""
    if path.name.endswith((".nii", ".nii.gz")):
        make.nifti(path, array, affine)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.ascontiguousarray(array.T)), str(path))
