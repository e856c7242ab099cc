"""Voxels as files keep them: plain, packed or written out; nothing is allocated before the file's size supports it.

Plain voxels are mapped, so that only what is looked at is read. Packed ones are unpacked in pieces up to what is wanted
and the rest is read to its end, so that a file that is cut short is never taken for whole.
"""

import bz2
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, cast

import numpy as np

from gmai.base import MOST_PACKED, hash_file
from gmai.errors import ImageError
from gmai.images.volume import Volume, canonical, spacing_of
from gmai.types import Step

MAX_VOXELS = 2**29
"""Volumes with more voxels are refused before memory is asked for."""
_PIECE = 1 << 20
_CUT = (EOFError, OSError, zlib.error, ValueError)
Packing = Literal["raw", "gzip", "bzip2", "zlib", "ascii"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a volume's header says, before any voxel is read."""

    width: int
    height: int
    volumes: int = 1
    parts: tuple[str, ...] = ()
    """Names of the other files that hold the rest of it, beside it or below its folder."""


@dataclass(frozen=True, slots=True)
class VolumeFormat:
    """How volumes of one kind of file are read."""

    read: Callable[[Path, int], Volume]
    """Path, and which volume of the file."""
    outline: Callable[[Path], Outline]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where voxels lie in a file, and how they are written."""

    path: Path
    dtype: np.dtype
    total: int
    """Voxels that the file must hold."""
    offset: int = 0
    """Bytes before the first voxel; in a packed file, of what is unpacked. -1: the voxels end with the file."""
    packed_at: int = 0
    """Bytes before the packed part begins."""
    packing: Packing = "raw"
    kind: str
    """First part of the reasons of errors."""


def read_voxels(stored: Stored, first: int, count: int) -> np.ndarray:
    """Read ``count`` voxels from number ``first`` on, in the machine's byte order, perhaps not writable.

    Raises:
        ImageError: ``<kind>.truncated``: the file holds fewer voxels than are due, or is damaged.
    """
    size = stored.path.stat().st_size
    least = {"raw": stored.dtype.itemsize, "ascii": 1}.get(stored.packing, stored.dtype.itemsize / MOST_PACKED)
    believable = stored.packing == "bzip2" or stored.total * least <= size + 1
    if not believable:
        what = f"{size} bytes cannot hold {stored.total} voxels of {stored.dtype.itemsize} bytes"
        raise ImageError(what, where=str(stored.path), reason=f"{stored.kind}.truncated")
    try:
        values = _READERS[stored.packing](stored, first, count)
    except _CUT as error:
        what = f"the voxels are cut short or damaged: {error}"
        raise ImageError(what, where=str(stored.path), reason=f"{stored.kind}.truncated") from None
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def _map(stored: Stored, first: int, count: int) -> np.ndarray:
    size, due = stored.path.stat().st_size, stored.total * stored.dtype.itemsize
    offset = size - due if stored.offset < 0 else stored.offset
    if offset < 0 or offset + due > size:
        raise EOFError(f"{max(size - max(offset, 0), 0)} bytes where {due} are due")
    start = offset + first * stored.dtype.itemsize
    return np.asarray(np.memmap(stored.path, stored.dtype, "r", offset=start, shape=(count,)))


def _unpack(stored: Stored, first: int, count: int) -> np.ndarray:
    with _open(stored) as stream:
        _skip(stream, max(stored.offset, 0) + first * stored.dtype.itemsize)
        data = _take(stream, count * stored.dtype.itemsize)
        _skip(stream, (stored.total - first - count) * stored.dtype.itemsize)
        while stream.read(_PIECE):  # what follows must be whole too
            pass
    return np.frombuffer(data, stored.dtype)


@contextmanager
def _open(stored: Stored) -> Iterator[IO[bytes]]:
    with stored.path.open("rb") as file:
        file.seek(stored.packed_at)
        if stored.packing == "gzip":
            yield cast(IO[bytes], gzip.GzipFile(fileobj=file))
        elif stored.packing == "bzip2":
            yield cast(IO[bytes], bz2.BZ2File(file))
        else:
            yield cast(IO[bytes], _Inflated(file))


class _Inflated:
    """A zlib or gzip stream, read in pieces; bytes behind its end are left alone."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._engine = zlib.decompressobj(47)
        self._waiting = b""

    def read(self, size: int) -> bytes:
        while not self._engine.eof:
            packed = self._engine.unconsumed_tail or self._file.read(_PIECE)
            found = self._engine.decompress(packed, size)
            if found:
                return found
            if not packed:
                raise EOFError("the packed voxels end early")
        return b""


def _take(stream: IO[bytes], wanted: int) -> bytearray:
    data = bytearray()
    while len(data) < wanted:
        piece = stream.read(min(_PIECE, wanted - len(data)))
        if not piece:
            raise EOFError(f"{len(data)} bytes where {wanted} are due")
        data += piece
    return data


def _skip(stream: IO[bytes], wanted: int) -> None:
    while wanted > 0:
        piece = stream.read(min(_PIECE, wanted))
        if not piece:
            raise EOFError(f"{wanted} bytes are missing")
        wanted -= len(piece)


def _spell(stored: Stored, first: int, count: int) -> np.ndarray:
    with stored.path.open("rb") as file:
        file.seek(max(stored.offset, 0))
        words = file.read().split()
    if len(words) < stored.total:
        raise EOFError(f"{len(words)} numbers where {stored.total} are due")
    return np.array(words[first : first + count]).astype(stored.dtype.newbyteorder("="))


_READERS: dict[str, Callable[[Stored, int, int], np.ndarray]] = {
    "raw": _map,
    "gzip": _unpack,
    "bzip2": _unpack,
    "zlib": _unpack,
    "ascii": _spell,
}


@dataclass(slots=True, kw_only=True)
class Grid:
    """The array a header describes: three axes of space, and one of volumes or of colours."""

    stored: Stored
    shape: tuple[int, int, int]
    volumes: int = 1
    colours: int = 0
    """3 or 4, if each voxel is a colour; 0 for grey."""
    volumes_first: bool = False
    """True if the volumes change fastest (the values of one voxel lie side by side)."""
    told: dict[str, Any] = field(default_factory=dict)


def check_shape(shape: Sequence[int], dtype: np.dtype, kind: str, path: Path) -> None:
    """Check the size and type of one volume before anything is allocated.

    Raises:
        ImageError: ``<kind>.dimensions``, ``<kind>.too_large``, ``<kind>.dtype``.
    """
    claim = " x ".join(map(str, shape))
    if min(shape) < 1:
        raise ImageError(f"a volume of {claim} voxels", where=str(path), reason=f"{kind}.dimensions")
    if int(np.prod(shape, dtype=object)) > MAX_VOXELS:
        raise ImageError(f"the header claims {claim} voxels", where=str(path), reason=f"{kind}.too_large")
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise ImageError(f"voxels of type {dtype}", where=str(path), reason=f"{kind}.dtype")


def check_index(index: int, volumes: int, path: Path) -> None:
    """Check that a file holds the volume that is asked for.

    Raises:
        ImageError: ``volume.index``.
    """
    if not 0 <= index < volumes:
        what = f"volume {index} of a file that holds {volumes}"
        raise ImageError(what, where=str(path), fix="mend slices.volume of the card", reason="volume.index")


def read_grid(grid: Grid, index: int) -> np.ndarray:
    """Read one volume of a grid, indexed (i, j, k), or (i, j, k, colour) as RGB; told in ``grid.told``.

    Raises:
        ImageError: as :func:`check_shape`, :func:`check_index` and :func:`read_voxels`.
    """
    stored, size = grid.stored, int(np.prod(grid.shape, dtype=object))
    check_shape((*grid.shape, grid.colours or 1), stored.dtype, stored.kind, stored.path)
    if grid.colours:
        values = read_voxels(stored, 0, size * grid.colours)
        return values.reshape((grid.colours, *grid.shape), order="F").transpose(1, 2, 3, 0)[..., :3]
    check_index(index, grid.volumes, stored.path)
    if grid.volumes > 1:
        grid.told |= {"volumes": grid.volumes, "volume": index}
    if grid.volumes_first and grid.volumes > 1:
        check_shape((*grid.shape, grid.volumes), stored.dtype, stored.kind, stored.path)
        values = read_voxels(stored, 0, size * grid.volumes)
        chosen: np.ndarray = values.reshape((grid.volumes, *grid.shape), order="F")[index]
        return chosen
    return read_voxels(stored, index * size, size).reshape(grid.shape, order="F")


def as_numbers(values: np.ndarray, slope: float = 1.0, intercept: float = 0.0) -> np.ndarray:
    """Rescale voxels: float32, or whole numbers of the machine where nothing is scaled."""
    with np.errstate(over="ignore", invalid="ignore"):  # what leaves the range is no number, and is counted
        if slope != 1 or intercept != 0:
            return values.astype(np.float32) * np.float32(slope) + np.float32(intercept)
        if values.dtype.kind == "f":
            return values.astype(np.float32, copy=False)
    return values


def outline_grid(path: Path, grid: Grid) -> Outline:
    """What a header that describes a grid says; a file of voxels beside it is a part."""
    data = grid.stored.path
    parts = () if data == path else (data.relative_to(path.parent).as_posix(),)
    return Outline(width=grid.shape[0], height=grid.shape[1], volumes=grid.volumes, parts=parts)


def build_volume(
    kind: str, path: Path, grid: Grid, values: np.ndarray, affine: np.ndarray, *, oriented: bool
) -> Volume:
    """A volume of one file (and perhaps one more of its voxels) in canonical orientation; ``grid.told`` is its step.

    Raises:
        ImageError: ``volume.affine``: the affine is singular.
    """
    told, data = grid.told, grid.stored.path
    if values.dtype.kind == "f" and (bad := int(values.size - np.isfinite(values).sum())):
        told["nan_voxels"] = bad
    voxels, affine, order = canonical(values, affine)
    told["axes"] = "".join("ijk"[axis] for axis in order)
    if data != path:
        told |= {"data": data.name, "data_sha256": hash_file(data)}
    return Volume(
        voxels=voxels,
        affine=affine,
        spacing_mm=spacing_of(affine),
        hashes=(hash_file(path),),
        names=(str(path),),
        oriented=oriented,
        steps=(Step(name=kind, parameters=told),),
    )


def find_part(path: Path, name: str, kind: str) -> Path:
    """The file that a header names, which must lie beside the header or below its folder.

    Raises:
        ImageError: ``<kind>.outside``: the name leads out of the header's folder; ``<kind>.part_missing``.
    """
    parts = Path(name.replace("\\", "/")).parts
    if not parts or ".." in parts or parts[0].startswith("/") or ":" in parts[0]:
        what = f"the header names {name!r}, which does not lie below its folder"
        raise ImageError(what, where=str(path), fix="put the voxels beside the header", reason=f"{kind}.outside")
    found = path.parent.joinpath(*parts)
    if not found.is_file():
        raise ImageError(f"the file of the voxels, {name}, is missing", where=str(path), reason=f"{kind}.part_missing")
    return found


def find_partner(path: Path, endings: Sequence[str], kind: str) -> Path:
    """The file of the same name with another ending, in whatever case.

    Raises:
        ImageError: ``<kind>.part_missing``.
    """
    stem = path.name.removesuffix(".gz").rpartition(".")[0]
    for ending in endings:
        for written in (ending, ending.upper(), ending.lower()):
            found = path.with_name(stem + written)
            if found.is_file():
                return found
    what = f"the other half of the file, {stem}{endings[0]}, is missing"
    raise ImageError(what, where=str(path), reason=f"{kind}.part_missing")
