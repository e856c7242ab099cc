"""Where a volume lies in the patient: the one description from which both DICOM headers and NIfTI affines are made."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """An axial volume (frames, height, width): columns run to the patient's left, rows to the back, frames upwards."""

    spacing_mm: tuple[float, float, float]
    """Distance between frames, rows and columns."""
    origin_mm: tuple[float, float, float]
    """DICOM patient coordinates (x to the left, y to the back, z up) of the centre of the first voxel."""

    def position(self, frame: int) -> tuple[float, float, float]:
        """ImagePositionPatient of a frame (PS3.3 C.7.6.2.1.1)."""
        x, y, z = self.origin_mm
        return x, y, z + frame * self.spacing_mm[0]

    def affine(self) -> np.ndarray:
        """NIfTI affine of the array indexed (column, row, frame).

        DICOM counts x to the left and y to the back, NIfTI to the right and the front, so both change sign.
        """
        dz, dy, dx = self.spacing_mm
        x, y, z = self.origin_mm
        return np.array([[-dx, 0, 0, -x], [0, -dy, 0, -y], [0, 0, dz, z], [0, 0, 0, 1]], np.float64)


def build_grid(shape: tuple[int, int, int], spacing_mm: tuple[float, float, float], bottom_mm: float) -> Grid:
    """Centre a volume of ``shape`` on the patient's axis, its lowest frame at ``bottom_mm``."""
    _, height, width = shape
    x, y = -(width - 1) / 2 * spacing_mm[2], -(height - 1) / 2 * spacing_mm[1]
    return Grid(spacing_mm=spacing_mm, origin_mm=(x, y, bottom_mm))
