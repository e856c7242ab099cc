"""CT phantoms: a trunk with a spine, and one textured finding in a quadrant of the patient over half of the slices."""

from dataclasses import dataclass

import numpy as np

from gmai.phantoms.canvas import SIZE_PX, draw_ellipse, draw_field, paste, paste_mask
from gmai.phantoms.chance import build_rng, pick_finding_and_location
from gmai.phantoms.classes import CT_FINDINGS, CT_LOCATIONS
from gmai.phantoms.lesion import draw_lesion
from gmai.phantoms.scenery import RADIUS_PX, Distractors, add_distractors, pick_point

SPACING_MM = (5.0, 4.0, 4.0)
NUM_FRAMES = 8
AIR_HU, FAT_HU = -1000, -90
_DISTRACTORS = Distractors(amount=55.0, blobs=6, lines=1)
_NOISE_HU = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One patient: row 0 is the front, column 0 the patient's right, frame 0 the lowest."""

    volume_DHW: np.ndarray
    """int16 Hounsfield units."""
    labels_DHW: np.ndarray
    """uint8, 0 or the value of :data:`gmai.phantoms.classes.CT_LABELS`."""
    finding: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trunk:
    centre: tuple[float, float]
    radii: tuple[float, float]
    tilt: float
    body: np.ndarray
    inner: np.ndarray


def draw_ct(seed: int, subject: int, num_frames: int = NUM_FRAMES) -> Volume:
    """Draw one patient; the frames share anatomy, the finding spans half of them, noise differs from frame to frame."""
    rng = build_rng(seed, "ct", subject)
    finding, location = pick_finding_and_location(seed, "ct", subject)
    trunk = _draw_trunk(rng)
    x, y = pick_point(rng, location, trunk.centre, (9.0, 17.0))
    anatomy = _draw_anatomy(rng, trunk, (x, y))
    radius, first = rng.uniform(*RADIUS_PX), int(rng.integers(1, max(2, num_frames // 2)))
    texture, mask = draw_lesion(rng, finding, radius)
    tile = texture * rng.uniform(45, 70)
    volume = np.repeat(anatomy[None], num_frames, 0).astype(np.float32)
    labels = np.zeros(volume.shape, np.uint8)
    place = paste_mask(mask, x, y) & (trunk.body > 0)
    for frame in range(first, first + max(1, num_frames // 2)):
        paste(volume[frame], tile * rng.uniform(0.85, 1.1), x, y)
        labels[frame][place] = 1 + finding
    volume += _NOISE_HU * rng.standard_normal(volume.shape, dtype=np.float32) * rng.uniform(0.7, 1.3)
    return Volume(
        volume_DHW=np.clip(np.rint(volume), -1024, 3000).astype(np.int16),
        labels_DHW=labels,
        finding=CT_FINDINGS[finding],
        location=CT_LOCATIONS[location],
    )


def _draw_trunk(rng: np.random.Generator) -> _Trunk:
    cx, cy = 47.5 + rng.uniform(-5, 5), 47.5 + rng.uniform(-5, 5)
    rx, ry, tilt = rng.uniform(37, 43), rng.uniform(34, 41), rng.uniform(-8, 8)
    body = draw_ellipse(SIZE_PX, (cx, cy), (rx, ry), tilt)
    inner = draw_ellipse(SIZE_PX, (cx, cy), (rx - rng.uniform(2, 5), ry - rng.uniform(2, 5)), tilt)
    return _Trunk(centre=(cx, cy), radii=(rx, ry), tilt=tilt, body=body, inner=inner)


def _draw_anatomy(rng: np.random.Generator, trunk: _Trunk, finding_xy: tuple[int, int]) -> np.ndarray:
    soft = rng.uniform(25, 60) + 12 * draw_field(rng, 5)
    add_distractors(rng, soft, _DISTRACTORS, finding_xy)
    anatomy = AIR_HU * (1 - trunk.body) + FAT_HU * (trunk.body - trunk.inner) + soft * trunk.inner
    cx, cy = trunk.centre
    spine = draw_ellipse(SIZE_PX, (cx + rng.uniform(-2, 2), cy + trunk.radii[1] * 0.84), (6, 5))
    result: np.ndarray = anatomy * (1 - spine) + spine * rng.uniform(150, 300)
    return result
