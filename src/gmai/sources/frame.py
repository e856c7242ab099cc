"""Boxes and outlines of a volume's file that is one picture, such as a radiograph."""

from pathlib import Path

import numpy as np

from gmai.annotations import reject
from gmai.images import Picture, Volume
from gmai.sources.regions import Fitted, fit_annotations
from gmai.types import Annotation, Box, MaskRef, Polygon

_ALONG = 2
"""Axis of the frames."""


def fit_to_frame(
    annotations: tuple[Annotation, ...], volume: Volume, size: tuple[int, int] | None, root: Path
) -> Fitted:
    """Fit annotations to a volume that is a single frame without a place in the patient.

    Pixels of such a frame are shown as they are stored, so that coordinates hold. In any other volume a box does not
    say of which slice it speaks, or on which grid: a reject each, ``box.volume``. Other annotations are kept.

    Args:
        annotations: of the item.
        volume: as read.
        size: (width, height) that the annotations say, if they do.
        root: of the source, to read mask files.

    Raises:
        FormatError: ``annotation.size_mismatch``.
    """
    regions = [each for each in annotations if isinstance(each, Box | Polygon | MaskRef)]
    if not regions:
        return Fitted(annotations=list(annotations))
    if volume.affine is not None or volume.length(_ALONG) != 1:
        fitted = Fitted(annotations=[each for each in annotations if each not in regions])
        what = "coordinates say nothing of which slice they are on"
        fitted.rejects = [reject(each.record, "box.volume", what, unit="annotation") for each in regions]
        return fitted
    height, width = volume.voxels.shape[1:3]
    frame = np.zeros((height, width), np.uint8)
    return fit_annotations(annotations, Picture(pixels=frame, sha256=""), size, root)
