"""What surrounds a finding: its place in a quadrant, and plain blobs and lines that distract from it."""

from dataclasses import dataclass

import cv2
import numpy as np

from gmai.phantoms.canvas import SUBPIXEL_BITS, draw_ellipse, fix

RADIUS_PX = (10.0, 13.5)
"""Smallest and largest radius of a lesion."""
_SIGNS = ((-1, -1), (1, -1), (-1, 1), (1, 1))
_CLEARANCE_PX = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Distractors:
    """How many blobs and lines, and how strong they are in grey levels."""

    amount: float
    blobs: int
    lines: int


def pick_point(
    rng: np.random.Generator, quadrant: int, centre: tuple[float, float], reach: tuple[float, float]
) -> tuple[int, int]:
    """Pick a point in quadrant 0 to 3 (row by row), ``reach`` (nearest, farthest) pixels from both axes."""
    sx, sy = _SIGNS[quadrant]
    return round(centre[0] + sx * rng.uniform(*reach)), round(centre[1] + sy * rng.uniform(*reach))


def add_distractors(rng: np.random.Generator, picture: np.ndarray, plan: Distractors, avoid: tuple[int, int]) -> None:
    """Add plain blobs and curved lines, lighter or darker, blobs away from ``avoid``: no texture of any finding."""
    layer = np.zeros_like(picture)
    for _ in range(plan.blobs):
        _add_blob(rng, layer, plan.amount, avoid)
    for _ in range(plan.lines):
        _add_line(rng, layer, plan.amount)
    picture += cv2.GaussianBlur(layer, (5, 5), 1.0)


def _add_blob(rng: np.random.Generator, layer: np.ndarray, amount: float, avoid: tuple[int, int]) -> None:
    size = layer.shape[0]
    x, y = rng.integers(8, size - 8, 2)
    if abs(x - avoid[0]) + abs(y - avoid[1]) < _CLEARANCE_PX:
        return
    rx, ry = rng.uniform(5, 13, 2)
    shape = draw_ellipse(size, (x, y), (rx, ry), rng.uniform(0, 180))
    layer += shape * (rng.choice((-1, 1)) * rng.uniform(0.6, 1.6) * amount)


def _add_line(rng: np.random.Generator, layer: np.ndarray, amount: float) -> None:
    x, y = rng.uniform(-20, layer.shape[0] + 20, 2)
    axes = (fix(rng.uniform(30, 80)), fix(rng.uniform(20, 60)))
    angle = rng.uniform(0, 180)
    level = rng.choice((-1, 1)) * rng.uniform(0.5, 1.1) * amount
    width = int(rng.integers(1, 4))
    cv2.ellipse(layer, (fix(x), fix(y)), axes, angle, 0, 360, level, width, cv2.LINE_8, SUBPIXEL_BITS)
