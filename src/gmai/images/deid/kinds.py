"""Which kinds of file can be cleaned, and how each is told from its first bytes."""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from gmai.base import Registry
from gmai.images.deid.nifti import unpack_gzip
from gmai.images.deid.result import Cleaned, Rename
from gmai.images.strip import find_raster_kind, strip_metadata

CLEANERS: Registry[Callable[[bytes, Rename], Cleaned]] = Registry(
    "cleaners",
    {
        "arrays": "gmai.images.deid.arrays:clean_arrays",
        "dicom": "gmai.images.deid.kinds:clean_packed_dicom",
        "metaimage": "gmai.images.deid.text_header:clean_metaimage",
        "nifti": "gmai.images.deid.nifti:clean_nifti",
        "nrrd": "gmai.images.deid.text_header:clean_nrrd",
        "raster": "gmai.images.deid.kinds:clean_raster",
    },
)
"""Kinds of file that can be cleaned; of all others nothing is known, and they are left out."""
_NIFTI = {b"\x5c\x01\0\0", b"\0\0\x01\x5c", b"\x1c\x02\0\0", b"\0\0\x02\x1c"}
_HEAD_BYTES = 4096


def find_clean_kind(path: Path) -> str | None:
    """The cleaner for a file, told from its first bytes; None if there is none."""
    with path.open("rb") as file:
        first = file.read(_HEAD_BYTES)
    packed = first[:2] == b"\x1f\x8b"
    if packed:
        try:
            first = zlib.decompressobj(31).decompress(first, 1024)
        except zlib.error:
            return None
    if first[128:132] == b"DICM" or first[:4] in {b"\x08\x00\x00\x00", b"\x08\x00\x05\x00", b"\x02\x00\x00\x00"}:
        return "dicom"
    if first[:2] == b"\x08\x00" and not packed and first[3:4] == b"\0":
        return "dicom"
    if first[:4] in _NIFTI:
        return "nifti"
    if packed:
        return None
    if find_raster_kind(first[:16]) is not None:
        return "raster"
    if first[:4] == b"NRRD":
        return "nrrd"
    if first[:6] == b"\x93NUMPY" or first[:4] == b"PK\x03\x04" and path.suffix.lower() == ".npz":
        return "arrays"
    return "metaimage" if b"NDims" in first and b"=" in first and b"ObjectType" in first[:512] else None


def clean_raster(data: bytes, _rename: Rename) -> Cleaned:
    """Clean a raster picture."""
    found = strip_metadata(data)
    return Cleaned(found.data, Counter({"removed": len(found.removed), **dict.fromkeys(found.removed, 1)}))


def clean_packed_dicom(data: bytes, _rename: Rename, more_words: frozenset[str] = frozenset()) -> Cleaned:
    """Clean a DICOM file, packed with gzip or not."""
    from gmai.images.deid.dicom import clean_dicom

    if data[:2] != b"\x1f\x8b":
        return clean_dicom(data, more_words)
    found = clean_dicom(unpack_gzip(data), more_words)
    return Cleaned(gzip.compress(found.data, 6, mtime=0), found.counts, found.unclean, found.suspect)
