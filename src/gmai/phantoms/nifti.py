"""A label map as a NIfTI-1 file on the grid of its CT series; gzip without a time, so that bytes can be compared."""

import gzip

import numpy as np

from gmai.phantoms.grid import Grid


def encode_labels(labels_DHW: np.ndarray, grid: Grid) -> bytes:
    """Encode a uint8 label map (frames, height, width) as ``.nii.gz``, indexed (column, row, frame) on disk."""
    import nibabel

    image = nibabel.Nifti1Image(np.ascontiguousarray(labels_DHW.transpose(2, 1, 0)), grid.affine())
    image.header.set_xyzt_units("mm", "sec")
    image.set_qform(grid.affine(), code="scanner")
    image.set_sform(grid.affine(), code="scanner")
    return gzip.compress(image.to_bytes(), compresslevel=6, mtime=0)
