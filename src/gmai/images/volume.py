"""A volume in canonical orientation, and the two-dimensional pictures cut from it.

Voxels are (frames, height, width) = (z, y, x) of the canonical grid: x runs to the patient's right, y to the front,
z up (RAS+), so ``voxels[k, j, i]`` lies at ``affine @ (i, j, k, 1)`` millimetres. Nothing is resampled: an oblique or
sheared grid is only reordered and flipped to the nearest canonical one. A stack without positions has no affine; its
frames are shown as stored.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from gmai.errors import ImageError
from gmai.images.window import HeaderWindow, Window, apply_window, find_window
from gmai.types import Step, WindowPolicy

SIDES = {0: ("P", "I"), 1: ("L", "I"), 2: ("L", "P")}
"""Axis to the patient directions of a slice's right and lower edge."""
SUV_WIDTH = 10.0
"""Uptake values from 0 to this are shown where the card gives no width."""
GRID_TOLERANCE = 0.1
"""How far, in voxels, two grids may lie apart at any corner and still be the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Voxels with their place in space; of colour volumes the last axis is RGB uint8."""

    voxels: np.ndarray
    affine: np.ndarray | None
    spacing_mm: tuple[float, float, float] | None
    """Distance between frames, rows and columns."""
    hashes: tuple[str, ...]
    """SHA-256 of the file; of a series, of each file in the order of its slices along ``stack_axis``."""
    names: tuple[str, ...]
    """The files, parallel to ``hashes``, as outputs may show them."""
    stack_axis: int | None = None
    """Canonical axis along which the files of a series are stacked."""
    instances: tuple[str, ...] = ()
    """Of DICOM, keyed hashes of the instances, parallel to ``hashes``; what segmentations and contours refer to."""
    offsets_mm: np.ndarray | None = None
    """Of an uneven stack (slices, 3): how far each slice along ``stack_axis`` lies from where ``affine`` puts it."""
    frame_numbers: tuple[int, ...] = ()
    """Of a file of many frames, the number (from 1) of each frame along ``stack_axis``, or of each that was read."""
    times_s: tuple[float, ...] = ()
    """Of frames without a place, when each was taken, in seconds after the first of the file."""
    header_window: HeaderWindow | tuple[float, float] | None = None
    padding: tuple[float, float] | None = None
    """Values from here to there are no part of the picture, and shown black."""
    suv: float | None = None
    """Of PET, what a value is to be multiplied with to be a standardised uptake value (body weight)."""
    suv_missing: str = ""
    """Why ``suv`` is not known."""
    inverted: bool = False
    """True for MONOCHROME1: low values are shown bright."""
    sheared: bool = False
    """True if the stack is tilted, so that only slices along ``stack_axis`` are right-angled."""
    oriented: bool = True
    """False if the file does not say how it lies in the patient."""
    steps: tuple[Step, ...] = ()

    @property
    def is_film(self) -> bool:
        """True if these are several frames of one file that lie nowhere in the patient."""
        return self.affine is None and len(self.frame_numbers) > 1

    def length(self, axis: int) -> int:
        """Number of slices along a canonical axis (0 sagittal, 1 coronal, 2 axial)."""
        return int(self.voxels.shape[2 - axis])

    def file_of(self, axis: int, index: int) -> tuple[str, str]:
        """Name and SHA-256 of the file a slice comes from; of the first file where a slice cuts across several."""
        place = index if axis == self.stack_axis and len(self.hashes) > 1 else 0
        return self.names[place], self.hashes[place]


def cut_slice(voxels: np.ndarray, axis: int, index: int, *, flip: bool = True) -> np.ndarray:
    """Cut a slice from canonical voxels and turn it as radiologists look at it (see ``SIDES``).

    Axial: the patient's right on the left, front at the top. Coronal: right on the left, head at the top. Sagittal:
    front on the left, head at the top. ``flip=False`` leaves it as stored.
    """
    plane = voxels[index] if axis == 2 else voxels[:, index] if axis == 1 else voxels[:, :, index]
    return plane[::-1, ::-1] if flip else plane


def find_volume_window(volume: Volume, policy: WindowPolicy) -> Window | None:
    """Choose the window of a volume; None of a colour volume.

    Raises:
        ImageError: as :func:`gmai.images.find_window`; ``window.suv``: uptake values cannot be told.
    """
    if volume.voxels.ndim == 4:
        return None
    if policy.mode != "suv":
        return find_window(volume.voxels, policy, volume.header_window, volume.padding)
    if not volume.suv:
        why = volume.suv_missing or "no PET picture"
        raise ImageError(f"no standardised uptake values: {why}", reason="window.suv")
    width = (policy.width or SUV_WIDTH) / volume.suv
    return Window(width / 2, width, "suv")


def show_slice(volume: Volume, axis: int, index: int, window: Window | None) -> np.ndarray:
    """A slice as 8-bit grey (H, W), or RGB (H, W, 3) of a colour volume; contiguous.

    Raises:
        ImageError: ``volume.sheared``: the slice would cut across a tilted stack.
    """
    if volume.sheared and axis != volume.stack_axis:
        raise ImageError("a slice across a tilted stack is not right-angled", reason="volume.sheared")
    plane = cut_slice(volume.voxels, axis, index, flip=volume.affine is not None)
    shown = plane if window is None else apply_window(plane, window)
    shown = 255 - shown if volume.inverted else shown
    if volume.padding is not None:
        low, high = volume.padding
        outside = plane == low if low == high else (plane >= low) & (plane <= high)
        shown = np.where(outside, np.uint8(0), shown)
    return np.ascontiguousarray(shown)


def slice_spacing(volume: Volume, axis: int) -> tuple[float, float] | None:
    """(row, column) spacing in mm of the slices along an axis."""
    if volume.spacing_mm is None:
        return None
    frames, rows, columns = volume.spacing_mm
    return {0: (frames, rows), 1: (frames, columns), 2: (rows, columns)}[axis]


def canonical(array: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[int, int, int]]:
    """Reorder and flip an array (i, j, k, …) to the nearest RAS+ grid.

    Args:
        array: voxels indexed (i, j, k), perhaps with more axes behind.
        affine: 4 x 4, from (i, j, k, 1) to millimetres right, front, up.

    Returns:
        Voxels as (z, y, x, …), a view; the affine from (x, y, z, 1); and, for each of x, y and z, the axis of the input
        it came from.

    Raises:
        ImageError: ``volume.affine``: the affine is singular or holds no numbers.
    """
    matrix = affine[:3, :3]
    lengths = np.linalg.norm(matrix, axis=0)
    if not np.isfinite(affine).all() or not lengths.all() or abs(np.linalg.det(matrix / lengths)) < 1e-3:
        raise ImageError("the affine is singular", reason="volume.affine")
    cosines = np.abs(matrix / lengths)
    ways = [(x, y, z) for x, y, z in permutations(range(3))]
    order = max(ways, key=lambda way: float(sum(cosines[world, axis] for world, axis in enumerate(way))))
    turned = affine[:, [*order, 3]].astype(np.float64)
    array = array.transpose([*order, *range(3, array.ndim)])
    for axis in range(3):
        if turned[axis, axis] < 0:
            turned[:3, 3] += turned[:3, axis] * (array.shape[axis] - 1)
            turned[:, axis] *= -1
            array = np.flip(array, axis)
    return array.transpose([2, 1, 0, *range(3, array.ndim)]), turned, order


def spacing_of(affine: np.ndarray) -> tuple[float, float, float]:
    """Distance between frames, rows and columns, in mm to the micrometre."""
    x, y, z = (round(float(length), 6) for length in np.linalg.norm(affine[:3, :3], axis=0))
    return z, y, x


def check_same_grid(image: Volume, labels: Volume) -> None:
    """Check that a label map lies on its image's grid.

    Raises:
        ImageError: ``volume.shape_mismatch``; ``volume.place_mismatch`` if a corner is over a tenth of a voxel off.
    """
    if image.voxels.shape[:3] != labels.voxels.shape[:3]:
        what = f"image {image.voxels.shape[:3]}, label map {labels.voxels.shape[:3]} (frames, height, width)"
        raise ImageError(what, reason="volume.shape_mismatch")
    if image.affine is None or labels.affine is None:
        raise ImageError("the image does not say where it lies", reason="volume.place_unknown")
    depth, height, width = image.voxels.shape[:3]
    corners = np.array([[i, j, k, 1] for i in (0, width - 1) for j in (0, height - 1) for k in (0, depth - 1)], float)
    away = np.linalg.norm(((image.affine - labels.affine) @ corners.T)[:3], axis=0).max()
    if away > GRID_TOLERANCE * min(spacing_of(image.affine)):
        what = f"the label map lies up to {away:.1f} mm away from its image"
        raise ImageError(what, reason="volume.place_mismatch")
