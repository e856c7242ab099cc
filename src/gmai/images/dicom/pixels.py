"""Pixels of a DICOM file, decoded and checked: as stored, in colours, or through the table the header asks for."""

import warnings
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from pydicom import Dataset
from pydicom.pixels import apply_color_lut, iter_pixels, pixel_array

from gmai.base import hash_bytes
from gmai.errors import ImageError
from gmai.images.dicom.damage import UNDECODABLE
from gmai.images.dicom.frames import FORMAT, File, check_size, read_bytes
from gmai.images.dicom.header import PIXELS, convert_elements, read_dicom, read_number
from gmai.images.dicom.syntax import check_syntax, find_plugin, find_syntax


def is_colour(header: Dataset) -> bool:
    """True if a file's pictures are in colour."""
    return read_number(header, "SamplesPerPixel", 1) > 1 or _is_palette(header)


def _is_palette(header: Dataset) -> bool:
    return str(header.get("PhotometricInterpretation") or "").strip().upper() == "PALETTE COLOR"


def decode(file: File, wanted: Sequence[int]) -> tuple[str, np.ndarray]:
    """Decode frames of a file.

    Args:
        file: the file.
        wanted: numbers of the frames, from 0, ascending.

    Returns:
        SHA-256 of the file's bytes; pixels as stored (frames, rows, columns), or 8-bit RGB (frames, rows, columns, 3).

    Raises:
        ImageError: ``dicom.no_pixels``, ``dicom.truncated``, ``dicom.too_large`` (before decoding), ``dicom.syntax``,
            ``dicom.video`` or ``dicom.pixels``.
    """
    data, plain = read_bytes(file)
    header = read_dicom(BytesIO(plain), (*FORMAT, *PIXELS), where=file.shown, pixels=True)
    convert_elements(header, file.shown)
    if not any(header.get(name) for name in PIXELS):
        raise ImageError("the DICOM file holds no pixels", where=file.shown, reason="dicom.no_pixels")
    check_size(header, file.shown)
    check_syntax(header, file.shown)
    if _is_palette(header):
        header.update({each.tag: each for each in file.header if "PaletteColorLookupTable" in each.keyword})
    pixels = _decode(header, wanted, file)
    return hash_bytes(data), pixels


def _decode(header: Dataset, wanted: Sequence[int], file: File) -> np.ndarray:
    shift, plugin = _widen_bits(header), find_plugin(header)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if len(wanted) == file.num_frames:
                pixels = pixel_array(header, decoding_plugin=plugin, allow_excess_frames=False)
                pixels = pixels if file.num_frames > 1 else pixels[None]
            else:
                pixels = np.stack(list(iter_pixels(header, decoding_plugin=plugin, indices=wanted)))
            if len(pixels) != len(wanted) or pixels.shape[1:3] != (header.Rows, header.Columns):
                raise ValueError(f"frames of the shape {pixels.shape}")
            if _is_palette(header):
                return _to_bytes(np.asarray(apply_color_lut(pixels, header)), None)
    except MemoryError:
        raise ImageError("the pixels do not fit into memory", where=file.shown, reason="dicom.too_large") from None
    except UNDECODABLE as error:
        raise _decode_error(error, file.shown) from None
    if is_colour(header):
        return _to_bytes(pixels, int(read_number(header, "BitsStored", 8)))
    shifted: np.ndarray = pixels >> shift if shift else pixels
    return shifted


def _decode_error(error: Exception, where: str) -> ImageError:
    if "number of bytes" in str(error) or isinstance(error, EOFError):
        return ImageError("fewer pixels than the header claims", where=where, reason="dicom.truncated")
    why = " ".join(str(error).split())[:200]
    return ImageError(f"the pixels cannot be decoded: {why}", where=where, reason="dicom.pixels")


def _widen_bits(header: Dataset) -> int:
    """Make pydicom keep bits that do not end at bit 0, and tell how far they are to be shifted down afterwards."""
    stored, high = int(read_number(header, "BitsStored", 0)), int(read_number(header, "HighBit", 0))
    if not stored or high + 1 <= stored or find_syntax(header).is_encapsulated:
        return 0
    header.BitsStored = high + 1
    return high + 1 - stored


def _to_bytes(pixels: np.ndarray, bits: int | None) -> np.ndarray:
    """Colours as 8-bit; ``bits`` are those of a sample, all of its type's where none are given."""
    if pixels.dtype == np.uint8:
        return pixels
    bits = 8 * pixels.dtype.itemsize if bits is None else bits
    shown: np.ndarray = (pixels >> max(bits - 8, 0)).astype(np.uint8)
    return shown
