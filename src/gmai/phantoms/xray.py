"""X-ray phantoms: a chest-like radiograph with two lungs, ribs and one boxed finding in a quadrant of the picture."""

import cv2
import numpy as np

from gmai.phantoms.canvas import SIZE_PX, SUBPIXEL_BITS, draw_ellipse, draw_field, fix, paste, to_bytes
from gmai.phantoms.chance import build_rng, pick_finding_and_location
from gmai.phantoms.classes import QUADRANTS, XRAY_FINDINGS
from gmai.phantoms.lesion import TILE_PX, draw_lesion
from gmai.phantoms.picture import Picture
from gmai.phantoms.scenery import RADIUS_PX, Distractors, add_distractors, pick_point
from gmai.phantoms.truth import DrawnBox

_DISTRACTORS = Distractors(amount=20.0, blobs=5, lines=2)
_NUM_RIBS = 7


def draw_xray(seed: int, subject: int) -> Picture:
    """Draw one grey radiograph."""
    rng = build_rng(seed, "xray", subject)
    finding, location = pick_finding_and_location(seed, "xray", subject)
    x, y = pick_point(rng, location, (47.5, 47.5), (9.0, 31.0))
    picture = _draw_chest(rng)
    add_distractors(rng, picture, _DISTRACTORS, (x, y))
    texture, mask = draw_lesion(rng, finding, rng.uniform(*RADIUS_PX))
    paste(picture, texture * rng.uniform(22, 32), x, y)
    name = XRAY_FINDINGS[finding]
    box = DrawnBox(label=name, xyxy=_find_box(mask, x, y))
    return Picture(pixels=to_bytes(rng, picture, 6.0), finding=name, location=QUADRANTS[location], boxes=(box,))


def _draw_chest(rng: np.random.Generator) -> np.ndarray:
    dx, dy = rng.uniform(-4, 4, 2)
    picture: np.ndarray = np.full((SIZE_PX, SIZE_PX), 150.0, np.float32) + 14 * draw_field(rng, 5)
    for side in (-1, 1):
        centre = (47.5 + dx + side * rng.uniform(20, 24), 47.5 + dy)
        lung = draw_ellipse(SIZE_PX, centre, (rng.uniform(15, 20), rng.uniform(34, 42)), side * rng.uniform(-4, 10))
        picture -= cv2.GaussianBlur(lung, (0, 0), 2.0) * rng.uniform(30, 55)
    top = rng.uniform(0, 12)
    for i in range(_NUM_RIBS):
        where = (fix(47.5 + dx), fix(top + 13 * i + 22))
        level, width = float(picture.mean() + rng.uniform(5, 22)), int(rng.integers(1, 3))
        cv2.ellipse(picture, where, (fix(44), fix(26)), 0, 190, 350, level, width, cv2.LINE_8, SUBPIXEL_BITS)
    return picture


def _find_box(mask: np.ndarray, x: int, y: int) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask)
    left, top = x - TILE_PX // 2, y - TILE_PX // 2
    return (
        max(left + int(columns.min()), 0),
        max(top + int(rows.min()), 0),
        min(left + 1 + int(columns.max()), SIZE_PX),
        min(top + 1 + int(rows.max()), SIZE_PX),
    )
