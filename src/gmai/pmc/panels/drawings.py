"""What the panels of made figures show: phantoms and drawn pictures, plots, gels, tables and diagrams, by kind."""

from collections.abc import Callable

import cv2
import numpy as np

from gmai.phantoms import draw_fundus, draw_histology, draw_ultrasound, draw_xray

WHITE = 255
Drawing = Callable[[np.random.Generator, int, int], np.ndarray]
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_kind(kind: str, rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Draw a picture of a kind of :data:`KINDS` as (height, width, 3) uint8."""
    choices = KINDS[kind]
    return choices[int(rng.integers(len(choices)))](rng, width, height)


def _phantom(draw: Callable[[int, int], object]) -> Drawing:
    def drawing(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
        pixels: np.ndarray = draw(int(rng.integers(1 << 20)), 0).pixels  # type: ignore[attr-defined]
        side = max(width, height)
        large = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_CUBIC)
        top, left = (side - height) // 2, (side - width) // 2
        cut = large[top : top + height, left : left + width]
        return np.repeat(cut[..., None], 3, axis=2) if cut.ndim == 2 else cut

    return drawing


def _field(rng: np.random.Generator, width: int, height: int, cells: int) -> np.ndarray:
    grid = rng.standard_normal((cells, cells), dtype=np.float32)
    field: np.ndarray = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return field


def _bytes(rng: np.random.Generator, picture: np.ndarray, noise: float) -> np.ndarray:
    noisy = picture + noise * rng.standard_normal(picture.shape, dtype=np.float32)
    rounded: np.ndarray = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    return np.repeat(rounded[..., None], 3, axis=2) if rounded.ndim == 2 else rounded


def _slice(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A body in section: a grey ellipse with organs on black."""
    body = np.zeros((height, width), np.float32)
    centre = int(width * rng.uniform(0.45, 0.55)), int(height * rng.uniform(0.45, 0.55))
    axes = int(width * rng.uniform(0.3, 0.48)), int(height * rng.uniform(0.3, 0.48))
    cv2.ellipse(body, centre, axes, 0, 0, 360, float(rng.uniform(70, 140)), -1)
    cv2.ellipse(body, centre, axes, 0, 0, 360, float(rng.uniform(160, 240)), max(2, width // 40))
    for _ in range(int(rng.integers(3, 9))):
        where = tuple(int(c + a * rng.uniform(-0.6, 0.6)) for c, a in zip(centre, axes, strict=True))
        radii = tuple(max(2, int(a * rng.uniform(0.08, 0.3))) for a in axes)
        cv2.ellipse(body, where, radii, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(20, 220)), -1)
    body = cv2.GaussianBlur(body, (0, 0), 1.5) + 10 * _field(rng, width, height, 12) * (body > 10)
    return _bytes(rng, body + 3, 3.0)


def _fluorescence(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Bright cells on black in one or two colours."""
    picture = np.zeros((height, width, 3), np.float32)
    for channel in rng.permutation(3)[: int(rng.integers(1, 3))]:
        layer = np.zeros((height, width), np.float32)
        for _ in range(int(rng.integers(6, 70))):
            where = int(rng.integers(width)), int(rng.integers(height))
            radii = max(1, int(min(width, height) * rng.uniform(0.01, 0.07))), max(2, int(height * 0.03))
            cv2.ellipse(layer, where, radii, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(60, 255)), -1)
        picture[..., channel] = cv2.GaussianBlur(layer, (0, 0), 2.0)
    return _bytes(rng, picture + 4, 3.0)


def _stain(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Stained tissue: a texture between two colours."""
    pale, dark = rng.uniform(180, 245, 3), rng.uniform(60, 160, 3)
    mix = 1 / (1 + np.exp(-_field(rng, width, height, int(rng.integers(6, 40))) - rng.uniform(-1, 1)))
    return _bytes(rng, pale + (dark - pale) * mix[..., None], 7.0)


def _scene(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A photograph: an object of one colour on ground of another, lit from a side."""
    ground, thing = rng.uniform(30, 220, 3), rng.uniform(30, 240, 3)
    light = np.linspace(rng.uniform(0.6, 1), rng.uniform(0.8, 1.2), width, dtype=np.float32)[None, :, None]
    mask = (_field(rng, width, height, 4) > rng.uniform(-0.5, 0.5)).astype(np.float32)
    mask = cv2.GaussianBlur(mask, (0, 0), 2.0)[..., None]
    picture = (ground * (1 - mask) + thing * mask) * light + 8 * _field(rng, width, height, 16)[..., None]
    return _bytes(rng, picture, 4.0)


def _gel(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Dark bands in lanes on grey."""
    picture = np.full((height, width), rng.uniform(170, 235), np.float32) + 5 * _field(rng, width, height, 5)
    lanes = int(rng.integers(3, 10))
    for row in rng.uniform(0.1, 0.9, int(rng.integers(1, 5))):
        for lane in range(lanes):
            x, half = int((lane + 0.5) * width / lanes), max(2, int(width / lanes * 0.36))
            y, thick = int(row * height), max(2, int(height * rng.uniform(0.01, 0.03)))
            cv2.rectangle(picture, (x - half, y - thick), (x + half, y + thick), float(rng.uniform(20, 190)), -1)
    return _bytes(rng, cv2.GaussianBlur(picture, (0, 0), 1.5), 4.0)


def _axes(rng: np.random.Generator, width: int, height: int) -> tuple[np.ndarray, int, int, int, int]:
    page = np.full((height, width, 3), WHITE, np.uint8)
    left, bottom = max(24, width // 7), height - max(20, height // 7)
    right, top = width - 8, 8
    cv2.line(page, (left, top), (left, bottom), (0, 0, 0), 1)
    cv2.line(page, (left, bottom), (right, bottom), (0, 0, 0), 1)
    for index in range(5):
        y = bottom - (bottom - top) * index // 5
        cv2.line(page, (left - 4, y), (left, y), (0, 0, 0), 1)
        cv2.putText(page, str(index * 10), (2, y + 3), _FONT, 0.3, (0, 0, 0), 1, cv2.LINE_AA)
        x = left + (right - left) * index // 5
        cv2.putText(page, f"t{index}", (x, bottom + 14), _FONT, 0.3, (0, 0, 0), 1, cv2.LINE_AA)
    return page, left, top, right, bottom


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in rng.integers(0, 200, 3))
    return red, green, blue


def _bars(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    page, left, top, right, bottom = _axes(rng, width, height)
    num = int(rng.integers(2, 9))
    for index in range(num):
        x, half = left + int((index + 0.5) * (right - left) / num), max(2, int((right - left) / num * 0.3))
        high = bottom - int((bottom - top) * rng.uniform(0.1, 0.95))
        cv2.rectangle(page, (x - half, high), (x + half, bottom), _colour(rng), -1)
    return page


def _curves(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    page, left, top, right, bottom = _axes(rng, width, height)
    xs = np.linspace(left, right, 12)
    for _ in range(int(rng.integers(1, 5))):
        ys = np.clip(np.cumsum(rng.normal(0, 0.12, 12)) + 0.5, 0, 1)
        points = np.stack([xs, bottom - ys * (bottom - top)], axis=1).astype(np.int32)
        cv2.polylines(page, [points], False, _colour(rng), 2, cv2.LINE_AA)
    return page


def _dots(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    page, left, top, right, bottom = _axes(rng, width, height)
    colour = _colour(rng)
    for x, y in rng.uniform(0.05, 0.95, (int(rng.integers(15, 120)), 2)):
        where = int(left + x * (right - left)), int(bottom - y * (bottom - top))
        cv2.circle(page, where, 3, colour, -1, cv2.LINE_AA)
    return page


def _heat(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A heat map: cells of colour that touch."""
    cells = rng.integers(0, 255, (int(rng.integers(4, 14)), int(rng.integers(4, 14))), dtype=np.uint8)
    large = cv2.resize(cells, (width, height), interpolation=cv2.INTER_NEAREST)
    coloured: np.ndarray = cv2.applyColorMap(large, cv2.COLORMAP_VIRIDIS)
    return coloured


def _table(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    page = np.full((height, width, 3), WHITE, np.uint8)
    rows, columns = int(rng.integers(3, 8)), int(rng.integers(2, 5))
    for row in range(rows + 1):
        y = 2 + (height - 5) * row // rows
        cv2.line(page, (2, y), (width - 3, y), (0, 0, 0), 1)
        for column in range(columns if row < rows else 0):
            where = 6 + (width - 8) * column // columns, y + (height - 5) // rows // 2 + 4
            cv2.putText(page, str(int(rng.integers(1000))), where, _FONT, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    return page


def _flow(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Boxes with words, joined by arrows."""
    page = np.full((height, width, 3), WHITE, np.uint8)
    num = int(rng.integers(2, 5))
    middle = width // 2
    for index in range(num):
        top, bottom = height * index // num + 4, height * (index + 1) // num - max(8, height // num // 4)
        half = int(width * rng.uniform(0.25, 0.48))
        cv2.rectangle(page, (middle - half, top), (middle + half, bottom), _colour(rng), 2)
        cv2.putText(page, f"Step {index}", (middle - 22, (top + bottom) // 2 + 4), _FONT, 0.4, (0, 0, 0), 1)
        if index + 1 < num:
            cv2.arrowedLine(page, (middle, bottom), (middle, height * (index + 1) // num + 4), (0, 0, 0), 1)
    return page


KINDS: dict[str, tuple[Drawing, ...]] = {
    "radiology": (_slice, _phantom(draw_xray), _phantom(draw_ultrasound)),
    "microscopy": (_stain, _fluorescence, _phantom(draw_histology)),
    "photo": (_scene, _phantom(draw_fundus)),
    "plot": (_bars, _curves, _dots, _heat),
    "gel": (_gel,),
    "table": (_table,),
    "diagram": (_flow,),
}
"""Drawings of each kind of panel."""
SPARSE = ("plot", "table", "diagram")
"""Kinds drawn on the page's own white."""
