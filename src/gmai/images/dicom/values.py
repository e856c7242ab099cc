"""From stored pixels to values with a meaning, and how the header says they are to be shown.

The order is DICOM's (PS3.3 C.11): modality table or rescaling first, then the VOI window or table.
"""

import warnings
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.pixels import apply_modality_lut

from gmai.errors import ImageError
from gmai.images.deid.suspect import carries_text
from gmai.images.dicom.damage import UNREADABLE
from gmai.images.dicom.header import read_number, read_numbers
from gmai.images.window import HeaderWindow, Table

_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


def to_values(pixels: np.ndarray, header: Dataset, where: str) -> np.ndarray:
    """Values of grey pixels: Hounsfield units, activity, or what the file calls them.

    Raises:
        ImageError: ``dicom.header``: the modality table is damaged.
    """
    if header.get("ModalityLUTSequence"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return np.asarray(apply_modality_lut(pixels, header))
        except UNREADABLE as error:
            what = f"a damaged modality table: {type(error).__name__}"
            raise ImageError(what, where=where, reason="dicom.header") from None
    slope, intercept = read_number(header, "RescaleSlope", 1), read_number(header, "RescaleIntercept", 0)
    if slope == 1 and intercept.is_integer() and pixels.dtype.kind in "iu" and pixels.dtype.itemsize <= 2:
        return _add(pixels, int(intercept))
    if slope == 1 and intercept == 0 and pixels.dtype.kind == "f":
        return pixels
    scaled: np.ndarray = pixels.astype(np.float32) * np.float32(slope) + np.float32(intercept)
    return scaled


def _add(pixels: np.ndarray, intercept: int) -> np.ndarray:
    low, high = min(int(pixels.min()) + intercept, intercept), max(int(pixels.max()) + intercept, intercept)
    small = low >= -32768 and high <= 32767
    shifted: np.ndarray = np.add(pixels, intercept, dtype=np.int16 if small else np.int32, casting="unsafe")
    return shifted


def find_padding(header: Dataset) -> tuple[float, float] | None:
    """First and last of the values that stand for no part of the picture (PS3.3 C.7.5.1.1.2)."""
    first = read_numbers(header, "PixelPaddingValue")
    if first is None or header.get("ModalityLUTSequence"):
        return None
    last = read_numbers(header, "PixelPaddingRangeLimit") or first
    slope, intercept = read_number(header, "RescaleSlope", 1), read_number(header, "RescaleIntercept", 0)
    ends = sorted((first[0] * slope + intercept, last[0] * slope + intercept))
    return ends[0], ends[1]


def find_header_window(header: Dataset) -> HeaderWindow | None:
    """The first VOI table of a header, or its first window.

    Raises:
        ImageError: ``dicom.header``.
    """
    for item in (header.get("VOILUTSequence") or ())[:1]:
        if (table := _read_table(item)) is not None:
            width = len(table.grey)
            return HeaderWindow(table.first + width / 2, width, "TABLE", table)
    centre, width_ = read_numbers(header, "WindowCenter"), read_numbers(header, "WindowWidth")
    if centre is None or width_ is None:
        return None
    function = str(header.get("VOILUTFunction") or "LINEAR").strip().upper()
    return HeaderWindow(centre[0], width_[0], function if function in _FUNCTIONS else "LINEAR")


def _read_table(item: Dataset) -> Table | None:
    descriptor = read_numbers(item, "LUTDescriptor", 3)
    data = item.get("LUTData")
    if descriptor is None or data is None:
        return None
    size, first, bits = (int(each) for each in descriptor)
    size = size or 2**16
    if isinstance(data, bytes):
        values = np.frombuffer(data, np.uint8 if len(data) == size else "<u2").astype(np.float64)
    else:
        values = np.atleast_1d(np.asarray(data, np.float64))
    if len(values) < size or not 1 <= bits <= 16:
        raise ImageError("a VOI table shorter than it says", reason="dicom.header")
    grey = np.rint(np.clip(values[:size] * 255.0 / (2**bits - 1), 0, 255)).astype(np.uint8)
    return Table(float(first), grey.tobytes())


def tell(header: Dataset, overlays: int) -> dict[str, Any]:
    """What a reader of the provenance should know of a file: its modality, and what was left as it is."""
    told: dict[str, Any] = {"modality": str(header.get("Modality") or "")}
    if str(header.get("BurnedInAnnotation") or "").upper() == "YES":
        told["burned_in_annotation"] = True
    if carries_text(header):
        told["carries_text"] = True
    if overlays:
        told["overlays"] = f"{overlays}, not drawn"
    windows = read_window_count(header)
    if windows > 1:
        told["windows"] = f"{windows}, the first is the header's window"
    if header.get("ModalityLUTSequence"):
        told["modality_table"] = True
    return told


def read_window_count(header: Dataset) -> int:
    """How many windows and VOI tables a header gives."""
    centres = header.get("WindowCenter")
    several = centres is not None and not isinstance(centres, str | int | float)
    num_centres = len(centres) if several else int(centres is not None)
    return num_centres + len(header.get("VOILUTSequence") or ())
