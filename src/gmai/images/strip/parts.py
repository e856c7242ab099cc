"""What the strippers share: their result, their error, and the orientation inside an EXIF block."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from gmai.errors import ImageError

ORIENTATION = 274


@dataclass(frozen=True, slots=True)
class Stripped:
    """A cleaned file."""

    data: bytes
    removed: tuple[str, ...] = ()
    """What was taken out, by name, such as ``exif``; sorted, each once."""


Stripper = Callable[[bytes], Stripped]


def broken(what: str) -> ImageError:
    """The error of a file that is not built as its kind must be."""
    return ImageError(f"metadata cannot be removed: {what}", reason="strip.broken")


def stripped(parts: list[bytes], removed: set[str]) -> Stripped:
    """The result of a stripper that kept ``parts`` in their order."""
    return Stripped(b"".join(parts), tuple(sorted(removed)))


def find_orientation(exif: bytes) -> int:
    """The orientation that a TIFF-structured EXIF block states; 1 where it states none or cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:
        return 1
    (start,) = struct.unpack_from(f"{order}I", exif, 4)
    if start + 2 > len(exif):
        return 1
    (count,) = struct.unpack_from(f"{order}H", exif, start)
    for place in range(start + 2, min(start + 2 + 12 * count, len(exif) - 11), 12):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, place)
        if tag == ORIENTATION and kind == 3 and 1 <= value <= 8:
            return int(value)
    return 1


def exif_of(orientation: int) -> bytes:
    """An EXIF block that states an orientation and nothing else."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)
