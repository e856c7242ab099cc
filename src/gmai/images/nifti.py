"""NIfTI-1 and NIfTI-2 volumes, in one file or as a pair, in canonical orientation.

nibabel reads the header; the voxels are read here, so that nothing is allocated before the header has been believed.
"""

import gzip
import zlib
from pathlib import Path
from typing import IO, Any, cast

import nibabel
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError

from gmai.errors import ImageError
from gmai.images.volume import Volume
from gmai.images.voxels import (
    Grid,
    Outline,
    Stored,
    VolumeFormat,
    as_numbers,
    build_volume,
    check_shape,
    find_partner,
    read_grid,
)

_CUT = (EOFError, gzip.BadGzipFile, zlib.error)
_LONGEST_HEADER = 540
_MOST_AXES = 7
_PAIRS = {b"ni1", b"ni2"}
_COLOURS = {128: 3, 2304: 4}
"""Data type code of RGB and RGBA to its number of channels."""


def read_nifti(path: Path, index: int = 0) -> Volume:
    """Read a volume as (z, y, x), rescaled; integers stay integers where the header asks for no scaling.

    Values that are no number are kept (they are shown black) and counted in ``steps``.

    Args:
        path: the file, or the header or image file of a pair.
        index: which volume, of a file with several; told in ``steps``.

    Raises:
        ImageError: ``nifti.unreadable``, ``nifti.too_large`` (nothing was allocated), ``nifti.dtype``,
            ``nifti.dimensions``, ``nifti.truncated``, ``nifti.part_missing`` (half of a pair), ``volume.index``.
    """
    path = _header_file(path)
    header = _read_header(path)
    grid = _grid(header, path)
    values = as_numbers(read_grid(grid, index), *_scaling(header, grid, path))
    oriented = bool(header["qform_code"] > 0 or header["sform_code"] > 0)
    if not oriented:
        grid.told["orientation"] = "not stated in the file"
    return build_volume(
        "nifti", path, grid, values, np.asarray(header.get_best_affine(), np.float64), oriented=oriented
    )


def outline_nifti(path: Path) -> Outline:
    """What the header says.

    Raises:
        ImageError: as :func:`read_nifti`, but for the voxels.
    """
    path = _header_file(path)
    header = _read_header(path)
    shape = _shape(header, path)
    parts = () if _magic(header) not in _PAIRS else (find_partner(path, (".img", ".img.gz"), "nifti").name,)
    volumes = int(np.prod(shape[3:], dtype=object))
    return Outline(width=shape[0], height=shape[1], volumes=volumes, parts=parts)


def _header_file(path: Path) -> Path:
    name = path.name.lower().removesuffix(".gz")
    return find_partner(path, (".hdr", ".hdr.gz"), "nifti") if name.endswith(".img") else path


def _unzipped(stream: IO[bytes], *, zipped: bool) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=stream)) if zipped else stream


def _is_zipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _read_header(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            first = _unzipped(file, zipped=_is_zipped(path)).read(_LONGEST_HEADER)
        second = first[:4] in {b"\x1c\x02\0\0", b"\0\0\x02\x1c"}
        kind = nibabel.Nifti2Header if second else nibabel.Nifti1Header
        header = kind(first[: kind.template_dtype.itemsize], check=False)
    except (*_CUT, WrapStructError, HeaderDataError) as error:
        raise ImageError(f"no NIfTI header: {error}", where=str(path), reason="nifti.unreadable") from None
    magic = _magic(header)
    if magic not in {b"n+1", b"n+2", *_PAIRS}:
        raise ImageError(f"no NIfTI: magic {magic!r}", where=str(path), reason="nifti.unreadable")
    return header


def _magic(header: Any) -> bytes:
    return bytes(header["magic"])[:3]


def _shape(header: Any, path: Path) -> tuple[int, ...]:
    shape = tuple(int(size) for size in header.get_data_shape())
    if not 2 <= len(shape) <= _MOST_AXES or min(shape) < 1:
        raise ImageError(f"a volume of shape {shape}", where=str(path), reason="nifti.dimensions")
    return (*shape, 1)[: max(len(shape), 3)]


def _grid(header: Any, path: Path) -> Grid:
    shape = _shape(header, path)
    try:
        dtype = header.get_data_dtype()
        offset = int(header.get_data_offset())
    except (HeaderDataError, KeyError, ValueError, OverflowError) as error:
        raise ImageError(f"voxels of no known type: {error}", where=str(path), reason="nifti.dtype") from None
    colours = _COLOURS.get(int(header["datatype"]), 0)
    dtype = np.dtype(np.uint8) if colours else dtype
    check_shape(shape[:3], dtype, "nifti", path)
    data, least = path, header.template_dtype.itemsize
    if _magic(header) in _PAIRS:
        data, least = find_partner(path, (".img", ".img.gz"), "nifti"), 0
    volumes = int(np.prod(shape[3:], dtype=object))
    if colours and volumes > 1:
        raise ImageError("several colour volumes in one file", where=str(path), reason="nifti.dimensions")
    stored = Stored(
        path=data,
        dtype=dtype,
        total=int(np.prod(shape, dtype=object)) * (colours or 1),
        offset=max(offset, least),
        packing="gzip" if _is_zipped(data) else "raw",
        kind="nifti",
    )
    return Grid(stored=stored, shape=(shape[0], shape[1], shape[2]), volumes=volumes, colours=colours)


def _scaling(header: Any, grid: Grid, path: Path) -> tuple[float, float]:
    if grid.colours:
        return 1.0, 0.0
    try:
        slope, intercept = header.get_slope_inter()
    except (HeaderDataError, ValueError, OverflowError) as error:
        raise ImageError(f"no scaling there can be: {error}", where=str(path), reason="nifti.unreadable") from None
    return (1.0 if slope is None else float(slope)), float(intercept or 0.0)


FORMAT = VolumeFormat(read=read_nifti, outline=outline_nifti)
