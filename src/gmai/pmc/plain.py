"""Folders of figures without articles: pictures, and their captions in JSON, JSON lines, CSV, TSV or text files.

Each figure becomes an article of one figure, or, where a PMCID is told by a column or the picture's name
(``PMC123_figure1.jpg``), of all figures of that PMCID.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from gmai.annotations import Entry, EntryOptions, read_entries
from gmai.errors import FormatError, GmaiError
from gmai.pmc.licences import find_licence, is_reprinted
from gmai.pmc.pictures import STAGE, ArticleItem, PictureFile, PictureIndex, is_picture
from gmai.types import UNKNOWN_LICENCE, Article, Figure, Passage, Reject

_TABLES = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")
_PICTURE = ("image", "picture", "file", "file_name", "filename", "image_path", "path", "graphic", "figure", "name")
_CAPTION = ("caption", "text", "description", "legend")
_PASSAGES = ("references", "passages", "inline_references", "mentions")
_LICENCE = ("licence", "license", "license_code")
_PMCID = re.compile(r"(?:^|[^A-Za-z])(PMC\d+)(?=\D|$)")
_CROP = re.compile(r"(.+\.(?:jpe?g|png|tiff?))_\d+\.(?:jpe?g|png|tiff?)", re.I)
MAX_TEXT_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class _Told:
    """What was said of one picture, and where."""

    pointer: str
    caption: str = ""
    label: str = ""
    title: str = ""
    licence: str = ""
    pmcid: str = ""
    doi: str = ""
    citation: str = ""
    language: str = "en"
    passages: tuple[str, ...] = ()


def iter_plain(root: Path, licence: str) -> Iterator[ArticleItem | Reject]:
    """Read the figures of a folder; what is told of no picture, and told twice of one, is a reject.

    A crop beside its figure (``figure.jpg_2.jpg`` beside ``figure.jpg``) is no figure of its own and is rejected so.
    """
    files = sorted(path for path in root.rglob("*") if path.is_file() and is_picture(path.name))
    index = PictureIndex(PictureFile(path) for path in files)
    told: dict[Path, _Told] = {}
    for path in sorted(each for each in root.rglob("*") if each.suffix.lower() in _TABLES and each.is_file()):
        yield from _read_table(path, root, index, told)
    names = {path.name.lower() for path in files}
    items: dict[str, ArticleItem] = {}
    for path in files:
        crop = _CROP.fullmatch(path.name)
        if crop and crop[1].lower() in names and path not in told:
            detail = f"a crop of {crop[1]}"
            yield Reject(id=_shown(path, root), stage=STAGE, reason="figure.is_crop", detail=detail, unit="figure")
            continue
        if path not in told:
            beside = _read_beside(path, root)
            if isinstance(beside, Reject):
                yield beside
                continue
            told[path] = beside
        _add(items, path, root, told[path], licence)
    yield from items.values()


def _read_table(path: Path, root: Path, index: PictureIndex, told: dict[Path, _Told]) -> Iterator[Reject]:
    shown = _shown(path, root)
    try:
        for entry in read_entries(path, shown, EntryOptions(key="image")):
            problem = _read_entry(entry, index, told)
            if problem is not None:
                reason, detail = problem
                yield Reject(id=entry.pointer, stage=STAGE, reason=reason, detail=detail[:300], unit="figure")
    except GmaiError as error:
        yield Reject(id=shown, stage=STAGE, reason=error.reason, detail=str(error)[:300], unit="article")


def _read_entry(entry: Entry, index: PictureIndex, told: dict[Path, _Told]) -> tuple[str, str] | None:
    if entry.problem:
        return entry.reason, entry.problem
    name = _first(entry, _PICTURE)
    caption = _first(entry, _CAPTION)
    if not name or not caption:
        return "figure.no_caption", "an entry without a picture's name or without a caption"
    file = index.find((name,))
    if file is None:
        return "figure.no_picture_file", name
    if file.path in told:
        return "figure.told_twice", f"{name}: first in {told[file.path].pointer}"
    told[file.path] = _Told(
        pointer=entry.pointer,
        caption=caption,
        label=entry.text("label"),
        title=entry.text("title"),
        licence=_first(entry, _LICENCE),
        pmcid=entry.text("pmcid"),
        doi=entry.text("doi"),
        citation=entry.text("citation"),
        language=entry.text("language") or "en",
        passages=next((texts for key in _PASSAGES if (texts := entry.texts(key))), ()),
    )
    return None


def _first(entry: Entry, keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := entry.text(key))), "")


def _read_beside(path: Path, root: Path) -> _Told | Reject:
    """The text file beside a picture; a picture without one has no caption, which is no error."""
    for beside in (path.with_suffix(".txt"), path.with_name(path.name + ".txt")):
        if beside.is_file():
            shown = _shown(beside, root)
            try:
                if beside.stat().st_size > MAX_TEXT_BYTES:
                    raise FormatError("too large for a caption", where=shown, reason="figure.caption_too_large")
                return _Told(pointer=shown, caption=" ".join(beside.read_text(encoding="utf-8-sig").split()))
            except (GmaiError, UnicodeDecodeError) as error:
                reason = error.reason if isinstance(error, GmaiError) else "figure.caption_encoding"
                return Reject(id=shown, stage=STAGE, reason=reason, detail=str(error), unit="figure")
    return _Told(pointer=_shown(path, root))


def _add(items: dict[str, ArticleItem], path: Path, root: Path, told: _Told, licence: str) -> None:
    shown = _shown(path, root)
    named = _PMCID.search(told.pmcid or path.name)
    pmcid = named[1] if named else ""
    stated = find_licence(told.licence) if told.licence else licence or UNKNOWN_LICENCE
    reprinted = is_reprinted(told.caption)
    figure = Figure(
        id=PurePosixPath(shown).name,
        label=told.label,
        title=told.title,
        caption=told.caption,
        language=told.language,
        graphics=(shown,),
        passages=tuple(Passage(text=text, how="named") for text in told.passages),
        licence=find_licence(told.caption) if reprinted else stated,
        licence_text=told.licence,
        reprinted=reprinted,
    )
    key = pmcid or told.doi or shown
    if key not in items:
        article = Article(
            id=key,
            pmcid=pmcid,
            doi=told.doi,
            language=told.language,
            kind="figures",
            licence=stated,
            licence_text=told.licence,
            citation=told.citation or pmcid or told.doi,
            source=f"{root}:{told.pointer}",
        )
        items[key] = ArticleItem(article=article)
    item = items[key]
    if any(each.id == figure.id for each in item.article.figures):
        figure = replace(figure, id=shown)
    article = replace(item.article, figures=(*item.article.figures, figure))
    if article.licence != stated:  # figures of one article under several licences: each keeps its own
        article = replace(article, licence=UNKNOWN_LICENCE)
    items[key] = ArticleItem(article=article, pictures={**item.pictures, shown: PictureFile(path)})


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
