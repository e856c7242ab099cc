"""All that is measured of one region, from the runs of its mask: no pixel outside the region is touched.

Pixel (0, 0) covers [0, 1) x [0, 1); lengths are between the outer corners of pixels, so that one pixel has a diameter.
"""

import cv2
import numpy as np

from gmai.annotations.geometry import Point, farthest_ends, region_area, region_box, region_centroid, region_runs
from gmai.annotations.wording import quadrant, side_of
from gmai.base import split_columns
from gmai.errors import FormatError
from gmai.types import Box, ImageRef, Region, record

MIDLINE = 0.03
"""Share of width or height beside a midline in which no side or quadrant is told."""


@record
class RegionFacts:
    """What is measured of a region; None where the picture or the kind of region does not tell."""

    area_px: float
    area_mm2: float | None
    """None where the spacing is unknown."""
    box: tuple[float, float, float, float]
    """xyxy, right and lower edge exclusive."""
    centroid: Point
    """Centre of mass, x and y in pixels."""
    diameter_mm: float | None
    """Longest distance of two points of the region; None for a box, and where the spacing is unknown."""
    diameter_ends: tuple[Point, Point] | None
    """The two points, x and y in pixels; of unknown spacing, those farthest apart in pixels."""
    parts: int
    """Parts that do not touch, not even at a corner; 1 for a box."""
    side: str | None
    """The patient's ``left`` or ``right``; None on the midline, and where the picture does not show both."""
    quadrant: str | None
    """Of the picture, such as ``upper-left``; None on a midline."""
    patient_quadrant: str | None
    """Of the patient, such as ``left-anterior``; None where the sides are unknown."""
    share: float
    """Area as a part of the picture's."""


def region_facts(region: Region, image: ImageRef) -> RegionFacts:
    """Measure a region of a picture.

    Raises:
        FormatError: ``mask.empty``: it has no pixel; otherwise as :func:`gmai.annotations.region_mask`.
    """
    if isinstance(region, Box):
        area, box = region_area(region, image.height, image.width), region_box(region, image.height, image.width)
        centroid = region_centroid(region, image.height, image.width)
        return _facts(image, area, box, centroid, ends=None, parts=1)
    pieces = split_columns(region_runs(region, image.height, image.width), image.height)
    if not len(pieces):
        raise FormatError("a region without pixels", where=region.record, reason="mask.empty")
    column, top, bottom = pieces.T
    lengths = bottom - top
    area = int(lengths.sum())
    box = (float(column.min()), float(top.min()), float(column.max() + 1), float(bottom.max()))
    x, y = (column * lengths).sum() / area + 0.5, ((top + bottom) * lengths).sum() / (2 * area)
    ends = farthest_ends(pieces, image.spacing_mm or (1.0, 1.0))
    return _facts(image, float(area), box, (float(x), float(y)), ends, count_parts(pieces))


def _facts(
    image: ImageRef,
    area: float,
    box: tuple[float, float, float, float],
    centroid: Point,
    ends: tuple[Point, Point] | None,
    parts: int,
) -> RegionFacts:
    rows, columns = image.spacing_mm or (1.0, 1.0)
    across, down = centroid[0] / image.width - 0.5, centroid[1] / image.height - 0.5
    clear = min(abs(across), abs(down)) >= MIDLINE
    length = None
    if ends is not None and image.spacing_mm is not None:
        length = float(np.hypot((ends[0][0] - ends[1][0]) * columns, (ends[0][1] - ends[1][1]) * rows))
    return RegionFacts(
        area_px=area,
        area_mm2=None if image.spacing_mm is None else area * rows * columns,
        box=box,
        centroid=centroid,
        diameter_mm=length,
        diameter_ends=ends,
        parts=parts,
        side=side_of(across, down, image.sides, MIDLINE),
        quadrant=quadrant(across > 0, down > 0, None) if clear else None,
        patient_quadrant=quadrant(across > 0, down > 0, image.sides) if clear and image.sides else None,
        share=area / (image.width * image.height),
    )


def count_parts(pieces: np.ndarray) -> int:
    """Number of parts of a region that do not touch, not even at a corner."""
    column, top, bottom = pieces.T
    if len(np.unique(column)) == len(column) and _is_chain(pieces):
        return 1
    left, upper = column.min(), top.min()
    mask = np.zeros((column.max() - left + 1, bottom.max() - upper + 1), np.uint8)
    change = np.zeros((mask.shape[0], mask.shape[1] + 1), np.int8)
    change[column - left, top - upper] = 1
    change[column - left, bottom - upper] -= 1
    np.cumsum(change[:, :-1], axis=1, dtype=np.int8, out=mask.view(np.int8))
    return int(cv2.connectedComponents(mask, connectivity=8)[0]) - 1


def _is_chain(pieces: np.ndarray) -> bool:
    """True if there is one piece in each column and each touches the next."""
    column, top, bottom = pieces.T
    beside = (np.diff(column) == 1) & (top[1:] <= bottom[:-1]) & (top[:-1] <= bottom[1:])
    return bool(beside.all())
