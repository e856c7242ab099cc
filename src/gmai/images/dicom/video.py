"""The video stream that a DICOM file of an endoscope or ultrasound machine holds, taken out of its fragments."""

import warnings
from pathlib import Path

import pydicom
from pydicom.encaps import generate_fragments

from gmai.base import open_bounded
from gmai.errors import ImageError
from gmai.images.dicom.damage import UNREADABLE
from gmai.images.dicom.syntax import VIDEO, find_syntax

MAX_STREAM_BYTES = 2**31


def read_stream(path: Path) -> bytes:
    """The encapsulated stream.

    Raises:
        ImageError: ``video.not_a_video``: pictures, or none; ``video.too_large``; ``dicom.unreadable``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with open_bounded(path) as file:
                header = pydicom.dcmread(file, force=True, stop_before_pixels=True)
            if find_syntax(header) not in VIDEO:
                raise ImageError("a DICOM file without a video stream", where=str(path), reason="video.not_a_video")
            if path.stat().st_size > MAX_STREAM_BYTES:
                raise ImageError("a stream of more than 2 GiB", where=str(path), reason="video.too_large")
            with open_bounded(path) as file:
                whole = pydicom.dcmread(file, force=True)
                fragments = list(generate_fragments(whole.PixelData))
    except UNREADABLE as error:
        what = f"a damaged header: {type(error).__name__}"
        raise ImageError(what, where=str(path), reason="dicom.unreadable") from None
    return b"".join(fragments[1:])  # the first one is the table of offsets
