"""A DICOM series of each subject."""

from pathlib import Path

import numpy as np

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write series; ``folder`` is that of a series."""
    for number, subject in enumerate(subjects_of(card, places)):
        write_series(root / places["folder"].format(subject=subject), number, places)
    return told(card, (), places)


def write_series(folder: Path, number: int, places: Places) -> None:
    """Write five slices of a series of its own."""
    volume = np.arange(5 * 12 * 16, dtype=np.int16).reshape(5, 12, 16) + 10 * number
    for frame, values in enumerate(volume):
        name = places.get("file", "{n:03d}.dcm").format(n=frame + 1)
        make.dicom(
            folder / name,
            values,
            PatientID=f"P{number}",
            StudyInstanceUID=f"1.2.3.{number}",
            SeriesInstanceUID=f"1.2.3.4.{number}",
            SOPInstanceUID=f"1.2.3.4.{number}.{frame + 1}",
            ImagePositionPatient=[0, 0, 5 * frame],
            SliceThickness=5,
            WindowCenter=40,
            WindowWidth=400,
        )
