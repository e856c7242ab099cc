"""Picture files of a package: what there is, and which of them a figure means by the names in its article."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gmai.base import iter_members
from gmai.errors import FormatError
from gmai.types import Article, Figure, Reject

STAGE = "articles"
MAX_PICTURE_BYTES = 512 * 2**20
"""Larger files are not read into memory."""
ENDINGS = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".jp2", ".webp", ".bmp", ".gif")
"""Of picture files, the best first where several have one name."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture that can be read: a file, or a member of an archive."""

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        """Its name without folders."""
        return PurePosixPath(self.member).name if self.member else self.path.name

    def __str__(self) -> str:
        return f"{self.path}:{self.member}" if self.member else str(self.path)

    def read(self) -> bytes:
        """Its bytes as they lie there, not decoded.

        Raises:
            FormatError: ``picture.too_large``, ``picture.missing`` or what is wrong with the archive.
        """
        if not self.member:
            if not self.path.is_file():
                raise FormatError("the picture is not there", where=str(self), reason="picture.missing")
            if self.path.stat().st_size > MAX_PICTURE_BYTES:
                raise self._too_large()
            return self.path.read_bytes()
        found: list[bytes] = []

        def wanted(name: str, size: int) -> bool:
            if name == self.member and size > MAX_PICTURE_BYTES:
                raise self._too_large()
            return name == self.member

        for each in iter_members(self.path, wanted):
            if not isinstance(each, Reject) and each[1] is not None:
                found.append(each[1])
                break
        if not found:
            raise FormatError("the picture is not there", where=str(self), reason="picture.missing")
        return found[0]

    def _too_large(self) -> FormatError:
        return FormatError(f"more than {MAX_PICTURE_BYTES} bytes", where=str(self), reason="picture.too_large")


@dataclass(frozen=True, slots=True)
class ArticleItem:
    """An article with the picture files of its figures."""

    article: Article
    pictures: dict[str, PictureFile] = field(default_factory=dict)
    """The file for each entry of a figure's ``graphics`` that was found, by that entry."""
    missing: tuple[Reject, ...] = ()
    """One for each figure that lacks a picture."""

    def pictures_of(self, figure: Figure) -> list[PictureFile]:
        """The files of a figure, in the order of its graphics; those not found are left out."""
        return [self.pictures[name] for name in figure.graphics if name in self.pictures]


class PictureIndex:
    """Picture files by name, without regard to case, folders and ending."""

    def __init__(self, files: Iterable[PictureFile]) -> None:
        self._names: dict[str, PictureFile] = {}
        self._stems: dict[str, list[PictureFile]] = {}
        for file in files:
            name = file.name.lower()
            if name.endswith(ENDINGS):
                self._names.setdefault(name, file)
                self._stems.setdefault(PurePosixPath(name).stem, []).append(file)

    def __len__(self) -> int:
        return len(self._names)

    def find(self, names: Iterable[str]) -> PictureFile | None:
        """The file that one of the names means, the first that is there; names may be paths, addresses or DOIs."""
        for name in names:
            last = name.partition("?")[0].rstrip("/").rpartition("/")[2].lower()
            if last in self._names:
                return self._names[last]
            stem = PurePosixPath(last).stem if last.endswith(ENDINGS) else last
            if stem in self._stems:
                return min(self._stems[stem], key=lambda file: (ENDINGS.index(_ending(file.name)), str(file)))
        return None


def is_picture(name: str) -> bool:
    """True for names that end as pictures do."""
    return name.lower().endswith(ENDINGS)


def join_pictures(article: Article, index: PictureIndex) -> ArticleItem:
    """Bring figures and files together by name; what finds no file is told, never guessed."""
    pictures: dict[str, PictureFile] = {}
    missing: list[Reject] = []
    for figure in article.figures:
        lost = []
        others = figure.other_graphics or ((),) * len(figure.graphics)
        for name, more in zip(figure.graphics, others, strict=True):
            file = index.find((name, *more))
            if file is None:
                lost.append(name)
            else:
                pictures[name] = file
        if lost or not figure.graphics:
            reason = "figure.no_picture_file" if lost else "figure.no_picture_named"
            detail = ", ".join(lost) if lost else "the article names no picture for it"
            unit_id = f"{article.id}/{figure.id}"
            missing.append(Reject(id=unit_id, stage=STAGE, reason=reason, detail=detail[:300], unit="figure"))
    return ArticleItem(article=article, pictures=pictures, missing=tuple(missing))


def _ending(name: str) -> str:
    return PurePosixPath(name.lower()).suffix
