"""Articles wherever they lie: files, folders, ZIP and tar packages, folders of figures with captions, the PMC cloud.

Archives are read member by member and within limits, never unpacked to disk.
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from gmai.base import UnpackLimits, is_archive, iter_members
from gmai.errors import FormatError, GmaiError
from gmai.pmc.cloud import CloudOptions, is_cloud_copy, iter_cloud
from gmai.pmc.jats import MAX_XML_BYTES, read_articles
from gmai.pmc.pictures import STAGE, ArticleItem, PictureFile, PictureIndex, is_picture, join_pictures
from gmai.pmc.plain import iter_plain
from gmai.types import Article, Reject

LIMITS = UnpackLimits(max_gib=100.0)
_XML = (".xml", ".nxml")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")


def iter_articles(
    path: str | Path, *, licence: str = "", cloud: CloudOptions | None = None
) -> Iterator[ArticleItem | Reject]:
    """Read every article at a place, in the order of its files' names.

    Args:
        path: a file of XML, an archive, a folder of these, a folder of pictures with captions, or a local copy or the
            address of PMC's cloud layout.
        licence: for figures with captions only: the licence that the user vouches for; without it, it is unknown
            where the folder does not state one.
        cloud: for the cloud layout: which articles, which versions.

    Yields:
        Articles with their picture files, and a reject for whatever cannot be read.
    """
    if isinstance(path, str) and path.startswith(("http://", "https://")):
        yield from iter_cloud(path, cloud or CloudOptions())
        return
    path = Path(path)
    if not path.exists():
        raise FormatError("there is no such file or folder", where=str(path), reason="articles.missing")
    if path.is_dir():
        if is_cloud_copy(path):
            yield from iter_cloud(path, cloud or CloudOptions())
        else:
            yield from _iter_folder(path, licence)
    elif path.name.lower().endswith(_XML):
        yield from _read_files([path], _beside(path))
    else:
        yield from _read_archive(path)


def _iter_folder(root: Path, licence: str) -> Iterator[ArticleItem | Reject]:
    found = False
    for folder, names, files in os.walk(root):
        names.sort()
        here = Path(folder)
        texts = sorted(here / name for name in files if name.lower().endswith(_XML))
        if texts:
            found = True
            yield from _read_files(texts, PictureIndex(_pictures_below(here)))
        for name in sorted(files):
            if name.lower().endswith(_ARCHIVES):
                found = True
                yield from _read_archive(here / name)
    if not found:
        yield from iter_plain(root, licence)


def _beside(path: Path) -> PictureIndex:
    return PictureIndex(PictureFile(each) for each in sorted(path.parent.iterdir()) if is_picture(each.name))


def _pictures_below(folder: Path) -> Iterator[PictureFile]:
    for place, names, files in os.walk(folder):
        names.sort()
        yield from (PictureFile(Path(place) / name) for name in sorted(files) if is_picture(name))


def _read_files(paths: list[Path], index: PictureIndex) -> Iterator[ArticleItem | Reject]:
    for path in paths:
        try:
            articles = read_articles(path)
        except GmaiError as error:
            yield refuse(str(path), error)
            continue
        yield from (join_pictures(article, index) for article in articles)


def _read_archive(path: Path) -> Iterator[ArticleItem | Reject]:
    """Two passes: which pictures there are, then the articles one by one."""
    if not is_archive(path):
        error = FormatError("neither XML nor an archive", where=str(path), reason="articles.unknown_file")
        yield refuse(str(path), error)
        return
    pictures: list[PictureFile] = []
    rejects: list[Reject] = []
    try:
        for member in iter_members(path, lambda name, size: False, LIMITS):
            if isinstance(member, Reject):
                rejects.append(member)
            elif is_picture(member[0]):
                pictures.append(PictureFile(path, member[0]))
        yield from rejects
        yield from _read_members(path, pictures)
    except GmaiError as error:
        yield refuse(str(path), error, "archive")


def _read_members(path: Path, pictures: list[PictureFile]) -> Iterator[ArticleItem | Reject]:
    indices: dict[str, PictureIndex] = {}
    for member in iter_members(path, lambda name, size: _is_text(name) and size <= MAX_XML_BYTES, LIMITS):
        if isinstance(member, Reject) or not _is_text(member[0]):
            continue
        name, data = member
        shown = f"{path}:{name}"
        if data is None:
            too_large = FormatError(f"XML of more than {MAX_XML_BYTES} bytes", where=shown, reason="xml.too_large")
            yield refuse(shown, too_large)
            continue
        folder = str(PurePosixPath(name).parent)
        if folder not in indices:
            below = [file for file in pictures if folder == "." or file.member.startswith(f"{folder}/")]
            indices = {folder: PictureIndex(below)}
        yield from _read_member(data, shown, indices[folder])


def _read_member(data: bytes, shown: str, index: PictureIndex) -> Iterator[ArticleItem | Reject]:
    try:
        articles: list[Article] = read_articles(data, shown)
    except GmaiError as error:
        yield refuse(shown, error)
    else:
        yield from (join_pictures(article, index) for article in articles)


def _is_text(name: str) -> bool:
    return name.lower().endswith(_XML) and not PurePosixPath(name).name.startswith("._")


def refuse(unit_id: str, error: GmaiError, unit: str = "article") -> Reject:
    """The reject of something that could not be read."""
    return Reject(id=unit_id, stage=STAGE, reason=error.reason, detail=str(error)[:500], unit=unit)
