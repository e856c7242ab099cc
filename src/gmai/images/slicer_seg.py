"""Segmentations of 3D Slicer (``.seg.nrrd``): named segments, perhaps overlapping, on a part of their image's grid.

The format is that of Slicer's developer guide (modules, segmentations). Slicer keeps only the box that holds something,
so the file is laid on its image by place; nothing is resampled.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gmai.errors import ImageError
from gmai.images.nrrd import read_nrrd, read_pairs
from gmai.images.regions import Mark, MarkedVolume, RegionNames, VolumeRegions, crop_mark
from gmai.images.volume import GRID_TOLERANCE, Volume
from gmai.types import Step

_SEGMENT = re.compile(r"Segment(\d+)_ID")
_TYPE = 2
"""Place of a segment's type among the parts of its terminology."""


@dataclass(frozen=True, slots=True)
class _Segment:
    number: int
    name: str
    value: int
    layer: int


def read_slicer_seg(path: Path, volume: Volume, names: RegionNames) -> VolumeRegions:
    """Read the segments of a file on the volume's grid.

    Raises:
        ImageError: as :func:`gmai.images.nrrd.read_nrrd`; ``volume.place_mismatch``: it lies on no part of the grid;
            ``labels.outside``: it marks what lies beside the image.
    """
    segments = sorted(_segments(path, names), key=lambda one: one.number)
    depth, height, width = volume.voxels.shape[:3]
    layers = {segment.layer: read_nrrd(path, segment.layer) for segment in segments}
    marks: list[Mark] = []
    whole = np.zeros((depth, height, width), bool) if names.label is not None else None
    for segment in segments:
        if segment.value in names.ignore:
            continue
        labels = layers[segment.layer]
        mark = crop_mark(segment.number, segment.name, labels.voxels == segment.value)
        if mark is None:
            continue
        placed = _place(mark, labels, volume, path)
        if whole is None:
            marks.append(placed)
        else:
            whole[tuple(slice(a, a + n) for a, n in zip(placed.corner, placed.inside.shape, strict=True))] |= (
                placed.inside
            )
    if whole is not None and (union := crop_mark(1, str(names.label), whole)) is not None:
        marks = [union]
    told = {"segments": len(segments), "layers": len(layers)}
    return MarkedVolume(
        shape=(depth, height, width),
        marks=tuple(marks),
        oriented=volume.affine is not None,
        steps=(Step(name="slicer_segmentation", parameters=told),),
    )


def is_slicer_seg(path: Path) -> bool:
    """True if an NRRD file says that it holds segments."""
    return any(_SEGMENT.fullmatch(key) for key in read_pairs(path))


def _segments(path: Path, names: RegionNames) -> Iterator[_Segment]:
    pairs = read_pairs(path)
    for key in pairs:
        if (found := _SEGMENT.fullmatch(key)) is None:
            continue
        number, stem = int(found.group(1)), key.removesuffix("ID")
        value = _whole(pairs.get(f"{stem}LabelValue", "1"), path)
        old = f"{stem}Layer" not in pairs and f"{stem}LabelValue" not in pairs  # before 4.11: one layer a segment
        layer = number if old else _whole(pairs.get(f"{stem}Layer", "0"), path)
        own = _name(pairs, stem, names.naming)
        yield _Segment(number + 1, names.names.get(str(value), own), value, layer)


def _name(pairs: dict[str, str], stem: str, naming: str) -> str:
    own = pairs.get(f"{stem}Name") or pairs[f"{stem}ID"]
    terms = next((tag for tag in pairs.get(f"{stem}Tags", "").split("|") if tag.startswith("TerminologyEntry:")), "")
    parts = terms.split("~")
    code = parts[_TYPE].split("^") if len(parts) > _TYPE else []
    if naming == "label" or len(code) < 3:
        return own
    return code[2] if naming == "type" else code[1]


def _whole(text: str, path: Path) -> int:
    if not text.strip().isdigit():
        raise ImageError(f"no whole number: {text[:40]!r}", where=str(path), reason="nrrd.unreadable")
    return int(text)


def _place(mark: Mark, labels: Volume, volume: Volume, path: Path) -> Mark:
    """A mark of the file's grid on the volume's."""
    if volume.affine is None or labels.affine is None:
        raise ImageError("the image does not say where it lies", where=str(path), reason="volume.place_unknown")
    across = np.linalg.inv(volume.affine) @ labels.affine
    depth, height, width = labels.voxels.shape
    ends = np.array([[0, 0, 0, 1], [width - 1, height - 1, depth - 1, 1]], float)
    offset = np.rint(across[:3, 3])
    away = np.abs((across @ ends.T)[:3].T - ends[:, :3] - offset).max()
    if away > GRID_TOLERANCE:
        what = f"the segmentation lies up to {away:.2f} voxels beside its image's grid"
        raise ImageError(what, where=str(path), reason="volume.place_mismatch")
    x, y, z = (int(each) for each in offset)
    corner = mark.corner[0] + z, mark.corner[1] + y, mark.corner[2] + x
    last = [first + size for first, size in zip(corner, mark.inside.shape, strict=True)]
    if min(corner) < 0 or any(end > size for end, size in zip(last, volume.voxels.shape[:3], strict=True)):
        raise ImageError(f"segment {mark.label!r} lies beside the image", where=str(path), reason="labels.outside")
    return Mark(mark.number, mark.label, corner, mark.inside)
