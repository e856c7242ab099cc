"""NIfTI-1 and NIfTI-2 volumes in canonical orientation; of several volumes in a file the first is taken and it is told.

nibabel reads the header; the voxels are read here, so that nothing is allocated before the header has been believed.
"""

import gzip
import zlib
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

import nibabel
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError

from gmai.base import hash_bytes
from gmai.errors import ImageError
from gmai.images.volume import Volume, canonical, spacing_of
from gmai.types import Step

MAX_VOXELS = 2**29
"""Volumes with more voxels are refused before memory is asked for."""
_PIECE = 1 << 20
_CUT = (EOFError, gzip.BadGzipFile, zlib.error)
_LONGEST_HEADER = 540


def read_nifti(path: Path) -> Volume:
    """Read a volume as (z, y, x), rescaled; integers stay integers where the header asks for no scaling.

    Values that are no number are kept (they are shown black) and counted in ``steps``.

    Raises:
        ImageError: ``nifti.unreadable``, ``nifti.too_large`` (nothing was allocated), ``nifti.dtype``,
            ``nifti.dimensions``, ``nifti.truncated``.
    """
    data = path.read_bytes()
    stream = _unzipped(BytesIO(data), zipped=data[:2] == b"\x1f\x8b")
    header = _read_header(stream, path)
    shape, told = _check_header(header, path)
    values = _read_values(stream, header, shape, path)
    oriented = bool(header["qform_code"] > 0 or header["sform_code"] > 0)
    if not oriented:
        told["orientation"] = "not stated in the file"
    if values.dtype.kind == "f" and (bad := int(values.size - np.isfinite(values).sum())):
        told["nan_voxels"] = bad
    voxels, affine, order = canonical(values, np.asarray(header.get_best_affine(), np.float64))
    told["axes"] = "".join("ijk"[axis] for axis in order)
    return Volume(
        voxels=voxels,
        affine=affine,
        spacing_mm=spacing_of(affine),
        hashes=(hash_bytes(data),),
        names=(str(path),),
        oriented=oriented,
        steps=(Step(name="nifti", parameters=told),),
    )


def read_nifti_header(path: Path) -> Any:
    """Read only the header, as a nibabel header object.

    Raises:
        ImageError: ``nifti.unreadable``.
    """
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        return _read_header(_unzipped(file, zipped=zipped), path)


def _unzipped(stream: IO[bytes], *, zipped: bool) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=stream)) if zipped else stream


def _read_header(stream: IO[bytes], path: Path) -> Any:
    try:
        first = stream.read(_LONGEST_HEADER)
        second = first[:4] in {b"\x1c\x02\0\0", b"\0\0\x02\x1c"}
        kind = nibabel.Nifti2Header if second else nibabel.Nifti1Header
        header = kind(first[: kind.template_dtype.itemsize], check=False)
        magic = bytes(header["magic"])[:3]
    except (*_CUT, WrapStructError, HeaderDataError) as error:
        raise ImageError(f"no NIfTI header: {error}", where=str(path), reason="nifti.unreadable") from None
    if magic not in {b"n+1", b"n+2"}:
        raise ImageError(f"no single-file NIfTI: magic {magic!r}", where=str(path), reason="nifti.unreadable")
    return header


def _check_header(header: Any, path: Path) -> tuple[tuple[int, int, int], dict[str, Any]]:
    shape = tuple(int(size) for size in header.get_data_shape())
    if not 2 <= len(shape) <= 7 or min(shape) < 1:
        raise ImageError(f"a volume of shape {shape}", where=str(path), reason="nifti.dimensions")
    x, y, z = (*shape[:3], 1)[:3]
    if x * y * z > MAX_VOXELS:
        what = f"the header claims {' x '.join(map(str, shape))} voxels"
        raise ImageError(what, where=str(path), reason="nifti.too_large")
    try:
        dtype = header.get_data_dtype()
    except (HeaderDataError, KeyError) as error:
        raise ImageError(f"voxels of no known type: {error}", where=str(path), reason="nifti.dtype") from None
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise ImageError(f"voxels of type {dtype}", where=str(path), reason="nifti.dtype")
    others = int(np.prod(shape[3:], dtype=object))
    return (x, y, z), {"volumes": others, "volume": 0} if others > 1 else {}


def _read_values(stream: IO[bytes], header: Any, shape: tuple[int, int, int], path: Path) -> np.ndarray:
    dtype = header.get_data_dtype()
    count = int(np.prod(shape))
    try:
        stream.seek(max(int(header.get_data_offset()), header.template_dtype.itemsize))
        data = stream.read(count * dtype.itemsize)
        while stream.read(_PIECE):  # the rest of the file must be whole too
            pass
        slope, intercept = header.get_slope_inter()
    except (*_CUT, HeaderDataError, ValueError, OverflowError) as error:
        raise ImageError(f"the voxels are cut short: {error}", where=str(path), reason="nifti.truncated") from None
    if len(data) < count * dtype.itemsize:
        what = f"{len(data)} bytes of voxels where {count * dtype.itemsize} are due"
        raise ImageError(what, where=str(path), reason="nifti.truncated")
    values = np.frombuffer(data, dtype).reshape(shape, order="F")
    return _rescale(values, 1.0 if slope is None else slope, intercept or 0.0)


def _rescale(values: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    if slope != 1 or intercept != 0:
        return values.astype(np.float32) * np.float32(slope) + np.float32(intercept)
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    return values.astype(values.dtype.newbyteorder("=")) if values.dtype.itemsize <= 2 else values.astype(np.int64)
