"""Histology phantoms: a stained field with boxed cells of one class among plain, unboxed nuclei."""

from collections.abc import Callable

import cv2
import numpy as np

from gmai.phantoms.canvas import (
    SIZE_PX,
    SUBPIXEL_BITS,
    draw_disc,
    draw_ellipse,
    draw_field,
    draw_line,
    fix,
    paste,
    to_bytes,
)
from gmai.phantoms.chance import build_rng, pick_balanced
from gmai.phantoms.classes import HISTOLOGY_CELLS
from gmai.phantoms.picture import Picture
from gmai.phantoms.truth import DrawnBox

_TILE_PX = 24
_CENTRE = _TILE_PX / 2
_CELLS = (3, 4, 5, 6)
_TRIES = 100
_APART_PX = 24


def draw_histology(seed: int, subject: int) -> Picture:
    """Draw one colour field with three to six marked cells, all of one class."""
    rng = build_rng(seed, "histology", subject)
    kind = pick_balanced(seed, "histology", subject, len(HISTOLOGY_CELLS))
    stain = np.array([rng.uniform(215, 245), rng.uniform(165, 200), rng.uniform(200, 230)], np.float32)
    ink = np.array([rng.uniform(95, 135), rng.uniform(60, 95), rng.uniform(125, 165)], np.float32)
    density_HW = _draw_ground(rng)
    num = _CELLS[pick_balanced(seed, "histology", subject // len(HISTOLOGY_CELLS), len(_CELLS))]
    boxes = [_add_cell(rng, density_HW, kind, centre) for centre in _place(rng, num)]
    density = np.clip(density_HW, 0, 1)[..., None]
    picture = stain * (1 - density) + ink * density
    return Picture(pixels=to_bytes(rng, picture, 6.0), finding=HISTOLOGY_CELLS[kind], boxes=tuple(boxes))


def _draw_ground(rng: np.random.Generator) -> np.ndarray:
    density: np.ndarray = 0.10 + 0.07 * draw_field(rng, 8)
    for _ in range(int(rng.integers(8, 16))):
        x, y = rng.uniform(0, SIZE_PX, 2)
        pale = draw_ellipse(SIZE_PX, (x, y), (rng.uniform(3, 6), rng.uniform(2, 4)), rng.uniform(0, 180))
        density += pale * rng.uniform(0.15, 0.4)
    return density


def _place(rng: np.random.Generator, num: int) -> list[tuple[int, int]]:
    """Centres that keep apart; a draw that leaves no room for all of them is drawn anew."""
    while True:
        centres: list[tuple[int, int]] = []
        for _ in range(_TRIES):
            x, y = (int(v) for v in rng.integers(11, SIZE_PX - 11, 2))
            if all(abs(x - a) + abs(y - b) >= _APART_PX for a, b in centres):
                centres.append((x, y))
            if len(centres) == num:
                return centres


def _add_cell(rng: np.random.Generator, density: np.ndarray, kind: int, centre: tuple[int, int]) -> DrawnBox:
    x, y = centre
    radius = rng.uniform(6.5, 8.5)
    cytoplasm = draw_ellipse(_TILE_PX, (_CENTRE, _CENTRE), (radius, radius)) * 0.18
    paste(density, cytoplasm + _draw_nucleus(rng, kind, radius) * rng.uniform(0.55, 0.85), x, y)
    r = round(radius)
    xyxy = (max(x - r, 0), max(y - r, 0), min(x + r, SIZE_PX), min(y + r, SIZE_PX))
    return DrawnBox(label=HISTOLOGY_CELLS[kind], xyxy=xyxy)


def _draw_nucleus(rng: np.random.Generator, kind: int, radius: float) -> np.ndarray:
    tile, turn = np.zeros((_TILE_PX, _TILE_PX), np.float32), rng.uniform(0, np.pi)
    _NUCLEI[kind](tile, turn, radius)
    blurred: np.ndarray = cv2.GaussianBlur(tile, (3, 3), 0.5)
    return blurred


def _draw_solid(tile: np.ndarray, turn: float, radius: float) -> None:
    where, axes = (fix(_CENTRE), fix(_CENTRE)), (fix(radius * 0.8), fix(radius * 0.72))
    cv2.ellipse(tile, where, axes, np.degrees(turn), 0, 360, 1.0, -1, cv2.LINE_8, SUBPIXEL_BITS)


def _draw_lobes(tile: np.ndarray, turn: float, radius: float) -> None:
    for i in range(3):
        _draw_dot(tile, turn + i * 2 * np.pi / 3, radius * 0.55, radius * 0.38)


def _draw_granules(tile: np.ndarray, turn: float, radius: float) -> None:
    for i in range(9):
        _draw_dot(tile, turn + i * np.pi / 4, 0.0 if i == 8 else radius * 0.68, 18 / 16)


def _draw_plates(tile: np.ndarray, turn: float, radius: float) -> None:
    cos, sin = np.cos(turn), np.sin(turn)
    ax, ay = cos * radius * 0.7, sin * radius * 0.7
    for side in (-1, 1):
        mx, my = _CENTRE - side * sin * radius * 0.5, _CENTRE + side * cos * radius * 0.5
        draw_line(tile, (mx - ax, my - ay), (mx + ax, my + ay), 3)


def _draw_dot(tile: np.ndarray, angle: float, reach: float, radius: float) -> None:
    draw_disc(tile, (_CENTRE + reach * np.cos(angle), _CENTRE + reach * np.sin(angle)), radius)


_NUCLEI: tuple[Callable[[np.ndarray, float, float], None], ...] = (
    _draw_solid,
    _draw_lobes,
    _draw_granules,
    _draw_plates,
)
"""How the nucleus of each class of cell is drawn, as darkness 0 to 1."""
