"""What a file holds, told from its content and never from its name, without decoding a pixel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gmai.images.dicom.file import is_packed_dicom, starts_like_dicom
from gmai.images.magic import find_volume_kind
from gmai.images.slide.magic import find_slide_kind
from gmai.images.video.magic import is_video
from gmai.types import ImageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """One file's kind and size, and of DICOM its place among others; every id is a keyed hash."""

    kind: ImageKind
    width: int
    height: int
    shown: str
    """The path, if it spells no identifier of the file's header; else a keyed hash of it."""
    private: tuple[str, ...] = ()
    """Folders and name of the path that spell one, which must not leave as a label or subject either."""
    orientation: int = 1
    """EXIF orientation of a raster picture, 1 to 8; width and height are those before the turn."""
    frames: int = 1
    """Pages or frames of a raster file, volumes of a volume file."""
    parts: tuple[str, ...] = ()
    """Paths of the other files that hold the rest of this one, such as the voxels beside a header."""
    arrays: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """Name and shape of the arrays of an archive; of a single array the name is empty."""
    series: str = ""
    """Files of the same DICOM series and grid share it; files without a position stand alone."""
    whole_series: str = ""
    """Files of the same DICOM series share it, whatever their grids."""
    grid: tuple[float, ...] = ()
    """Of a DICOM slice with a place: rows, columns, samples of a pixel, six cosines, spacing; nearly the same for all
    slices of a volume."""
    instance: str = ""
    subject: str = ""
    study: str = ""
    visit: str = ""
    """The day of the study, moved back by the subject's keyed number of days, as 2024-01-31."""
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
    """Tell the kind of a file from its first bytes; what is of no other kind is taken for a raster picture."""
    with path.open("rb") as file:
        first = file.read(192)
    if starts_like_dicom(first) or (first[:2] == b"\x1f\x8b" and is_packed_dicom(path)):
        return "dicom"
    if (volume := find_volume_kind(path)) is not None:
        return volume
    if first[:4] == b"PK\x03\x04" or first[:6] == b"\x93NUMPY":
        return "npz"
    if is_video(first):
        return "video"
    return "slide" if find_slide_kind(path) else "raster"


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
        from gmai.images.dicom.header import read_dicom_header

        return read_dicom_header(path, relative)
    if kind == "npz":
        from gmai.images.arrays import read_shapes

        return Peek(kind=kind, width=0, height=0, arrays=read_shapes(path), shown=relative)
    if kind in {"slide", "video"}:  # their libraries run in worker processes only
        return Peek(kind=kind, width=0, height=0, shown=relative)
    from gmai.images.open import VOLUMES

    if kind != "raster" and kind in VOLUMES.names():
        found = VOLUMES.get(kind).outline(path)
        home = relative.rpartition("/")[0]
        parts = tuple(f"{home}/{part}" if home else part for part in found.parts)
        return Peek(
            kind=kind, width=found.width, height=found.height, frames=found.volumes, parts=parts, shown=relative
        )
    from gmai.images.raster import count_frames, open_raster, read_orientation

    with open_raster(path) as image:
        decodes = image.format == "PNG" and "exif" not in image.info  # Pillow looks behind the pixels then
        turned = 1 if decodes else read_orientation(image, path)
        frames = count_frames(image, path)
        return Peek(
            kind=kind, width=image.width, height=image.height, orientation=turned, frames=frames, shown=relative
        )
