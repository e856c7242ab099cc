"""Fundus phantoms: a round retina whose number of dark spots is its grade; vessels, disc and pale spots distract."""

import cv2
import numpy as np

from gmai.phantoms.canvas import SIZE_PX, SUBPIXEL_BITS, draw_disc, draw_ellipse, draw_field, round_bytes
from gmai.phantoms.chance import build_rng, pick_balanced
from gmai.phantoms.classes import FUNDUS_GRADES
from gmai.phantoms.picture import Picture

NUM_SPOTS = ((0, 1), (2, 4), (7, 10), (16, 21))
"""Fewest dark spots of each grade, and one more than the most."""
_APART_PX2 = 60
"""Least squared distance between two spots."""
_NUM_VESSELS, _VESSEL_POINTS = 6, 7


def draw_fundus(seed: int, subject: int) -> Picture:
    """Draw one colour photograph of the back of an eye."""
    rng = build_rng(seed, "fundus", subject)
    grade = pick_balanced(seed, "fundus", subject, len(FUNDUS_GRADES))
    centre, radius = (47.5 + rng.uniform(-3, 3), 47.5 + rng.uniform(-3, 3)), rng.uniform(42, 46)
    disc = (centre[0] + rng.choice((-1, 1)) * rng.uniform(18, 26), centre[1] + rng.uniform(-6, 6))
    light = np.full((SIZE_PX, SIZE_PX), 1.0, np.float32) + 0.07 * draw_field(rng, 4)
    _add_vessels(rng, light, disc)
    spots = _draw_spots(rng, grade, centre, radius - 6)
    pale = _draw_pale_spots(rng)
    tone = np.array([rng.uniform(175, 210), rng.uniform(80, 110), rng.uniform(35, 55)], np.float32)
    picture = tone * light[..., None]
    picture += draw_ellipse(SIZE_PX, disc, (7, 8))[..., None] * np.array([40, 60, 40], np.float32)
    picture += cv2.GaussianBlur(pale, (3, 3), 0.7)[..., None] * np.array([25, 45, 15], np.float32)
    strength = rng.uniform(0.7, 0.85)
    picture *= 1 - strength * cv2.GaussianBlur(spots, (3, 3), 0.7)[..., None] * np.array([0.75, 1.0, 0.8], np.float32)
    picture = picture * rng.uniform(0.9, 1.1) + 5 * rng.standard_normal(picture.shape, dtype=np.float32)
    picture *= draw_ellipse(SIZE_PX, centre, (radius, radius))[..., None]
    return Picture(pixels=round_bytes(picture), grade=FUNDUS_GRADES[grade])


def _add_vessels(rng: np.random.Generator, light: np.ndarray, disc: tuple[float, float]) -> None:
    along = np.linspace(0, 1, _VESSEL_POINTS)[:, None]
    for _ in range(_NUM_VESSELS):
        angle, bend = rng.uniform(0, 2 * np.pi), rng.uniform(-0.9, 0.9)
        steps = along * rng.uniform(30, 70)
        turns = angle + bend * along
        points = np.concatenate([disc[0] + steps * np.cos(turns), disc[1] + steps * np.sin(turns)], 1)
        corners = np.rint(points * 2**SUBPIXEL_BITS).astype(np.int32)
        level, width = float(rng.uniform(0.75, 0.9)), int(rng.integers(1, 3))
        cv2.polylines(light, [corners], False, level, width, cv2.LINE_8, SUBPIXEL_BITS)


def _draw_spots(rng: np.random.Generator, grade: int, centre: tuple[float, float], reach: float) -> np.ndarray:
    spots = np.zeros((SIZE_PX, SIZE_PX), np.float32)
    centres: list[tuple[float, float]] = []
    wanted = (0, *(int(rng.integers(*bounds)) for bounds in NUM_SPOTS[1:]))[grade]
    size = 2.3 + 0.3 * grade
    while len(centres) < wanted:
        distance, angle = reach * np.sqrt(rng.uniform()), rng.uniform(0, 2 * np.pi)
        x, y = centre[0] + distance * np.cos(angle), centre[1] + distance * np.sin(angle)
        if all((x - a) ** 2 + (y - b) ** 2 > _APART_PX2 for a, b in centres):
            centres.append((x, y))
            draw_disc(spots, (x, y), rng.uniform(size - 0.3, size + 0.5))
    return spots


def _draw_pale_spots(rng: np.random.Generator) -> np.ndarray:
    pale = np.zeros((SIZE_PX, SIZE_PX), np.float32)
    for _ in range(int(rng.integers(0, 10))):
        x, y = rng.uniform(12, SIZE_PX - 12, 2)
        draw_disc(pale, (x, y), rng.uniform(1.5, 3.5))
    return pale
