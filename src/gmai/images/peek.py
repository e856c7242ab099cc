"""What a file holds, told from its content and never from its name, without decoding a pixel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gmai.types import ImageKind

_NIFTI_SIZES = {b"\x5c\x01\0\0", b"\0\0\x01\x5c", b"\x1c\x02\0\0", b"\0\0\x02\x1c"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """One file's kind and size, and of DICOM its place among others; every id is a keyed hash."""

    kind: ImageKind
    width: int
    height: int
    shown: str
    """The path, if it spells no identifier of the file's header; else a keyed hash of it."""
    orientation: int = 1
    """EXIF orientation of a raster picture, 1 to 8; width and height are those before the turn."""
    series: str = ""
    """Files of the same DICOM series and grid share it; files without a position stand alone."""
    instance: str = ""
    subject: str = ""
    study: str = ""
    modality: str = ""
    """DICOM's code of the modality, such as CT."""
    object: Literal["image", "seg", "rtstruct", "other"] = "image"
    """What a DICOM file holds: a picture, a segmentation, a structure set, or what is no picture to look at."""
    references: tuple[str, ...] = ()
    """Of a segmentation or structure set, ``instance`` of every picture it speaks of, sorted."""
    frame_of_reference: str = ""
    """DICOM files whose positions compare share it."""
    holds: Mapping[str, int] = field(default_factory=dict)
    """Of a segmentation or structure set: its segments or structures (``annotation``) and ``contour``s."""


def find_kind(path: Path) -> ImageKind:
    """Tell the kind of a file from its first bytes; what is no DICOM, NIfTI or NPZ is taken for a raster picture."""
    with path.open("rb") as file:
        first = file.read(132)
    if first[128:132] == b"DICM" or first[:2] in {b"\x08\x00", b"\x02\x00"}:
        return "dicom"
    if first[:4] in _NIFTI_SIZES or first[:2] == b"\x1f\x8b":
        return "nifti"
    return "npz" if first[:4] == b"PK\x03\x04" else "raster"


def peek(path: Path, relative: str) -> Peek:
    """Read a file's header.

    Args:
        path: the file.
        relative: its path below the source's root, with forward slashes.

    Raises:
        ImageError: the header cannot be read, or says that there is no picture.
    """
    kind = find_kind(path)
    if kind == "dicom":
        from gmai.images.dicom_header import read_dicom_header

        return read_dicom_header(path, relative)
    if kind == "nifti":
        from gmai.images.nifti import read_nifti_header

        shape = read_nifti_header(path).get_data_shape()
        return Peek(kind=kind, width=int(shape[0]), height=int(shape[1]), shown=relative)
    if kind == "npz":
        return Peek(kind=kind, width=0, height=0, shown=relative)
    from gmai.images.raster import _orientation, open_raster

    with open_raster(path) as image:
        decodes = image.format == "PNG" and "exif" not in image.info  # Pillow looks behind the pixels then
        turned = 1 if decodes else _orientation(image, path)
        return Peek(kind=kind, width=image.width, height=image.height, orientation=turned, shown=relative)
