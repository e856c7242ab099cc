"""Subjects with two visits and more, as real files: volumes with label maps, one folder a session."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import make

CARD = {
    "name": "visits",
    "modality": "CT",
    "department": "Pulmonary Medicine",
    "format": "volumes",
    "options": {"images": "*/*/image.nii.gz", "labels": "{parent}/label.nii.gz"},
    "files": ["*/*/image.nii.gz"],
    "subject": {"pattern": r"(sub-\d+)/"},
    "visit": {"pattern": r"ses-(\d+)/"},
    "slices": {"mode": "largest", "count": 1},
    "labels": {
        "1": {"name": "nodule", "plural": "nodules", "zh": "结节"},
        "2": {"name": "cyst", "plural": "cysts", "zh": "囊肿"},
        "3": {"name": "mass", "plural": "masses", "zh": "肿块"},
    },
}
SIZE = 48


def write_visits(folder: Path, subjects: Sequence[Sequence[tuple[int, bool]]]) -> Path:
    """Write one volume a visit: a nodule of a radius in voxels of 0.8 mm, and a cyst or none."""
    for number, visits in enumerate(subjects):
        for visit, (radius, cyst) in enumerate(visits):
            place = folder / f"sub-{number}/ses-{visit + 1}"
            marks = np.zeros((SIZE, SIZE, 3), np.uint8)
            across, down = np.mgrid[:SIZE, :SIZE]
            marks[(across - 16) ** 2 + (down - 20) ** 2 <= radius**2, 1] = 1
            if cyst:
                marks[34:40, 30:44, 1] = 2
            values = np.random.default_rng(number * 10 + visit).integers(0, 60, marks.shape).astype(np.int16)
            affine = np.diag([0.8, 0.8, 2.5, 1.0])
            make.nifti(place / "image.nii.gz", values + 100 * marks.astype(np.int16), affine)
            make.nifti(place / "label.nii.gz", marks, affine)
    return folder
