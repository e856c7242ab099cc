"""What a sample's annotations say, measured here from the record alone, by means other than the package's."""

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from gmai.types import QA, Box, Dialogue, Label, MaskRef, Measurement, Polygon, Report, Sample

AWAY = {"L": "R", "R": "L", "A": "P", "P": "A", "S": "I", "I": "S"}


@dataclass
class Seen:
    """One region as measured."""

    label: str
    box: tuple[float, float, float, float]
    centre: tuple[float, float]
    diameter_mm: float | None


@dataclass
class Truth:
    """All that may be said about a sample."""

    sample: Sample
    regions: dict[int, Seen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for position, item in enumerate(self.sample.annotations):
            if isinstance(item, Box | Polygon | MaskRef) and len(self.sample.images) == 1:
                self.regions[position] = measure(item, self.sample)

    @cached_property
    def present(self) -> set[str]:
        named = {item.name for item in self.sample.annotations if isinstance(item, Label)}
        return named | {seen.label for seen in self.regions.values()}

    @cached_property
    def known(self) -> set[str]:
        return self.present | {name for pool in self.sample.classes.values() for name in pool}

    @cached_property
    def numbers(self) -> dict[str, str]:
        found = [item for item in self.sample.annotations if isinstance(item, Measurement)]
        return {item.name: f"{item.value:.10g} {item.unit}".strip() for item in found}

    @cached_property
    def written(self) -> set[str]:
        texts: set[str] = set()
        for item in self.sample.annotations:
            if isinstance(item, QA):
                texts |= {item.question.strip(), item.answer.strip()}
            elif isinstance(item, Report):
                texts.add(item.text.strip())
            elif isinstance(item, Dialogue):
                texts |= {text.replace("<image>", "").strip() for _, text in item.turns}
        return texts

    def of(self, label: str) -> list[Seen]:
        return [seen for seen in self.regions.values() if seen.label == label]

    def quadrants(self, label: str) -> set[str]:
        """Both names of the only region's quadrant: on the picture, and in the patient."""
        (seen,) = self.of(label)
        image = self.sample.images[0]
        right, low = seen.centre[0] > image.width / 2, seen.centre[1] > image.height / 2
        if not image.sides:
            return {f"{'lower' if low else 'upper'} {'right' if right else 'left'}"}
        words = {"L": "left", "R": "right", "A": "anterior", "P": "posterior", "S": "superior", "I": "inferior"}
        edges = [image.sides[0] if right else AWAY[image.sides[0]], image.sides[1] if low else AWAY[image.sides[1]]]
        return {f"{words[edges[0]]} {words[edges[1]]}", f"{words[edges[1]]} {words[edges[0]]}"}


def measure(item: Box | Polygon | MaskRef, sample: Sample) -> Seen:
    image = sample.images[0]
    if isinstance(item, Box):
        x0, y0, x1, y1 = item.xyxy
        return Seen(item.label, item.xyxy, ((x0 + x1) / 2, (y0 + y1) / 2), None)
    if isinstance(item, Polygon):
        points = np.concatenate([np.reshape(ring, (-1, 2)) for ring in item.rings])
        scale = 8
        canvas = np.zeros((image.height * scale, image.width * scale), np.uint8)
        cv2.fillPoly(canvas, [np.round(np.reshape(ring, (-1, 2)) * scale).astype(np.int32) for ring in item.rings], 1)
        rows, columns = np.nonzero(canvas)
        centre = ((columns.mean() + 0.5) / scale, (rows.mean() + 0.5) / scale) if len(rows) else tuple(points.mean(0))
        box = (*points.min(axis=0), *points.max(axis=0))
        return Seen(item.label, tuple(map(float, box)), centre, _widest(points, image.spacing_mm))
    rows, columns = np.nonzero(unpack(item.rle, *item.size))
    box = (float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))
    corners = np.concatenate([np.stack([columns + dx, rows + dy], axis=1) for dx in (0, 1) for dy in (0, 1)])
    centre = (columns.mean() + 0.5, rows.mean() + 0.5)
    return Seen(item.label, box, centre, _widest(corners.astype(float), image.spacing_mm))


def unpack(code: str, height: int, width: int) -> np.ndarray:
    """A COCO compressed run-length code as a mask, by its definition."""
    runs: list[int] = []
    value = shift = 0
    for letter in code:
        bits = ord(letter) - 48
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            value -= (1 << shift) if bits & 16 else 0
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    inside = np.repeat(np.arange(len(runs)) % 2, runs)
    return inside.reshape(width, height).T


def _widest(points: np.ndarray, spacing: tuple[float, float] | None) -> float | None:
    if spacing is None:
        return None
    scaled = (points * np.array([spacing[1], spacing[0]])).astype(np.float32)
    hull = cv2.convexHull(scaled)[:, 0, :].astype(float)
    return float(np.sqrt(((hull[:, None] - hull[None]) ** 2).sum(-1)).max())
