"""MetaImage volumes (.mha, or .mhd with its voxels beside it), in canonical orientation.

Positions are LPS, as ITK writes them. A flat picture, or a file without a direction matrix, does not say how it lies in
the patient.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gmai.errors import ImageError
from gmai.images.volume import Volume
from gmai.images.voxels import (
    Grid,
    Outline,
    Packing,
    Stored,
    VolumeFormat,
    as_numbers,
    build_volume,
    find_part,
    outline_grid,
    read_grid,
)

LONGEST_HEADER = 1 << 16
_DTYPES = {
    **{"CHAR": "i1", "UCHAR": "u1", "SHORT": "i2", "USHORT": "u2", "INT": "i4", "UINT": "u4", "FLOAT": "f4"},
    **{"LONG": "i4", "ULONG": "u4", "LONG_LONG": "i8", "ULONG_LONG": "u8", "DOUBLE": "f8"},
}
_ORIGINS = ("offset", "origin", "position")
_MATRICES = ("transformmatrix", "rotation", "orientation")


@dataclass(slots=True)
class _Header:
    path: Path
    fields: dict[str, str] = field(default_factory=dict)
    end: int = 0
    """Bytes before the voxels, where they follow."""

    def first(self, *names: str) -> str:
        return next((self.fields[name] for name in names if name in self.fields), "")

    def true(self, *names: str) -> bool:
        return self.first(*names).lower() in {"true", "1", "yes"}

    def error(self, what: str, reason: str = "unreadable", fix: str = "") -> ImageError:
        return ImageError(what, where=str(self.path), reason=f"metaimage.{reason}", fix=fix)

    def numbers(self, *names: str, count: int) -> list[float] | None:
        """``count`` numbers of the first of the fields that is there; None if none is."""
        text = self.first(*names)
        try:
            found = [float(word) for word in text.split()]
        except ValueError:
            found = []
        if text and (len(found) < count or not np.isfinite(found).all()):
            raise self.error(f"no {count} numbers in {names[0]}: {text[:80]!r}")
        return found[:count] if text else None


def read_metaimage(path: Path, index: int = 0) -> Volume:
    """Read a volume as (z, y, x); whole numbers stay whole.

    Args:
        path: the file, or the header beside its voxels.
        index: which volume, of a file with several; told in ``steps``.

    Raises:
        ImageError: ``metaimage.unreadable``, ``metaimage.too_large`` (nothing was allocated), ``metaimage.dtype``,
            ``metaimage.dimensions``, ``metaimage.truncated``, ``metaimage.outside`` and ``metaimage.part_missing``
            (voxels in another file), ``metaimage.unsupported``, ``volume.index``.
    """
    header = _read_header(path)
    grid = _grid(header)
    values = as_numbers(read_grid(grid, index))
    affine, oriented = _affine(header)
    if not oriented:
        grid.told["orientation"] = "not stated in the file, taken for LPS"
    return build_volume("metaimage", path, grid, values, affine, oriented=oriented)


def outline_metaimage(path: Path) -> Outline:
    """What the header says.

    Raises:
        ImageError: as :func:`read_metaimage`, but for the voxels.
    """
    return outline_grid(path, _grid(_read_header(path)))


def _read_header(path: Path) -> _Header:
    header = _Header(path)
    with path.open("rb") as file:
        while line := file.readline(LONGEST_HEADER):
            name, equals, value = line.decode("latin-1").partition("=")
            if not equals or file.tell() > LONGEST_HEADER:
                raise header.error("no MetaImage header")
            header.fields[name.strip().lower()] = value.strip()
            if name.strip().lower() == "elementdatafile":
                header.end = file.tell()
                return header
    raise header.error("a MetaImage header that names no voxels")


def _grid(header: _Header) -> Grid:
    axes = header.first("ndims")
    if axes not in {"2", "3", "4"}:
        raise header.error(f"{axes or 'no'} axes", "dimensions")
    sizes = [int(size) for size in header.numbers("dimsize", count=int(axes)) or [0]]
    if min(sizes) < 1:
        raise header.error(f"axes of sizes {sizes}", "dimensions")
    channels = int((header.numbers("elementnumberofchannels", count=1) or [1])[0])
    shape, volumes = (*sizes, 1)[:3], sizes[3] if len(sizes) == 4 else 1
    stored = _stored(header, sizes, channels)
    if channels < 1 or (channels > 1 and volumes > 1):
        raise header.error(f"{channels} values a voxel in {volumes} volumes", "dimensions")
    colours = channels if channels in (3, 4) and stored.dtype == np.uint8 else 0
    return Grid(
        stored=stored,
        shape=(shape[0], shape[1], shape[2]),
        volumes=volumes if channels == 1 else 1 if colours else channels,
        colours=colours,
        volumes_first=channels > 1,
    )


def _stored(header: _Header, sizes: list[int], channels: int) -> Stored:
    name = header.first("elementtype").upper().removeprefix("MET_").removesuffix("_ARRAY")
    if name not in _DTYPES:
        raise header.error(f"voxels of type {name}", "dtype")
    order = ">" if header.true("binarydatabyteordermsb", "elementbyteordermsb") else "<"
    packing: Packing = "zlib" if header.true("compresseddata") else "raw"
    if header.fields.get("binarydata", "True").lower() not in {"true", "1", "yes"}:
        packing = "ascii"
    where = header.first("elementdatafile")
    if where.upper().startswith("LIST") or "%" in where:
        raise header.error("voxels in several files", "unsupported", "SimpleITK reads it; save it again as one file")
    local = where.upper() == "LOCAL"
    data = header.path if local else find_part(header.path, where, "metaimage")
    skip = int((header.numbers("headersize", count=1) or [0])[0])
    begin = header.end if local else max(skip, 0)
    return Stored(
        path=data,
        dtype=np.dtype(order + _DTYPES[name]),
        total=int(np.prod(sizes, dtype=object)) * channels,
        offset=-1 if skip < 0 and packing == "raw" else 0 if packing == "zlib" else begin,
        packed_at=begin if packing == "zlib" else 0,
        packing=packing,
        kind="metaimage",
    )


def _affine(header: _Header) -> tuple[np.ndarray, bool]:
    """From (i, j, k, 1) to RAS, and whether the file says how the volume lies in the patient."""
    axes = int(header.first("ndims"))
    matrix = header.numbers(*_MATRICES, count=axes * axes)
    spacing = header.numbers("elementspacing", "elementsize", count=axes) or [1.0] * axes
    origin = header.numbers(*_ORIGINS, count=axes) or [0.0] * axes
    used = min(axes, 3)
    affine = np.eye(4)
    if matrix is not None:
        rows = np.array(matrix).reshape(axes, axes)  # each row is the direction of one axis
        affine[:used, :used] = rows[:used, :used].T
    affine[:3, :used] *= np.array(spacing[:used])
    affine[:used, 3] = origin[:used]
    turned: np.ndarray = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    return turned, matrix is not None and axes > 2


FORMAT = VolumeFormat(read=read_metaimage, outline=outline_metaimage)
