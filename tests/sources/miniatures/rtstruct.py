"""A DICOM series of each subject, and the structure set drawn on it."""

from pathlib import Path

import numpy as np

import make_regions
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told

AFFINE = np.diag([1.0, 1.0, 3.0, 1.0])
SIZE = (24, 16, 3)


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write series and structure sets; ``series`` and ``structures`` are their places, of each of ``splits``."""
    splits = places.get("splits", ("",))
    for number, subject in enumerate(subjects_of(card, places)):
        own = {"subject": subject, "split": splits[number % len(splits)]}
        folder = root / places["series"].format(**own)
        voxels = np.random.default_rng(number).integers(-100, 300, SIZE, dtype=np.int16)
        uids = {"StudyInstanceUID": f"1.2.3.{number}", "SeriesInstanceUID": f"1.2.3.4.{number}"}
        images = make_regions.series_at(folder, voxels, AFFINE, PatientID=f"P{number}", Modality="CT", **uids)
        for k, path in enumerate(images):
            _rename(path, f"1.2.3.4.{number}.{k + 1}")
        drawn = [(name, "CLOSED_PLANAR", _square(n), 1) for n, name in enumerate(card.labels)]
        path = make_regions.rtstruct(root / places["structures"].format(**own), images, drawn)
        _rename(path, f"1.2.3.5.{number}")
    return told(card, (), places, splits=set(splits) if card.split.pattern else None)


def _rename(path: Path, instance: str) -> None:
    """Give a file an instance number of its own, so that no two subjects share one."""
    found = make_regions.pydicom.dcmread(path)
    found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = instance
    found.save_as(path, enforce_file_format=True)


def _square(number: int) -> np.ndarray:
    """Corners in mm of a square on the middle slice, beside those of other structures."""
    left, right = 1.0 + 4 * number, 4.0 + 4 * number
    corners = np.array([(left, 4, 1, 1), (right, 4, 1, 1), (right, 12, 1, 1), (left, 12, 1, 1)], float)
    return (corners @ AFFINE.T)[:, :3] @ make_regions.LPS
