"""Which kind of volume a file begins like; by name only where a format has no mark of its own."""

import re
import zlib
from pathlib import Path

from gmai.types import ImageKind

HDF5 = b"\x89HDF\r\n\x1a\n"
_START = 512
_NIFTI_SIZES = {b"\x5c\x01\0\0", b"\0\0\x01\x5c", b"\x1c\x02\0\0", b"\0\0\x02\x1c"}
_NIFTI_MAGICS = {b"n+1", b"ni1"}
_META = re.compile(rb"\s*(ObjectType|ObjectSubType|NDims|Comment|TransformType|BinaryData)\s*=", re.IGNORECASE)
_AFNI = re.compile(rb"\s*type\s*=\s*(string|integer|float)-attribute")
_MINC2_NAME = b"minc-2.0"
_MINC2_WITHIN = 1 << 16
HALVES = {".img": (".hdr", ".hdr.gz", ".HDR"), ".brik": (".HEAD", ".head"), ".rec": (".PAR", ".par")}
"""Endings of voxels without any mark, and those of their headers."""


def find_volume_kind(path: Path) -> ImageKind | None:
    """Tell the kind of volume a file holds, or is half of; None if it is none.

    A gzip file is told by what is packed in it. The voxels of a pair have no mark: they are told by their header.
    """
    name = path.name.lower().removesuffix(".gz")
    if headers := HALVES.get(name[name.rfind(".") :]):
        stem = path.name.removesuffix(".gz").rpartition(".")[0]
        for ending in headers:
            if (partner := path.with_name(stem + ending)).is_file():
                return _kind_of(unpacked_start(partner), partner)
    return _kind_of(unpacked_start(path), path)


def _kind_of(first: bytes, path: Path) -> ImageKind | None:
    name = path.name.lower()
    if first[:4] in _NIFTI_SIZES:
        is_nifti = first[4:6] in {b"n+", b"ni"} or first[344:347] in _NIFTI_MAGICS
        return "neuro" if not is_nifti and name.removesuffix(".gz").endswith(".hdr") else "nifti"
    if first[:7] == b"NRRD000":
        return "nrrd"
    if _META.match(first) and (b"ElementDataFile" in first or b"DimSize" in first or b"NDims" in first):
        return "metaimage"
    if first[:4] == b"\0\0\0\x01" and name.endswith((".mgh", ".mgz", ".mgh.gz")):
        return "neuro"
    if first[:4] in {b"CDF\x01", b"CDF\x02"} or first.startswith(b"# === DATA DESCRIPTION FILE") or _AFNI.match(first):
        return "neuro"
    if first[:8] == HDF5 and _is_minc2(path):
        return "neuro"
    return "nifti" if name.endswith(".nii.gz") and is_gzip(path) else None


def is_gzip(path: Path) -> bool:
    """True if a file begins as gzip files do."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def unpacked_start(path: Path) -> bytes:
    """The first bytes of a file, unpacked if it is a gzip file; fewer where it is cut short."""
    with path.open("rb") as file:
        first = file.read(_START)
        if first[:2] != b"\x1f\x8b":
            return first
        first += file.read(1 << 14)
    try:
        return zlib.decompressobj(47).decompress(first, _START)
    except zlib.error:
        return b""


def _is_minc2(path: Path) -> bool:
    with path.open("rb") as file:
        return path.name.lower().endswith(".mnc") or _MINC2_NAME in file.read(_MINC2_WITHIN)
