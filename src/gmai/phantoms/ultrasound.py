"""Ultrasound phantoms: speckle that fades with depth, and one masked finding in a quadrant of the picture."""

import cv2
import numpy as np

from gmai.phantoms.canvas import SIZE_PX, draw_field, paste, paste_mask, to_bytes
from gmai.phantoms.chance import build_rng, pick_finding_and_location
from gmai.phantoms.classes import QUADRANTS, ULTRASOUND_FINDINGS
from gmai.phantoms.lesion import draw_lesion
from gmai.phantoms.picture import Picture
from gmai.phantoms.scenery import RADIUS_PX, Distractors, add_distractors, pick_point

_DISTRACTORS = Distractors(amount=24.0, blobs=6, lines=1)


def draw_ultrasound(seed: int, subject: int) -> Picture:
    """Draw one grey ultrasound picture."""
    rng = build_rng(seed, "ultrasound", subject)
    finding, location = pick_finding_and_location(seed, "ultrasound", subject)
    x, y = pick_point(rng, location, (47.5, 47.5), (9.0, 31.0))
    picture = _draw_tissue(rng)
    add_distractors(rng, picture, _DISTRACTORS, (x, y))
    texture, mask = draw_lesion(rng, finding, rng.uniform(*RADIUS_PX))
    paste(picture, texture * rng.uniform(24, 36), x, y)
    speckle = cv2.GaussianBlur(rng.standard_normal((SIZE_PX, SIZE_PX), dtype=np.float32), (3, 3), 0.7)
    picture *= 1 + 0.22 * speckle
    return Picture(
        pixels=to_bytes(rng, picture, 3.0),
        finding=ULTRASOUND_FINDINGS[finding],
        location=QUADRANTS[location],
        mask=paste_mask(mask, x, y),
    )


def _draw_tissue(rng: np.random.Generator) -> np.ndarray:
    shallow, deep = rng.uniform(-10, 25), rng.uniform(-25, 10)
    depth = np.linspace(shallow, deep, SIZE_PX, dtype=np.float32)[:, None]
    coarse = draw_field(rng, 5)
    streaks = cv2.resize(draw_field(rng, 12)[::12], (SIZE_PX, SIZE_PX))
    tissue: np.ndarray = 95 + depth + 16 * coarse + 9 * streaks
    return tissue
