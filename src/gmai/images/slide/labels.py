"""Label maps that belong to slides: TIFF pyramids of whole numbers on the slide's grid, at its size or smaller."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gmai.errors import ImageError
from gmai.images.slide.magic import is_reduced
from gmai.images.slide.tiff import TiffPyramid

_LOSSY = frozenset({6, 7, 33003, 33005, 33007, 34712, 50001, 34933, 34934})
"""Compressions that change values: JPEG, JPEG 2000, WebP, JPEG XR."""


class LabelPyramid:
    """An open label map, asked for tile by tile."""

    def __init__(self, path: Path, full: tuple[int, int]) -> None:
        """Open it; see :func:`gmai.images.open_slide_labels`."""
        self.path, self.full = path, full
        self.file = TiffPyramid(path)
        base = self.file.pages[0]
        own = self.file.levels[0].width, self.file.levels[0].height
        try:
            if int(base.compression) in _LOSSY:
                raise ImageError("a label map in a compression that changes values", reason="labels.lossy")
            if base.dtype is None or base.dtype.kind not in "iub" or base.planarconfig != 1:
                raise ImageError("a label map of values that are no whole numbers", reason="labels.not_whole")
            if own != full and not is_reduced(full, own):
                what = f"the label map is {own[0]} x {own[1]}, the slide {full[0]} x {full[1]}"
                raise ImageError(what, reason="mask.size_mismatch")
        except ImageError as error:
            self.close()
            error.where = str(path)
            raise

    def at(self, place: Sequence[float], size: tuple[int, int]) -> np.ndarray:
        """Labels (height, width) of a part of the slide, each that of the nearest pixel.

        Args:
            place: xyxy in pixels of the slide's level 0.
            size: (width, height) of the result.

        Raises:
            ImageError: ``labels.colour``; as the reader of tiles.
        """
        level = self._level(max((place[2] - place[0]) / size[0], (place[3] - place[1]) / size[1]))
        page = self.file.levels[level]
        xs = _centres(place[0], place[2], size[0], page.width / self.full[0], page.width)
        ys = _centres(place[1], place[3], size[1], page.height / self.full[1], page.height)
        x0, y0 = int(xs[0]), int(ys[0])
        values = self.file.values(level, x0, y0, int(xs[-1]) - x0 + 1, int(ys[-1]) - y0 + 1)
        return self._single(values[np.ix_(ys - y0, xs - x0)])

    def overview(self, size: tuple[int, int]) -> np.ndarray:
        """Labels of the whole slide (height, width), read in bands."""
        parts = []
        for top in range(0, size[1], 64):
            rows = min(64, size[1] - top)
            step = self.full[1] / size[1]
            parts.append(self.at((0, top * step, self.full[0], (top + rows) * step), (size[0], rows)))
        return np.concatenate(parts)

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()

    def _level(self, scale: float) -> int:
        """The coarsest level that is as fine as ``scale`` pixels of the slide."""
        own = self.full[0] / self.file.levels[0].width
        fine = [place for place, level in enumerate(self.file.levels) if own * level.downsample <= scale * 1.01]
        return max(fine, default=0)

    def _single(self, values: np.ndarray) -> np.ndarray:
        if values.ndim == 2:
            return values
        first, others = values[..., 0], values[..., 1:3]
        if (others == 0).all() or (others == first[..., None]).all():
            return np.ascontiguousarray(first)
        raise ImageError("a label map in colour", where=str(self.path), reason="labels.colour")


def _centres(start: float, end: float, count: int, scale: float, limit: int) -> np.ndarray:
    """The label pixel under the centre of each of ``count`` pixels from ``start`` to ``end``."""
    step = (end - start) / count
    found = np.floor((start + (np.arange(count) + 0.5) * step) * scale).astype(np.int64)
    centres: np.ndarray = np.clip(found, 0, limit - 1)
    return centres
