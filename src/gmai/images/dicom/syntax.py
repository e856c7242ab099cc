"""Which codings of pixels (transfer syntaxes) are read, and who would read the others."""

from functools import cache

from pydicom import Dataset
from pydicom.pixels import get_decoder
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGExtended12Bit,
)

from gmai.errors import ImageError

_CODEC = ("gmai.images.dicom.codec", "_decode_frame")
_JPEG_2000 = (JPEG2000Lossless, JPEG2000)
_OWN = (JPEGExtended12Bit, *_JPEG_2000, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K)
_STREAM = "1.2.840.10008.1.2.4."
VIDEO = frozenset(f"{_STREAM}{number}{end}" for number in range(100, 109) for end in ("", ".1"))
_JPEG_XL = {f"{_STREAM}110": "Lossless", f"{_STREAM}111": "JPEG Recompression", f"{_STREAM}112": "any"}
_NEEDS_12_BIT = "pip install 'gmai[dicom]'"


def check_syntax(header: Dataset, where: str) -> None:
    """Refuse a coding that nothing installed reads, before anything is decoded.

    Raises:
        ImageError: ``dicom.video``: a film, not pictures; ``dicom.syntax``, with the package that would read it.
    """
    add_codecs()
    uid = find_syntax(header)
    if uid in VIDEO:
        what = f"the pixels are a video stream ({uid.name}), no pictures"
        raise ImageError(what, where=where, fix="read the file as a video", reason="dicom.video")
    try:
        decoder = None if uid in _JPEG_XL else get_decoder(uid)
    except NotImplementedError:
        decoder = None
    if decoder is None:
        name = f"JPEG XL {_JPEG_XL[uid]}" if uid in _JPEG_XL else uid.name
        raise ImageError(f"no decoder for {name} ({uid})", where=where, reason="dicom.syntax")
    if not decoder.is_available:
        needs = "; ".join(str(each) for each in decoder.missing_dependencies)
        raise ImageError(f"no decoder for {uid.name} ({uid})", where=where, fix=needs, reason="dicom.syntax")
    if uid == JPEGExtended12Bit and header.get("BitsStored", 8) > 8 and _CODEC_NAME not in decoder.available_plugins:
        what = f"no decoder for {uid.name} of more than 8 bits ({uid})"
        raise ImageError(what, where=where, fix=_NEEDS_12_BIT, reason="dicom.syntax")


def find_syntax(header: Dataset) -> UID:
    """Transfer syntax of a file, as its meta header or the way it was parsed says.

    Raises:
        ImageError: ``dicom.header``: the element holds no UID; what it holds is not told, for it may be anything.
    """
    uid = getattr(header, "file_meta", {}).get("TransferSyntaxUID")
    if uid is None:
        implicit, little = header.original_encoding
        uid = "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2"
    if not isinstance(uid, str) or not UID(uid).is_valid:
        raise ImageError("a damaged transfer syntax", reason="dicom.header")
    return UID(uid)


def find_plugin(header: Dataset) -> str:
    """Which decoder to use; empty for the first that works. That of gdcm ends the process at damaged JPEG 2000."""
    return _CODEC_NAME if find_syntax(header) in _JPEG_2000 else ""


_CODEC_NAME = "gmai"


@cache
def add_codecs() -> None:
    """Make this room's decoders known to pydicom, once in a process."""
    for uid in _OWN:
        get_decoder(uid).add_plugin(_CODEC_NAME, _CODEC)
