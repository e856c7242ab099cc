"""PMC's cloud layout of 2026, from a local copy or over HTTPS.

``metadata/PMC<id>.<version>.json`` tells of one version: ids, licence code, whether it is open, a manuscript, scanned
or retracted, and the addresses of its files with their MD5; the files lie in ``PMC<id>.<version>/``. Written to the
published layout and tested on a local server; not run against the real one.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from gmai.annotations import parse_xml
from gmai.base import loads
from gmai.errors import FormatError, GmaiError, RemoteError
from gmai.pmc.fetch import fetch
from gmai.pmc.jats import MAX_XML_BYTES, read_article
from gmai.pmc.licences import family, find_licence
from gmai.pmc.pictures import (
    MAX_PICTURE_BYTES,
    STAGE,
    ArticleItem,
    PictureFile,
    PictureIndex,
    is_picture,
    join_pictures,
)
from gmai.types import UNKNOWN_LICENCE, Article, Reject, record

_VERSION = re.compile(r"(PMC\d+)\.(\d+)")
_MD5 = re.compile(r"[0-9a-f]{32}")
MAX_METADATA_BYTES = 4 * 2**20


@record
class CloudOptions:
    """Which articles of PMC's cloud to read, and how."""

    ids: tuple[str, ...] = ()
    """PMCIDs, with or without version; empty: all that are listed."""
    versions: str = "best"
    """``best``: of each article the newest version that is no manuscript, else the newest; ``all``: every one."""
    manuscripts: bool = False
    """Take author manuscripts too."""
    scanned: bool = False
    """Take articles whose text was read from scanned pages too."""
    timeout_s: float = 60.0
    """For each file."""
    keep: str = ""
    """Folder for pictures read over HTTPS; needed for them, for otherwise only the text is read."""


class _Store:
    """Files of the layout by their key, in a folder or behind an address."""

    def __init__(self, root: Path | str, options: CloudOptions) -> None:
        self.root = root if isinstance(root, Path) else root.rstrip("/")
        self.options = options

    def read(self, key: str, most: int) -> bytes:
        if isinstance(self.root, str):
            return fetch(f"{self.root}/{quote(key)}", most, self.options.timeout_s)
        path = self._inside(key)
        if not path.is_file():
            raise FormatError("the file is not there", where=str(path), reason="cloud.missing_file")
        if path.stat().st_size > most:
            raise FormatError(f"more than {most} bytes", where=str(path), reason="cloud.too_large")
        return path.read_bytes()

    def _inside(self, key: str) -> Path:
        parts = PurePosixPath(key).parts
        if not parts or ".." in parts or parts[0] == "/":
            raise FormatError("an address outside the layout", where=key, reason="cloud.outside")
        assert isinstance(self.root, Path)
        return self.root.joinpath(*parts)

    def list(self, prefix: str) -> Iterator[str]:
        """Keys that begin so, in order."""
        if isinstance(self.root, Path):
            folder = self.root / "metadata"
            yield from sorted(
                f"metadata/{path.name}" for path in folder.glob("*.json") if f"metadata/{path.name}".startswith(prefix)
            )
            return
        token = ""
        while True:
            more = f"&continuation-token={quote(token, safe='')}" if token else ""
            address = f"{self.root}/?list-type=2&prefix={quote(prefix, safe='')}{more}"
            page = parse_xml(fetch(address, MAX_XML_BYTES, self.options.timeout_s), address)
            yield from (element.text or "" for element in page.iterfind("{*}Contents/{*}Key"))
            token = page.findtext("{*}NextContinuationToken") or ""
            if (page.findtext("{*}IsTruncated") or "").lower() != "true" or not token:
                return


@dataclass(frozen=True, slots=True)
class _Version:
    name: str
    """``PMC123.2``"""
    number: int
    told: dict[str, Any]


def is_cloud_copy(folder: Path) -> bool:
    """True for a folder laid out as PMC's cloud."""
    return any(_VERSION.fullmatch(path.stem) for path in (folder / "metadata").glob("PMC*.json"))


def iter_cloud(root: Path | str, options: CloudOptions) -> Iterator[ArticleItem | Reject]:
    """Read the articles of the layout, each file held to its MD5; what does not fit is a reject."""
    store = _Store(root, options)
    for pmcid, names in _wanted(store, options.ids):
        versions: list[_Version] = []
        for name in names:
            try:
                versions.append(_read_version(store, name))
            except GmaiError as error:
                yield _refuse(name, error.reason, str(error))
        if not versions and not names:
            yield _refuse(pmcid, "cloud.not_listed", "no version of it is listed")
        chosen, left = _choose(versions, options)
        yield from left
        for version in chosen:
            try:
                yield _read_item(store, version)
            except GmaiError as error:
                yield _refuse(version.name, error.reason, str(error))


def _wanted(store: _Store, ids: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Each article with the names of its versions; the listing is in the order of names, so versions are neighbours."""
    for each in ids:
        if _VERSION.fullmatch(each):
            yield each.partition(".")[0], [each]
        else:
            yield each, _names(store.list(f"metadata/{each}."))
    if ids:
        return
    pending: list[str] = []
    for name in (name for key in store.list("metadata/PMC") for name in _names([key])):
        if pending and pending[0].partition(".")[0] != name.partition(".")[0]:
            yield pending[0].partition(".")[0], pending
            pending = []
        pending.append(name)
    if pending:
        yield pending[0].partition(".")[0], pending


def _names(keys: Iterable[str]) -> list[str]:
    stems = [PurePosixPath(key).stem for key in keys if key.endswith(".json")]
    return [stem for stem in stems if _VERSION.fullmatch(stem)]


def _read_version(store: _Store, name: str) -> _Version:
    key = f"metadata/{name}.json"
    told = loads(store.read(key, MAX_METADATA_BYTES), where=key)
    match = _VERSION.fullmatch(name)
    assert match is not None
    if not isinstance(told, dict) or told.get("pmcid") != match[1] or str(told.get("version")) != match[2]:
        raise FormatError("its ids are not those of its name", where=key, reason="cloud.metadata")
    return _Version(name=name, number=int(match[2]), told=told)


def _choose(versions: list[_Version], options: CloudOptions) -> tuple[list[_Version], list[Reject]]:
    """The versions to read: a higher number is not always the better text, for it may be a manuscript."""
    open_ones: list[_Version] = []
    left: list[Reject] = []
    for version in versions:
        why = _why_not(version.told, options)
        if why:
            left.append(_refuse(version.name, why, str(version.told.get("title") or "")[:200]))
        else:
            open_ones.append(version)
    if options.versions == "all" or len(open_ones) < 2:
        return open_ones, left
    best = max(open_ones, key=lambda each: (each.told.get("is_manuscript") is False, each.number))
    left += [_refuse(each.name, "cloud.other_version", best.name) for each in open_ones if each is not best]
    return [best], left


def _why_not(told: dict[str, Any], options: CloudOptions) -> str:
    """Closed where in doubt: what is not said to be open, or not said to be unretracted, is left out."""
    if told.get("is_retracted") is not False:
        return "article.retracted" if told.get("is_retracted") else "cloud.retraction_unknown"
    if told.get("is_pmc_openaccess") is not True and not (options.manuscripts and told.get("is_manuscript") is True):
        return "cloud.not_open"
    if told.get("is_manuscript") is True and not options.manuscripts:
        return "cloud.manuscript"
    if told.get("is_historical_ocr") is True and not options.scanned:
        return "cloud.scanned"
    return ""


def _read_item(store: _Store, version: _Version) -> ArticleItem:
    data = _read_checked(store, version, str(version.told.get("xml_url") or ""), MAX_XML_BYTES)
    article = read_article(data, f"{store.root}/{version.name}/{version.name}.xml")
    article = _with_metadata(article, version.told)
    files: list[PictureFile] = []
    lost: list[Reject] = []
    for address in version.told.get("media_urls") or ():
        if is_picture(urlsplit(str(address)).path):
            try:
                files += _picture(store, version, str(address))
            except GmaiError as error:
                lost.append(_refuse(f"{version.name}/{address}", error.reason, str(error), "picture"))
    item = join_pictures(article, PictureIndex(files))
    return replace(item, missing=(*lost, *item.missing))


def _picture(store: _Store, version: _Version, address: str) -> list[PictureFile]:
    """A picture, held to its MD5; over HTTPS it is kept in a folder, or not read at all."""
    if isinstance(store.root, Path):
        _read_checked(store, version, address, MAX_PICTURE_BYTES)
        return [PictureFile(store._inside(_key(address, version)))]
    if not store.options.keep:
        return []
    path = Path(store.options.keep).joinpath(*PurePosixPath(_key(address, version)).parts)
    md5 = _md5(address)
    if not (path.is_file() and md5 and hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() == md5):
        data = _read_checked(store, version, address, MAX_PICTURE_BYTES)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(path.name + ".part")
        temporary.write_bytes(data)
        temporary.replace(path)
    return [PictureFile(path)]


def _read_checked(store: _Store, version: _Version, address: str, most: int) -> bytes:
    key, md5 = _key(address, version), _md5(address)
    data = store.read(key, most)
    if not md5:
        raise FormatError("its address carries no MD5", where=address, reason="cloud.md5_missing")
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != md5:
        raise RemoteError("the file is not the one its MD5 tells", where=key, reason="cloud.md5")
    return data


def _key(address: str, version: _Version) -> str:
    """The key of ``s3://bucket/PMC123.2/file?md5=…``; it must lie in the version's own folder."""
    key = unquote(urlsplit(address).path).lstrip("/")
    if not key.startswith(f"{version.name}/") or ".." in PurePosixPath(key).parts:
        raise FormatError("an address outside the article's folder", where=address, reason="cloud.outside")
    return key


def _md5(address: str) -> str:
    stated = parse_qs(urlsplit(address).query).get("md5", [""])[0].lower()
    return stated if _MD5.fullmatch(stated) else ""


def _with_metadata(article: Article, told: dict[str, Any]) -> Article:
    """What the metadata adds; licences of text and metadata must not contradict each other, or none is known."""
    code = find_licence(str(told.get("license_code") or ""))
    licence = article.licence
    if licence == UNKNOWN_LICENCE:
        licence = code
    elif code not in (UNKNOWN_LICENCE, licence) and family(code) != family(licence):
        licence = UNKNOWN_LICENCE
    pmcid = str(told.get("pmcid"))
    figures = tuple(
        replace(figure, licence=licence) if figure.licence == article.licence else figure for figure in article.figures
    )
    return replace(
        article,
        id=pmcid,
        pmcid=pmcid,
        pmid=article.pmid or str(told.get("pmid") or ""),
        doi=article.doi or str(told.get("doi") or ""),
        citation=str(told.get("citation") or "") or article.citation,
        licence=licence,
        figures=figures,
    )


def _refuse(unit_id: str, reason: str, detail: str, unit: str = "article") -> Reject:
    return Reject(id=unit_id, stage=STAGE, reason=reason, detail=detail[:500], unit=unit)
