"""ZIP and tar archives, member by member and within limits: what leads out of the target is never written.

A member is refused, not the archive, if it is a link, a device or encrypted, or if its path is absolute or climbs. An
archive that is cut short, or unpacks to far more than it holds, is an error.
"""

import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from gmai.base.damage import DAMAGED_ARCHIVE
from gmai.base.files import write_atomic
from gmai.errors import FormatError
from gmai.types import Reject, record

STAGE = "unpack"
_PIECE = 1 << 20


@record
class UnpackLimits:
    """What an archive may hold before it is taken for one made to harm."""

    max_gib: float = 500.0
    """Of all members, unpacked."""
    max_members: int = 5_000_000
    max_ratio: float = 1000.0
    """Unpacked size over the archive's own size."""


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    size: int
    problem: str
    """Why it is not unpacked, as a slug; empty if it is."""
    entry: zipfile.ZipInfo | tarfile.TarInfo


def is_archive(path: Path) -> bool:
    """True for ZIP and tar archives, told by their content; NPZ, XLSX and DOCX, by their ending, are none."""
    if not path.is_file() or path.suffix.lower() in {".npz", ".xlsx", ".docx"}:
        return False
    try:
        return zipfile.is_zipfile(path) or tarfile.is_tarfile(path) or _begins_zip(path)
    except DAMAGED_ARCHIVE:
        return False


def unpack(archive: Path, out: Path, limits: UnpackLimits | None = None) -> tuple[list[Path], list[Reject]]:
    """Unpack an archive below a folder.

    Returns:
        The files written, and a reject for each member that was refused.

    Raises:
        FormatError: ``archive.unreadable`` (no archive, or cut short) or ``archive.too_large``; what was
            written by then stays, for the caller to remove.
    """
    limits = limits or UnpackLimits()
    written: dict[str, Path] = {}
    rejects: list[Reject] = []
    room = min(limits.max_gib * 2**30, max(limits.max_ratio * archive.stat().st_size, _PIECE))
    with _opened(archive) as opened:
        for number, member in enumerate(_members(opened)):
            if number >= limits.max_members:
                _too_large(archive, f"more than {limits.max_members} members")
            problem = member.problem or ("archive.repeated" if member.name in written else "")
            if problem:
                rejects.append(_refuse(member, problem))
                continue
            room -= member.size
            if room < 0:
                _too_large(archive, "it unpacks to more than is allowed")
            try:
                written[member.name] = _write(opened, member, out / member.name)
            except DAMAGED_ARCHIVE as error:
                raise _unreadable(archive, f"member {member.name!r}: {error}") from None
    return list(written.values()), rejects


def iter_members(
    archive: Path, wanted: Callable[[str, int], bool], limits: UnpackLimits | None = None
) -> Iterator[tuple[str, bytes | None] | Reject]:
    """Go through an archive without unpacking it: the name of each file, and its content where it is wanted.

    Args:
        archive: a ZIP or tar archive.
        wanted: given name and size, tells whether to read the file; reading takes that much memory.
        limits: as of :func:`unpack`.

    Yields:
        Name and content (None if not wanted) of each file, and a reject for each member that is refused.

    Raises:
        FormatError: as of :func:`unpack`.
    """
    limits = limits or UnpackLimits()
    room = min(limits.max_gib * 2**30, max(limits.max_ratio * archive.stat().st_size, _PIECE))
    with _opened(archive) as opened:
        for number, member in enumerate(_members(opened)):
            if number >= limits.max_members:
                _too_large(archive, f"more than {limits.max_members} members")
            if member.problem:
                yield _refuse(member, member.problem)
                continue
            room -= member.size
            if room < 0:
                _too_large(archive, "it unpacks to more than is allowed")
            if not wanted(member.name, member.size):
                yield member.name, None
                continue
            try:
                with _open_member(opened, member) as source:
                    data = source.read(member.size)
                if len(data) != member.size:
                    raise EOFError(f"{len(data)} bytes where {member.size} are due")
            except DAMAGED_ARCHIVE as error:
                raise _unreadable(archive, f"member {member.name!r}: {error}") from None
            yield member.name, data


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile | tarfile.TarFile]:
    try:
        if zipfile.is_zipfile(archive) or _begins_zip(archive):
            opened: zipfile.ZipFile | tarfile.TarFile = zipfile.ZipFile(archive)
        else:
            opened = tarfile.open(archive)  # noqa: SIM115
    except DAMAGED_ARCHIVE as error:
        raise _unreadable(archive, str(error)) from None
    with opened:
        yield opened


def _begins_zip(archive: Path) -> bool:
    with archive.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _members(opened: zipfile.ZipFile | tarfile.TarFile) -> Iterator[_Member]:
    if isinstance(opened, zipfile.ZipFile):
        for entry in opened.infolist():
            if not entry.filename.endswith("/"):
                mode = entry.external_attr >> 16
                odd = stat.S_IFMT(mode) not in (0, stat.S_IFREG)
                locked = "archive.encrypted" if entry.flag_bits & 1 else ""
                problem = "archive.link" if odd else locked or _path_problem(entry.filename)
                yield _Member(_clean(entry.filename), entry.file_size, problem, entry)
        return
    try:
        for info in opened:
            if not info.isdir():
                problem = _path_problem(info.name) if info.isreg() else "archive.link"
                yield _Member(_clean(info.name), info.size, problem, info)
        _check_end(opened)
    except DAMAGED_ARCHIVE as error:
        raise _unreadable(Path(str(opened.name)), str(error)) from None


def _check_end(opened: tarfile.TarFile) -> None:
    """A tar archive ends in blocks of zeros; one that just stops was cut between two members."""
    assert opened.fileobj is not None
    opened.fileobj.seek(opened.offset)
    if len(opened.fileobj.read(tarfile.BLOCKSIZE)) < tarfile.BLOCKSIZE:
        raise EOFError("it stops without its end mark")


def _path_problem(name: str) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    outside = not name or path.is_absolute() or ".." in path.parts or ":" in name[:2] or "\0" in name or not path.parts
    return "archive.outside" if outside else ""


def _clean(name: str) -> str:
    return str(PurePosixPath(name.replace("\\", "/")))


def _open_member(opened: zipfile.ZipFile | tarfile.TarFile, member: _Member) -> IO[bytes]:
    source: IO[bytes] | None
    if isinstance(opened, zipfile.ZipFile):
        assert isinstance(member.entry, zipfile.ZipInfo)
        source = opened.open(member.entry)
    else:
        assert isinstance(member.entry, tarfile.TarInfo)
        source = opened.extractfile(member.entry)
    assert source is not None
    return source


def _write(opened: zipfile.ZipFile | tarfile.TarFile, member: _Member, target: Path) -> Path:
    source = _open_member(opened, member)
    with source, write_atomic(target) as temporary, temporary.open("wb") as file:
        shutil.copyfileobj(source, file, _PIECE)
        if file.tell() != member.size:
            raise EOFError(f"{file.tell()} bytes where {member.size} are due")
    return target


def _refuse(member: _Member, problem: str) -> Reject:
    why = {
        "archive.outside": "its path leads out of the target",
        "archive.link": "a link or device, no file",
        "archive.encrypted": "it is encrypted",
        "archive.repeated": "another member has its name",
    }[problem]
    return Reject(id=member.name, stage=STAGE, reason=problem, detail=why, unit="file")


def _unreadable(archive: Path, why: str) -> FormatError:
    return FormatError(f"the archive cannot be read whole: {why}", where=str(archive), reason="archive.unreadable")


def _too_large(archive: Path, why: str) -> None:
    fix = "if it is sound, raise limits.max_gib or limits.max_ratio"
    raise FormatError(f"the archive is refused: {why}", where=str(archive), fix=fix, reason="archive.too_large")
