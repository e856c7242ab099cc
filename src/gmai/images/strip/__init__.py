"""Raster files without their metadata: what is coded as pixels stays byte for byte, everything else goes.

EXIF, GPS, XMP, IPTC, comments, text chunks, thumbnails, colour profiles, time stamps, application segments, and
whatever lies before, between or behind the parts of the file. What stays is what a decoder needs: tables, palette,
transparency, scan data, animation timing, resolution, gamma; and the orientation, in an EXIF block of its own, where it
is not 1. Colour profiles go whole: their description, copyright and maker fields are free text, and no reader of gmai
applies them. A file without metadata comes back byte for byte.
"""

from collections.abc import Callable
from mmap import mmap

from gmai.base import Registry
from gmai.errors import ImageError
from gmai.images.strip.parts import Stripped, Stripper

__all__ = ["STRIPPERS", "Stripped", "find_raster_kind", "strip_large_tiff", "strip_metadata"]

STRIPPERS: Registry[Stripper] = Registry(
    "strippers",
    {
        "bmp": "gmai.images.strip.bmp:strip",
        "gif": "gmai.images.strip.gif:strip",
        "jpeg": "gmai.images.strip.jpeg:strip",
        "png": "gmai.images.strip.png:strip",
        "tiff": "gmai.images.strip.tiff:strip",
        "webp": "gmai.images.strip.webp:strip",
    },
)
"""Kinds of raster file that can be cleaned without decoding them."""
_SIGNS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("jpeg", lambda first: first[:3] == b"\xff\xd8\xff"),
    ("png", lambda first: first[:8] == b"\x89PNG\r\n\x1a\n"),
    ("gif", lambda first: first[:6] in {b"GIF87a", b"GIF89a"}),
    ("webp", lambda first: first[:4] == b"RIFF" and first[8:12] == b"WEBP"),
    ("bmp", lambda first: first[:2] == b"BM"),
    ("tiff", lambda first: first[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}),
)


def find_raster_kind(first: bytes) -> str | None:
    """The kind of a raster file that can be cleaned, from its first 16 bytes; None of any other."""
    return next((name for name, test in _SIGNS if test(first)), None)


def strip_metadata(data: bytes) -> Stripped:
    """A raster file without its metadata.

    Args:
        data: the file's bytes.

    Raises:
        ImageError: ``strip.unknown``: of no kind that can be cleaned; ``strip.broken``: not built as its kind must be.
    """
    kind = find_raster_kind(data[:16])
    if kind is None:
        raise ImageError("metadata of this kind of file cannot be removed", reason="strip.unknown")
    return STRIPPERS.get(kind)(data)


def strip_large_tiff(data: mmap) -> tuple[str, ...]:
    """Clean a TIFF, such as a slide, in a file that is mapped into memory; its length stays.

    Args:
        data: the mapped copy of the file.

    Returns:
        What was taken out.

    Raises:
        ImageError: ``strip.broken``; ``strip.slide``: of a maker whose layout cannot be kept without its metadata.
    """
    from gmai.images.strip.tiff import strip_in_place

    return strip_in_place(data)
