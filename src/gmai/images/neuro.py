"""The formats of neuroimaging beside NIfTI, read with nibabel: Analyze, MGH/MGZ, MINC, AFNI, PAR/REC.

The size that a header claims is held against the file before nibabel is asked for voxels, and of several volumes only
the wanted one is read. MINC 2 is HDF5, which may point at other files: such files are refused.
"""

import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel.brikhead import AFNIImage, AFNIImageError
from nibabel.filebasedimages import ImageFileError
from nibabel.freesurfer.mghformat import MGHError, MGHHeader
from nibabel.imageglobals import logger as nibabel_log
from nibabel.minc1 import MincError
from nibabel.parrec import PARRECError
from nibabel.spatialimages import HeaderDataError, ImageDataError
from nibabel.wrapstruct import WrapStructError

from gmai.base import MOST_PACKED, open_bounded
from gmai.errors import ImageError, MissingExtra
from gmai.images.magic import HALVES, HDF5, is_gzip, unpacked_start
from gmai.images.volume import Volume
from gmai.images.voxels import (
    Grid,
    Outline,
    Packing,
    Stored,
    VolumeFormat,
    as_numbers,
    build_volume,
    check_index,
    check_shape,
    find_partner,
    read_grid,
)

_BROKEN = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError, RuntimeError),
    *(OverflowError, NotImplementedError, struct.error, zlib.error, ZeroDivisionError),
    *(
        ImageFileError,
        HeaderDataError,
        ImageDataError,
        WrapStructError,
        PARRECError,
        AFNIImageError,
        MGHError,
        MincError,
    ),
)
"""What nibabel and h5py raise for files that are damaged, or of a kind they do not read."""
_MGH_VOXELS = 284
"""Bytes before the voxels of an MGH file."""
_MINC2_IMAGE = "minc-2.0/image/0/image"
_MINC2_PLACES = ("minc-2.0/image/0", _MINC2_IMAGE, "minc-2.0/dimensions")


@dataclass(frozen=True, slots=True)
class _Opened:
    grid: Grid
    header: Path
    affine: np.ndarray
    oriented: bool
    image: Any = None
    """nibabel's image, whose voxels are not read yet; None where the grid says all."""


def read_neuro(path: Path, index: int = 0) -> Volume:
    """Read a volume as (z, y, x), rescaled; whole numbers stay whole where the file asks for no scaling.

    Args:
        path: the file; of a pair either half.
        index: which volume, of a file with several; told in ``steps``.

    Raises:
        ImageError: ``neuro.unreadable``, ``neuro.too_large`` and ``neuro.truncated`` (nothing was allocated),
            ``neuro.dtype``, ``neuro.dimensions``, ``neuro.part_missing``, ``neuro.outside`` (MINC 2 that points at
            other files), ``volume.index``.
        MissingExtra: MINC 2 without h5py.
    """
    opened = _open(path)
    grid = opened.grid
    check_index(index, grid.volumes, path)
    values = read_grid(grid, index) if opened.image is None else _cut(opened, index, path)
    if not opened.oriented:
        grid.told["orientation"] = "not stated in the file"
    return build_volume("neuro", opened.header, grid, as_numbers(values), opened.affine, oriented=opened.oriented)


def _cut(opened: _Opened, index: int, path: Path) -> np.ndarray:
    grid, voxels = opened.grid, opened.image.dataobj
    if grid.volumes > 1:
        grid.told |= {"volumes": grid.volumes, "volume": index}
    try:
        with _quiet():
            cut = (slice(None),) * 3 + ((index,) if len(opened.image.shape) > 3 else ())
            values: np.ndarray = np.asanyarray(voxels[cut]).reshape(grid.shape)
    except _BROKEN as error:
        raise _error(path, f"the voxels cannot be read: {error}", "truncated") from None
    finally:
        _close(opened.image)
    native: np.ndarray = values.astype(values.dtype.newbyteorder("="), copy=False)
    return native


def _close(image: Any) -> None:
    """Close the file that nibabel keeps open for some formats."""
    close = getattr(getattr(getattr(image, "dataobj", None), "file_like", None), "close", None)
    if close is not None:
        close()


def outline_neuro(path: Path) -> Outline:
    """What the header says.

    Raises:
        ImageError: as :func:`read_neuro`, but for the voxels.
    """
    opened = _open(path)
    _close(opened.image)
    width, height, _ = opened.grid.shape
    data = opened.grid.stored.path
    parts = () if data == opened.header else (data.name,)
    return Outline(width=width, height=height, volumes=opened.grid.volumes, parts=parts)


@contextmanager
def _quiet() -> Iterator[None]:
    """What nibabel warns of and logs is either mended by it or raised."""
    before, nibabel_log.disabled = nibabel_log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        nibabel_log.disabled = before


def _error(path: Path, what: str, reason: str = "unreadable", fix: str = "") -> ImageError:
    return ImageError(what, where=str(path), reason=f"neuro.{reason}", fix=fix)


def _open(path: Path) -> _Opened:
    try:
        with _quiet():
            header, data, name, image = _load(path)
            shape = tuple(int(size) for size in image.shape)
            dtype = np.dtype(image.get_data_dtype())
            affine = np.asarray(image.affine, np.float64)
    except _BROKEN as error:
        raise _error(path, f"a header that cannot be read: {error}") from None
    while len(shape) > 4 and shape[-1] == 1:
        shape = shape[:-1]
    if not 2 <= len(shape) <= 4 or min(shape) < 1:
        raise _error(path, f"a volume of shape {shape}", "dimensions")
    x, y, z, volumes = (*shape, 1, 1)[:4]
    check_shape((x, y, z), dtype, "neuro", path)
    total = x * y * z * volumes
    _check_size(data, total * dtype.itemsize, name, path)
    if name == "MGH":
        packing: Packing = "gzip" if is_gzip(path) else "raw"
        stored = Stored(path=path, dtype=dtype, total=total, offset=_MGH_VOXELS, packing=packing, kind="neuro")
        grid = Grid(stored=stored, shape=(x, y, z), volumes=volumes, told={"format": name})
        return _Opened(grid, header, affine, image.oriented)
    grid = Grid(
        stored=Stored(path=data, dtype=dtype, total=total, kind="neuro"),
        shape=(x, y, z),
        volumes=volumes,
        told={"format": name},
    )
    return _Opened(grid, header, affine, name != "Analyze", image)


def _load(path: Path) -> tuple[Path, Path, str, Any]:
    """Header, file of the voxels, name of the format, and nibabel's image of it."""
    name = path.name.lower().removesuffix(".gz")
    ending = name[name.rfind(".") :]
    if ending in HALVES:
        path = find_partner(path, HALVES[ending], "neuro")
    first = unpacked_start(path)
    for told, is_it, load in _LOADERS:
        if is_it(first):
            return load(path, told)
    raise ImageFileError("no format of neuroimaging that is known")


class _Mgh:
    """The header of an MGH file."""

    def __init__(self, first: bytes) -> None:
        header = MGHHeader.from_fileobj(BytesIO(first))
        self.shape = header.get_data_shape()
        self.affine = header.get_affine()
        self.oriented = bool(header["goodRASFlag"])
        self.get_data_dtype = header.get_data_dtype


def _mgh(path: Path, told: str) -> tuple[Path, Path, str, Any]:
    return path, path, told, _Mgh(unpacked_start(path))


def _minc1(path: Path, told: str) -> tuple[Path, Path, str, Any]:
    with open_bounded(path) as file:
        holder = nibabel.FileHolder(filename=str(path), fileobj=file)
        return path, path, told, nibabel.Minc1Image.from_file_map({"image": holder})


def _minc2(path: Path, told: str) -> tuple[Path, Path, str, Any]:
    try:
        import h5py
    except ModuleNotFoundError:
        raise MissingExtra("MINC 2 needs h5py", where=str(path), fix="pip install 'gmai[neuro]'") from None
    with h5py.File(path, "r") as file:
        for place in _MINC2_PLACES:
            _check_inside(file, place, path)
        image = file[_MINC2_IMAGE]
        due = int(np.prod(image.shape, dtype=object)) * image.dtype.itemsize
        if due > MOST_PACKED * image.id.get_storage_size():
            raise _error(path, f"{image.id.get_storage_size()} bytes cannot hold {due} bytes of voxels", "truncated")
    return path, path, told, nibabel.minc2.Minc2Image.from_file_map({"image": _holder(path)})


def _check_inside(file: Any, place: str, path: Path) -> None:
    """Check that a place of an HDF5 file, the way there and what it holds do not lie in other files."""
    import h5py

    steps = place.split("/")
    ways = ["/".join(steps[: length + 1]) for length in range(len(steps))]
    for way in ways:
        link = file.get(way, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise _error(
                path, f"{way} lies in another file" if link else f"no {way}", "outside" if link else "unreadable"
            )
        found = file[way]
        if isinstance(found, h5py.Dataset) and (found.external or found.is_virtual):
            raise _error(path, f"the values of {way} lie in another file", "outside")
        if way == place and isinstance(found, h5py.Group):
            ways += [f"{place}/{name}" for name in found]


def _pair(path: Path, told: str) -> tuple[Path, Path, str, Any]:
    if told == "AFNI":
        data = find_partner(path, (".BRIK", ".BRIK.gz"), "neuro")
        found = {"image": _holder(data), "header": _holder(path)}
        return path, data, told, AFNIImage.from_file_map(found)
    if told == "PAR/REC":
        data = find_partner(path, (".REC",), "neuro")
        found = {"image": _holder(data), "header": _holder(path)}
        return path, data, told, nibabel.parrec.PARRECImage.from_file_map(found)
    data = find_partner(path, (".img", ".img.gz"), "neuro")
    found = {"image": _holder(data), "header": _holder(path)}
    first = unpacked_start(path)
    kinds = (nibabel.Spm2AnalyzeImage, nibabel.Spm99AnalyzeImage, nibabel.AnalyzeImage)
    kind = next((kind for kind in kinds if kind.header_class.may_contain_header(first)), nibabel.AnalyzeImage)
    return path, data, told, kind.from_file_map({**found, "mat": _holder(path.with_suffix(".mat"))})


def _holder(path: Path) -> Any:
    return nibabel.FileHolder(filename=str(path))


def _check_size(data: Path, due: int, name: str, path: Path) -> None:
    if name == "MINC 2":
        return  # held against what HDF5 keeps of the voxels when it was opened
    size = data.stat().st_size * (MOST_PACKED if is_gzip(data) else 1)
    if due > size:
        raise _error(path, f"{data.stat().st_size} bytes cannot hold {due} bytes of voxels", "truncated")


_Load = Callable[[Path, str], tuple[Path, Path, str, Any]]
_LOADERS: tuple[tuple[str, Callable[[bytes], bool], _Load], ...] = (
    ("MGH", lambda first: first[:4] == b"\0\0\0\x01", _mgh),
    ("MINC 1", lambda first: first[:3] == b"CDF", _minc1),
    ("MINC 2", lambda first: first[:8] == HDF5, _minc2),
    ("PAR/REC", lambda first: first.startswith(b"# ==="), _pair),
    ("AFNI", lambda first: b"type" in first and b"attribute" in first, _pair),
    ("Analyze", lambda first: first[:4] in {b"\x5c\x01\0\0", b"\0\0\x01\x5c"}, _pair),
)
FORMAT = VolumeFormat(read=read_neuro, outline=outline_neuro)
