"""NRRD volumes, with their voxels in the same file or in one beside it, in canonical orientation.

The format is that of https://teem.sourceforge.net/nrrd/format.html. Positions are carried from the space that the file
names to RAS; a file that names none is taken for LPS, as ITK does, and it is told.
"""

import re
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

LONGEST_HEADER = 1 << 20
_TYPES = {
    "i1": "signed char|int8|int8_t",
    "u1": "uchar|unsigned char|uint8|uint8_t",
    "i2": "short|short int|signed short|signed short int|int16|int16_t",
    "u2": "ushort|unsigned short|unsigned short int|uint16|uint16_t",
    "i4": "int|signed int|int32|int32_t",
    "u4": "uint|unsigned int|uint32|uint32_t",
    "i8": "longlong|long long|long long int|signed long long|signed long long int|int64|int64_t",
    "u8": "ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t",
    "f4": "float",
    "f8": "double",
}
_DTYPES = {name: np.dtype(code) for code, names in _TYPES.items() for name in names.split("|")}
_PACKINGS: dict[str, Packing] = {
    **{"raw": "raw", "txt": "ascii", "text": "ascii", "ascii": "ascii"},
    **{"gz": "gzip", "gzip": "gzip", "bz2": "bzip2", "bzip2": "bzip2"},
}
_TO_RAS = {
    **{"right-anterior-superior": (1, 1, 1), "ras": (1, 1, 1)},
    **{"left-anterior-superior": (-1, 1, 1), "las": (-1, 1, 1)},
    **{"left-posterior-superior": (-1, -1, 1), "lps": (-1, -1, 1)},
}
_UNITS = {"mm": 1.0, "millimeter": 1.0, "cm": 10.0, "m": 1000.0, "um": 1e-3, "µm": 1e-3, "microns": 1e-3, "": 1.0}
_SPATIAL = {"domain", "space", "???", "none", ""}
_VECTOR = re.compile(r"\(([^()]*)\)|none", re.IGNORECASE)


@dataclass(slots=True)
class _Header:
    path: Path
    fields: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, str] = field(default_factory=dict)
    """What the writer noted beside the fields (``key:=value``)."""
    end: int = 0
    """Bytes before the voxels, where they follow."""

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def error(self, what: str, reason: str = "unreadable", fix: str = "") -> ImageError:
        return ImageError(what, where=str(self.path), reason=f"nrrd.{reason}", fix=fix)

    def numbers(self, name: str) -> list[float]:
        try:
            found = [float(word) for word in self[name].split()]
        except ValueError:
            raise self.error(f"no numbers in {name}: {self[name][:80]!r}") from None
        return found


def read_nrrd(path: Path, index: int = 0) -> Volume:
    """Read a volume as (z, y, x); whole numbers stay whole.

    Args:
        path: the file, or the header beside its voxels.
        index: which volume, of a file with several; told in ``steps``.

    Raises:
        ImageError: ``nrrd.unreadable``, ``nrrd.too_large`` (nothing was allocated), ``nrrd.dtype``,
            ``nrrd.dimensions``, ``nrrd.truncated``, ``nrrd.outside`` and ``nrrd.part_missing`` (voxels in another
            file), ``nrrd.unsupported``, ``volume.index``.
    """
    header = _read_header(path)
    grid, spatial = _grid(header)
    values = as_numbers(read_grid(grid, index))
    affine, oriented = _affine(header, spatial)
    if not oriented:
        grid.told["orientation"] = "not stated in the file, taken for LPS"
    return build_volume("nrrd", path, grid, values, affine, oriented=oriented)


def outline_nrrd(path: Path) -> Outline:
    """What the header says.

    Raises:
        ImageError: as :func:`read_nrrd`, but for the voxels.
    """
    return outline_grid(path, _grid(_read_header(path))[0])


def read_pairs(path: Path) -> dict[str, str]:
    """What the writer noted beside the fields, such as the names of segments.

    Raises:
        ImageError: ``nrrd.unreadable``.
    """
    return _read_header(path).pairs


def _read_header(path: Path) -> _Header:
    header = _Header(path)
    with path.open("rb") as file:
        if file.read(7) != b"NRRD000" or not file.readline(80).strip().isdigit():
            raise header.error("no NRRD header")
        while line := file.readline(LONGEST_HEADER):
            if file.tell() > LONGEST_HEADER:
                raise header.error("a header without end")
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if not text:
                break
            name, colon, value = text.partition(":")
            if text.startswith("#"):
                continue
            if value.startswith("="):
                header.pairs[name] = value[1:]
                continue
            if not colon:
                raise header.error(f"a header line that says nothing: {text[:80]!r}")
            header.fields[name.strip().lower().replace(" ", "")] = value.strip()
        header.end = file.tell()
    return header


def _grid(header: _Header) -> tuple[Grid, list[int]]:
    """The array, and which of its axes are of space."""
    sizes = [int(size) for size in header.numbers("sizes")]
    if not 2 <= len(sizes) <= 5 or header["dimension"] != str(len(sizes)) or min(sizes) < 1:
        raise header.error(f"{header['dimension']} axes of sizes {sizes}", "dimensions")
    spatial = _spatial_axes(header, sizes)
    if spatial != list(range(spatial[0], spatial[0] + len(spatial))) or not 2 <= len(spatial) <= 3:
        raise header.error(f"a volume whose axes of space are {spatial}", "dimensions", "SimpleITK may read it")
    shape = (*(sizes[axis] for axis in spatial), 1)[:3]
    before, after = sizes[: spatial[0]], sizes[spatial[-1] + 1 :]
    stored = _stored(header, sizes)
    if len(before) + len(after) > 1:
        raise header.error(f"more than one axis beside those of space: {sizes}", "dimensions")
    listed = header["kinds"].lower().startswith("list")
    colours = before[0] if before and before[0] in (3, 4) and stored.dtype == np.uint8 and not listed else 0
    grid = Grid(
        stored=stored,
        shape=(shape[0], shape[1], shape[2]),
        volumes=1 if colours else [*before, *after, 1][0],
        colours=colours,
        volumes_first=bool(before),
    )
    return grid, spatial


def _spatial_axes(header: _Header, sizes: list[int]) -> list[int]:
    every = list(range(len(sizes)))
    directions = [found.group(1) for found in _VECTOR.finditer(header["spacedirections"])]
    if len(directions) == len(sizes):
        return [axis for axis in every if directions[axis] is not None] or every[:3]
    kinds = header["kinds"].lower().split()
    if len(kinds) == len(sizes):
        return [axis for axis in every if kinds[axis] in _SPATIAL] or every[:3]
    return every[:3]


def _stored(header: _Header, sizes: list[int]) -> Stored:
    dtype = _DTYPES.get(" ".join(header["type"].lower().split()))
    if dtype is None:
        raise header.error(f"voxels of type {header['type']!r}", "dtype")
    packing = _PACKINGS.get(header["encoding"].lower())
    if packing is None:
        fix = "SimpleITK may read it; save it again with encoding gzip"
        raise header.error(f"voxels in the encoding {header['encoding']!r}", "unsupported", fix)
    if dtype.itemsize > 1 and packing != "ascii":
        if header["endian"].lower() not in {"little", "big"}:
            raise header.error("no byte order")
        dtype = dtype.newbyteorder("<" if header["endian"].lower() == "little" else ">")
    name = header["datafile"]
    if name.upper().startswith("LIST") or "%" in name:
        raise header.error("voxels in several files", "unsupported", "SimpleITK reads it; save it again as one file")
    data = find_part(header.path, name, "nrrd") if name else header.path
    begin = 0 if name else header.end
    skip = int((header.numbers("byteskip") or [0])[0])
    lines = int((header.numbers("lineskip") or [0])[0])
    if lines:
        begin = _after_lines(data, begin, lines)
    packed = packing in {"gzip", "bzip2"}
    return Stored(
        path=data,
        dtype=dtype,
        total=int(np.prod(sizes, dtype=object)),
        offset=-1 if skip < 0 else skip + (0 if packed else begin),
        packed_at=begin if packed else 0,
        packing=packing,
        kind="nrrd",
    )


def _after_lines(path: Path, begin: int, lines: int) -> int:
    with path.open("rb") as file:
        file.seek(begin)
        for _ in range(min(lines, LONGEST_HEADER)):
            if not file.readline(LONGEST_HEADER):
                break
        return file.tell()


def _affine(header: _Header, spatial: list[int]) -> tuple[np.ndarray, bool]:
    """From (i, j, k, 1) to RAS, and whether the file says how the volume lies in the patient."""
    space = header["space"].lower().removesuffix("-time").removesuffix("t" if len(header["space"]) == 4 else "")
    affine, columns = np.eye(4), _directions(header)
    stated = space in _TO_RAS and bool(columns)
    if columns:
        for place, column in enumerate(columns[:3]):
            affine[: len(column), place] = column[:3]
    else:
        spacings = header.numbers("spacings")
        for place, axis in enumerate(spatial):
            given = spacings[axis] if axis < len(spacings) else 1.0
            affine[place, place] = given if np.isfinite(given) and given != 0 else 1.0
    origin = _vectors(header, "spaceorigin")
    if origin:
        affine[: len(origin[0]), 3] = origin[0][:3]
    if not np.isfinite(affine).all():
        raise ImageError("the place of the volume is no number", where=str(header.path), reason="volume.affine")
    units = re.findall(r'"([^"]*)"', header["spaceunits"])
    scale = _UNITS.get(units[0].lower(), 1.0) if units else 1.0
    turn = np.diag([*_TO_RAS.get(space, (-1, -1, 1)), 1.0])
    return turn @ np.diag([scale, scale, scale, 1.0]) @ affine, stated


def _directions(header: _Header) -> list[list[float]]:
    return [vector for vector in _vectors(header, "spacedirections") if vector]


def _vectors(header: _Header, name: str) -> list[list[float]]:
    """Vectors such as ``(1,0,0) none (0,1,0)``; an empty one for each ``none``."""
    try:
        found = [
            [float(number) for number in (each.group(1) or "").split(",") if number.strip()]
            for each in _VECTOR.finditer(header[name])
        ]
    except ValueError:
        raise header.error(f"no vectors in {name}: {header[name][:80]!r}") from None
    if any(len(vector) > 3 for vector in found):
        raise header.error(f"a space of more than three axes: {header[name][:80]!r}", "dimensions")
    return found


FORMAT = VolumeFormat(read=read_nrrd, outline=outline_nrrd)
