"""Siemens mosaics: the slices of a volume side by side in one picture, told apart by the vendor's private header.

The place of each slice follows from the mosaic's centre, which is every slice's (as dcm2niix and nibabel have it); the
step and its direction from ``SliceNormalVector`` of the CSA header.
"""

import math
import struct
import warnings

import numpy as np
from pydicom import Dataset
from pydicom.tag import Tag

from gmai.images.dicom.header import read_number, read_numbers

_BLOCKS = [(Tag(0x0029, block), Tag(0x0029, (block << 8) + 0x10)) for block in (0x10, 0x11, 0x12)]
"""Where the image header may lie: its creator's element, and its own."""
CSA_TAGS = tuple(tag for pair in _BLOCKS for tag in pair)
MAX_TILES = 4096
_MISSING = "the private header that tells its slices apart is missing"
_LACKING = "its headers do not say where its slices lie"
Tile = tuple[tuple[int, int, int, int], dict[str, object]]
"""Part of the picture (xyxy), and the header elements of the slice there."""


def is_mosaic(header: Dataset) -> bool:
    """True if the file calls itself a mosaic."""
    kinds = header.get("ImageType") or ()
    return "MOSAIC" in (kinds.split("\\") if isinstance(kinds, str) else list(kinds))


def find_tiles(header: Dataset) -> list[Tile]:
    """The slices of a mosaic in its order; empty if the file is none, or lacks what tells them apart."""
    if not is_mosaic(header):
        return []
    count, normal, _ = _read_csa(header)
    cosines, place = read_numbers(header, "ImageOrientationPatient", 6), read_numbers(header, "ImagePositionPatient", 3)
    spacing = read_numbers(header, "PixelSpacing", 2)
    step = read_number(header, "SpacingBetweenSlices", 0) or read_number(header, "SliceThickness", 0)
    if not count or normal is None or not cosines or not place or not spacing or not step:
        return []
    across = math.ceil(math.sqrt(count))
    rows, columns = int(read_number(header, "Rows", 0)), int(read_number(header, "Columns", 0))
    height, width = rows // across, columns // across
    if not height or not width:
        return []
    row, column = np.array(cosines[:3]), np.array(cosines[3:])
    corner = place + row * spacing[1] * (columns - width) / 2 + column * spacing[0] * (rows - height) / 2
    tiles: list[Tile] = []
    for index in range(count):
        left, top = index % across * width, index // across * height
        there = corner + index * step * normal
        values = {"Rows": height, "Columns": width, "ImagePositionPatient": there.tolist(), "NumberOfFrames": 1}
        tiles.append(((left, top, left + width, top + height), values))
    return tiles


def tell_whole(header: Dataset) -> str:
    """Why a mosaic is shown whole."""
    return f"shown whole: {_read_csa(header)[2] or _LACKING}"


def _read_csa(header: Dataset) -> tuple[int, np.ndarray | None, str]:
    """Number of slices and the direction of their step, or what is wrong with the private header."""
    blocks = (image for creator, image in _BLOCKS if "SIEMENS CSA HEADER" in str(header.get(creator, "")).upper())
    data = next((header[image] for image in blocks if image in header), None)
    if data is None:
        return 0, None, _MISSING
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nibabel.nicom import csareader
    # nibabel asserts, and takes the second tag of a header for granted
    damaged = (
        csareader.CSAError,
        struct.error,
        ValueError,
        TypeError,
        OverflowError,
        AssertionError,
        UnboundLocalError,
    )
    try:
        found = csareader.read(bytes(data.value))
        count, normal = csareader.get_n_mosaic(found), csareader.get_slice_normal(found)
        if count is None or normal is None:
            return 0, None, _LACKING
        number, step = int(count), np.asarray(normal, float)
    except damaged as error:
        return 0, None, f"the private header that tells its slices apart is damaged ({type(error).__name__})"
    if not 0 < number <= MAX_TILES or not 0.9 < float(np.linalg.norm(step)) < 1.1:
        return 0, None, f"its private header claims {number} slices along {step.tolist()}"
    return number, step, ""
