"""What an import reads: samples and conversations as others wrote them, and the pictures they name."""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple, Protocol

from gmai.base import DAMAGED_ARCHIVE
from gmai.errors import ImageError
from gmai.types import Annotation, ImageRef, Reject, Sample, Step, record

MOST_BYTES = 1 << 30
"""A picture in an archive may not be larger."""
PLACEHOLDER = re.compile(r"<image>\n?")
Subset = Literal["caption", "percept", "instruct", "text"]


@record
class ImportConfig:
    """What is read, and what is said of rows that do not say it themselves."""

    path: Path
    """The folder, or the one file, to read."""
    format: str
    """Name in the registry of imports."""
    out: Path
    """Run folder to write: a corpus."""
    images: Path | None = None
    """Folder that holds the pictures, if not the one that is read."""
    roots: dict[str, Path] = field(default_factory=dict)
    """Folders of the sources' own files, by source: pictures that stayed behind are made again of them."""
    source: str = "imported"
    """Source of rows that name none."""
    licence: str = "unknown"
    """Licence of rows that name none: an SPDX identifier, or ``unknown``."""
    modality: str = "none"
    """Modality of rows that name none."""
    department: str = "none"
    """Department of rows that name none."""
    modalities: dict[str, str] = field(default_factory=dict)
    """Modality as the rows spell it, to one of the lexicon."""
    removed: tuple[Path, ...] = ()
    """Corpora that gmai corpus remove wrote: what was taken out of them does not come back, nor do its pictures in rows
    that name no sample."""
    resume: bool = True
    """False empties the output folder first."""


class ReadPicture(Protocol):
    """Properties of a picture that was read; ``gmai.images.Picture`` has them."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""

    @property
    def sha256(self) -> str:
        """Hash of the file."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was done to it."""

    def encoded(self) -> bytes:
        """The bytes a store keeps."""


class PictureTools(NamedTuple):
    """What the images room does for an import."""

    read: Callable[[bytes, str], ReadPicture]
    """Reads an encoded picture, clean of metadata."""
    fingerprint: Callable[[bytes], str]
    """Perceptual hash of an encoded picture."""
    replay: Callable[[Sequence[Path], ImageRef, Sequence[Step]], bytes]
    """Makes a stored picture again from its file."""


@dataclass(frozen=True, slots=True)
class Named:
    """A picture by name, with its bytes where the file that names it holds them."""

    name: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class ForeignSample:
    """A sample whose whole record came along; pictures are looked for by their hashes where none are given."""

    sample: Sample
    pictures: tuple[Named, ...] | None
    where: str


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """One conversation as it stands."""

    where: str
    id: str
    turns: tuple[tuple[str, str], ...]
    """(user or assistant, text without placeholders)."""
    pictures: tuple[Named, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    """What the row says: source, licence, subset, kind, task, modality, department, language."""
    record: str = ""
    """The conversation as gmai wrote it, if it came along."""
    annotations: tuple[Annotation, ...] = ()
    restricted: bool = False
    """Its pictures may not be passed on."""


Foreign = ForeignSample | ForeignRow | Reject


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """One way others write conversations."""

    read: Callable[[ImportConfig], Iterator[Foreign]]
    folders: Callable[[Path], Sequence[Path]] = lambda path: ()
    """Folders beside :attr:`ImportConfig.path` that may hold pictures, or ZIP files of them."""


class PictureFolder:
    """Pictures below some folders, and in the ZIP files that lie in them."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = list(dict.fromkeys(folders))
        self._members: dict[str, zipfile.ZipFile] | None = None
        self._damaged: list[str] = []

    def read(self, name: str) -> bytes:
        """The bytes of a picture.

        Raises:
            ImageError: ``import.missing``: it is nowhere; ``import.outside``: its path leads out of the folders;
                ``import.zip``: its archive is damaged, locked or too large.
        """
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise ImageError("the path leads out of the folder", where=name, reason="import.outside")
        for folder in self._folders:
            if (folder / path).is_file():
                return (folder / path).read_bytes()
        if (archive := self._archives().get(str(path))) is not None:
            return _unpack(archive, str(path))
        if self._damaged:
            what = f"the picture is not there, and {', '.join(self._damaged)} cannot be read"
            raise ImageError(what, where=name, reason="import.zip")
        raise ImageError("the picture is not there", where=name, reason="import.missing")

    def find(self, digest: str) -> bytes | None:
        """The bytes of a picture that an export named by its hash."""
        for folder in self._folders:
            for ending in ("png", "jpg"):
                path = folder / "images" / digest[:2] / f"{digest}.{ending}"
                if path.is_file():
                    return path.read_bytes()
        return None

    def _archives(self) -> dict[str, zipfile.ZipFile]:
        if self._members is None:
            self._members = {}
            for folder in self._folders:
                for path in sorted(folder.glob("*.zip")):
                    try:
                        archive = zipfile.ZipFile(path)
                    except DAMAGED_ARCHIVE:
                        self._damaged.append(path.name)
                        continue
                    self._members |= dict.fromkeys(archive.namelist(), archive)
        return self._members


def _unpack(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        size = archive.getinfo(name).file_size
        if size > MOST_BYTES:
            raise ImageError(f"a picture of {size} bytes", where=name, reason="import.zip")
        return archive.read(name)
    except DAMAGED_ARCHIVE as error:
        raise ImageError(f"cannot be unpacked: {error}", where=name, reason="import.zip") from None
