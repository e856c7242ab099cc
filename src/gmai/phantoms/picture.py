"""One drawn picture with all that is known of it: what the format writers turn into files."""

from dataclasses import dataclass

import numpy as np

from gmai.phantoms.truth import DrawnBox


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Pixels (height, width) or (height, width, 3) uint8, with boxes, or a mask, or only a grade."""

    pixels: np.ndarray
    finding: str | None = None
    location: str | None = None
    grade: str | None = None
    boxes: tuple[DrawnBox, ...] = ()
    mask: np.ndarray | None = None
    """bool array of the picture's size."""
