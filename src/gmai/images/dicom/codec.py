"""Decoders beside pydicom's own set, in the form of its plug-ins.

JPEG of 12 bits comes from imagecodecs where it is installed (the extra ``dicom``); JPEG 2000, high-throughput
too, from openjpeg, which answers damaged frames with an error.
"""

from importlib.util import find_spec
from typing import Any

import numpy as np
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGExtended12Bit,
)

DECODER_DEPENDENCIES = {
    JPEGExtended12Bit: ("imagecodecs>=2024.1",),
    JPEG2000Lossless: ("pylibjpeg-openjpeg>=2.4",),
    JPEG2000: ("pylibjpeg-openjpeg>=2.4",),
    HTJ2KLossless: ("pylibjpeg-openjpeg>=2.4",),
    HTJ2KLosslessRPCL: ("pylibjpeg-openjpeg>=2.4",),
    HTJ2K: ("pylibjpeg-openjpeg>=2.4",),
}
"""What each coding needs, as pydicom asks it of a plug-in."""


def is_available(uid: str) -> bool:
    """True if the package that decodes a transfer syntax is there."""
    return find_spec("imagecodecs" if UID(uid) == JPEGExtended12Bit else "openjpeg") is not None


def _decode_frame(src: bytes, runner: Any) -> bytearray:
    """Decode one frame, as pydicom's ``DecodeRunner`` wants it."""
    if runner.transfer_syntax == JPEGExtended12Bit:
        import imagecodecs

        pixels: np.ndarray = imagecodecs.jpeg8_decode(src)
        runner.set_option("bits_allocated", 8 * pixels.dtype.itemsize)
        return bytearray(np.ascontiguousarray(pixels).tobytes())
    from openjpeg.utils import decode_pixel_data, get_parameters

    precision = int(get_parameters(src)["precision"])
    runner.set_option("bits_allocated", 8 if precision <= 8 else 16 if precision <= 16 else 32)
    if runner.samples_per_pixel > 1:
        runner.set_option("planar_configuration", 0)
    return bytearray(decode_pixel_data(src, version=2))
