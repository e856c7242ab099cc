"""Regions drawn onto a picture when it is looked at: box, translucent mask or contour. Stores keep clean pictures."""

from collections.abc import Sequence

import cv2
import numpy as np

from gmai.base import decode_runs, encode_runs, fill_runs, mask_runs
from gmai.errors import ImageError
from gmai.types import Annotation, Box, MaskRef, Polygon, View


def render_view(picture: np.ndarray, view: View, annotations: Sequence[Annotation]) -> np.ndarray:
    """Draw a view.

    Args:
        picture: RGB uint8 (H, W, 3), or grey (H, W), as shown; it is not changed.
        view: ``box`` draws outlines around the regions, ``mask`` fills them with ``opacity``, ``contour`` traces their
            edge, ``image`` draws nothing.
        annotations: the sample's, to which ``view.regions`` points.

    Returns:
        A new RGB picture of the same size.

    Raises:
        ImageError: ``view.region``: a position that is no region of this picture, or a mask without run-length code;
            ``view.style``: an opacity outside 0 to 1, or a line of less than a pixel.
    """
    if not 0 <= view.opacity <= 1 or view.line_px < 1:
        what = f"a view of opacity {view.opacity} with lines of {view.line_px} px"
        raise ImageError(what, fix="opacity is between 0 and 1, lines are of 1 px or more", reason="view.style")
    drawn = picture.copy() if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    for position in view.regions if view.granularity != "image" else ():
        if not 0 <= position < len(annotations):
            raise ImageError(f"the view names region {position} of {len(annotations)}", reason="view.region")
        _DRAW[view.granularity](drawn, annotations[position], view)
    return drawn


def _draw_box(picture: np.ndarray, annotation: Annotation, view: View) -> None:
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = _bounds(picture, annotation)
    left, top, right, lower = (
        max(round(x0), 0),
        max(round(y0), 0),
        min(round(x1), width) - 1,
        min(round(y1), height) - 1,
    )
    if left >= width or top >= height or x1 <= 0 or y1 <= 0:
        raise ImageError("the region lies outside the picture", reason="view.region")
    outline = np.zeros((height, width), np.uint8)
    cv2.rectangle(outline, (left, top), (max(right, left), max(lower, top)), 1, 1)
    _stroke(picture, outline, view, cv2.MORPH_RECT)


def _draw_mask(picture: np.ndarray, annotation: Annotation, view: View) -> None:
    inside = region_pixels(annotation, *picture.shape[:2]).astype(bool)
    mixed = picture[inside] * (1 - view.opacity) + np.array(view.colour) * view.opacity
    picture[inside] = np.rint(mixed).astype(np.uint8)


def _draw_contour(picture: np.ndarray, annotation: Annotation, view: View) -> None:
    inside = region_pixels(annotation, *picture.shape[:2])
    outlines, _ = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    outline = np.zeros(inside.shape, np.uint8)
    cv2.drawContours(outline, outlines, -1, 1, 1)
    _stroke(picture, outline, view, cv2.MORPH_ELLIPSE)


def _stroke(picture: np.ndarray, outline: np.ndarray, view: View, shape: int) -> None:
    """Draw a line of a pixel as wide as the view says; OpenCV's own thick lines are wider than they are told."""
    kernel = cv2.getStructuringElement(shape, (view.line_px, view.line_px))
    picture[cv2.dilate(outline, kernel) != 0] = view.colour


_DRAW = {"box": _draw_box, "mask": _draw_mask, "contour": _draw_contour}


def _bounds(picture: np.ndarray, annotation: Annotation) -> tuple[float, float, float, float]:
    if isinstance(annotation, Box):
        return annotation.xyxy
    if isinstance(annotation, Polygon):
        xs = [x for ring in annotation.rings for x in ring[0::2]]
        ys = [y for ring in annotation.rings for y in ring[1::2]]
        return min(xs), min(ys), max(xs), max(ys)
    rows, columns = np.nonzero(region_pixels(annotation, *picture.shape[:2]))
    if not rows.size:
        raise ImageError("the region is empty", reason="view.region")
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


def region_pixels(annotation: Annotation, height: int, width: int) -> np.ndarray:
    """Pixels of a region as uint8 (H, W): 1 inside, 0 outside.

    Raises:
        ImageError: ``view.region``: no region, or a mask without a run-length code of this size.
    """
    inside = np.zeros((height, width), np.uint8)
    if isinstance(annotation, Box):
        x0, y0, x1, y1 = (round(edge) for edge in annotation.xyxy)
        inside[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = 1
        return inside
    if isinstance(annotation, Polygon):
        return _fill(annotation, height, width)
    if isinstance(annotation, MaskRef) and annotation.rle is not None and annotation.size == (height, width):
        return decode_mask(annotation.rle, annotation.size)
    raise ImageError(f"no region of a {width} x {height} picture: {annotation.kind}", reason="view.region")


def _fill(polygon: Polygon, height: int, width: int) -> np.ndarray:
    from pycocotools import mask as coco

    code = coco.merge(coco.frPyObjects([list(ring) for ring in polygon.rings], height, width))
    return decode_mask(code["counts"].decode("ascii"), (height, width))


def encode_mask(inside: np.ndarray) -> str:
    """COCO compressed run-length code of a mask (H, W)."""
    return encode_runs(mask_runs(inside), *inside.shape)


def decode_mask(rle: str, size: tuple[int, int]) -> np.ndarray:
    """Pixels (H, W) uint8 of a COCO compressed run-length code on a grid of (height, width) ``size``.

    Raises:
        ImageError: ``mask.code``: the code is damaged or is of another size.
    """
    try:
        return fill_runs(decode_runs(rle, *size), *size)
    except ValueError as error:
        raise ImageError(f"a damaged run-length code: {error}", reason="mask.code") from None
