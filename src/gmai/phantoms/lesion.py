"""The four textures that tell findings apart: ring, dots, star and bands, alike in size, mean and place."""

from collections.abc import Callable

import cv2
import numpy as np

from gmai.phantoms.canvas import SUBPIXEL_BITS, draw_disc, draw_ellipse, draw_line, fix

TILE_PX = 32
_CENTRE = TILE_PX / 2


def draw_lesion(rng: np.random.Generator, pattern: int, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Draw one lesion on a tile of 32 by 32.

    Returns:
        Its texture, float32 of spread 1 inside its mask and 0 outside, and the mask, bool.
    """
    tile = np.zeros((TILE_PX, TILE_PX), np.float32)
    draw, level = _PATTERNS[pattern]
    draw(rng, tile, radius)
    tile = cv2.GaussianBlur(tile, (3, 3), 0.6)
    middle = _CENTRE - 0.5
    mask = draw_ellipse(TILE_PX, (middle, middle), (radius, radius * rng.uniform(0.9, 1.0)), rng.uniform(0, 180)) > 0
    inside = tile[mask]
    texture = (tile - inside.mean()) / max(float(inside.std()), 1e-3) + level + rng.uniform(-0.5, 0.5)
    return texture * mask, mask


def _draw_ring(rng: np.random.Generator, tile: np.ndarray, radius: float) -> None:
    ratio = rng.uniform(0.85, 1.0)
    axes = (fix(radius * 0.72), fix(radius * 0.72 * ratio))
    angle, width = rng.uniform(0, 180), int(rng.integers(3, 5))
    cv2.ellipse(tile, (fix(_CENTRE), fix(_CENTRE)), axes, angle, 0, 360, 1.0, width, cv2.LINE_8, SUBPIXEL_BITS)


def _draw_dots(rng: np.random.Generator, tile: np.ndarray, radius: float) -> None:
    turn = rng.uniform(0, 2 * np.pi)
    for i in range(7):
        reach = 0.0 if i == 6 else radius * rng.uniform(0.58, 0.78)
        angle = turn + i * np.pi / 3 + rng.uniform(-0.25, 0.25)
        draw_disc(tile, (_CENTRE + reach * np.cos(angle), _CENTRE + reach * np.sin(angle)), rng.uniform(1.6, 2.3))


def _draw_star(rng: np.random.Generator, tile: np.ndarray, radius: float) -> None:
    turn = rng.uniform(0, 2 * np.pi)
    draw_disc(tile, (_CENTRE, _CENTRE), radius * 0.45)
    for i in range(6):
        angle, reach = turn + i * np.pi / 3 + rng.uniform(-0.2, 0.2), radius * rng.uniform(0.85, 1.0)
        end = (_CENTRE + reach * np.cos(angle), _CENTRE + reach * np.sin(angle))
        draw_line(tile, (_CENTRE, _CENTRE), end, 2)


def _draw_bands(rng: np.random.Generator, tile: np.ndarray, radius: float) -> None:
    angle = np.pi / 2 + rng.uniform(-0.4, 0.4)
    step, phase = rng.uniform(5.5, 6.5), rng.uniform(0, 6)
    y, x = np.mgrid[:TILE_PX, :TILE_PX].astype(np.float32)
    across = (x - _CENTRE) * np.cos(angle) + (y - _CENTRE) * np.sin(angle)
    inside = (x - _CENTRE) ** 2 + (y - _CENTRE) ** 2 < (0.95 * radius) ** 2
    tile[...] = ((np.sin((across + phase) * 2 * np.pi / step) > 0.1) & inside).astype(np.float32)


Pattern = Callable[[np.random.Generator, np.ndarray, float], None]
_PATTERNS: tuple[tuple[Pattern, float], ...] = (
    (_draw_ring, -0.4),
    (_draw_dots, -1.3),
    (_draw_star, 1.3),
    (_draw_bands, 0.4),
)
"""How each is drawn, and its mean in units of its spread; jittered by more than the steps, so that classes overlap."""
