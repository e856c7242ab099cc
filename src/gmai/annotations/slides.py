"""Whole-slide images with classes from a table or from folders, outlines (ASAP, QuPath) and label maps beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from gmai.annotations.class_folders import SLIDES
from gmai.annotations.file_classes import ANY, FileClassOptions, read_classes
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, RegionFile, reject, reject_units, unannotated
from gmai.annotations.outlines import read_outlines
from gmai.annotations.paths import check_found, ending, fill_template, list_files, parent, sample_files, stem
from gmai.base import from_dict
from gmai.errors import CardError, FormatError, ImageError
from gmai.types import Reject, SourceCard, record

MOST_TILES = 512
"""Tiles that one piece of work may give; more are cut into parts by the size of the file."""
PART_BYTES = 64 * 2**20
_TIFFS = frozenset({".tif", ".tiff", ".btf", ".tf8"})


@record
class SlideOptions(FileClassOptions):
    """Where slides are, where their classes come from, and what is drawn on them."""

    label_level: Literal["", "slide", "tile"] = ""
    """What classes are said of: ``slide``: of the whole, so that a tile of it need not show them; ``tile``: of every
    tile, such as an organ or a stain. Must be given where there are classes."""
    outlines: str = ""
    """Template of the file with outlines: ``{stem}`` is the slide's name without ending, ``{parent}`` its folder's
    path, ``{folder}`` its folder's name."""
    masks: str = ""
    """Template of the label map, a TIFF."""
    names: dict[str, str] = field(default_factory=dict)
    """Value of a label map to raw label."""
    ignore: tuple[int, ...] = ()
    """Values of label maps that are no region, beside 0."""
    label: str | None = None
    """Raw label of outlines without a class."""
    holes: tuple[str, ...] = ()
    """Raw labels of outlines that are cut out of the others."""
    mpp: float | None = None
    """Micrometres a pixel of the finest level, of slides that do not say it."""


@dataclass
class _Slides:
    folder: Path
    card: SourceCard
    options: SlideOptions
    look: LookAt
    used: set[str] = field(default_factory=set)
    """Region files that belong to a slide."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per slide (or per part of one that gives very many tiles); the files of a DICOM slide make one.

    Raises:
        CardError: classes, and nobody says of what (``label_level``).
        FormatError: as the readers of tables and folders.
    """
    where = f"card {card.name}: options"
    options = from_dict(SlideOptions, card.options, where=where, error=CardError)
    if (options.table or options.layout) and not options.label_level:
        fix = "label_level: slide (a tile need not show it) or tile (it holds for every tile)"
        raise CardError("classes of slides, and nobody says of what they hold", where=f"{where}.label_level", fix=fix)
    slides = _Slides(folder, card, options, look)
    for item in _whole(_items(slides), look):
        if isinstance(item, Reject):
            yield item
            continue
        for found in _with_regions(item, slides):
            yield from [found] if isinstance(found, Reject) else _parts(found, slides)
    for template, unit in ((options.outlines, "annotation"), (options.masks, "pair")):
        for path in list_files(folder, fill_template(template, **ANY)) if template else ():
            if path not in slides.used:
                yield from reject_units(path, {unit: 1}, "image.missing", f"no slide belongs to {path}")


def _items(slides: _Slides) -> Iterator[AnnotatedItem | Reject]:
    if slides.options.table or slides.options.layout:
        yield from read_classes(slides.folder, slides.card, slides.options, slides.look)
    else:
        yield from _listed(slides)


def _listed(slides: _Slides) -> Iterator[AnnotatedItem | Reject]:
    """The files of the glob, without those that outline or mask a slide, or are parts of one."""
    options, folder = slides.options, slides.folder
    paths = list_files(folder, options.files)
    beside = {path.rpartition(".")[0] + "/" for path in paths if path.lower().endswith(".mrxs")}
    others = {
        path
        for template in (options.outlines, options.masks)
        if template
        for path in list_files(folder, fill_template(template, **ANY))
    }
    for path in check_found(slides.card, options.files, paths, folder):
        if path in others or any(path.startswith(home) for home in beside):
            continue
        try:
            seen = slides.look(path)
        except ImageError as error:
            shown_path = error.where if error.where.startswith("hidden/") else path
            yield reject(shown_path, error.reason, str(error).replace(f"{folder}/", ""), unit="image")
            continue
        is_slide = seen.kind == "slide" or (seen.kind == "dicom" and seen.modality == "SM")
        if not is_slide and not (seen.kind == "raster" and ending(path) in _TIFFS):
            what = f"a file of kind {seen.kind}, no slide"
            yield reject(seen.shown, "slide.not_a_slide", what, unit="image")
            continue
        shown = () if seen.shown == path else (seen.shown,)
        told = {name: getattr(seen, name) or None for name in ("subject", "study", "series", "visit")}
        kind: Literal["series", "slide"] = "series" if seen.kind == "dicom" else "slide"
        yield AnnotatedItem(id=path, kind=kind, files=(path,), shown=shown, **told)  # type: ignore[arg-type]


def _whole(items: Iterator[AnnotatedItem | Reject], look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Items as slides; those of the files of one DICOM series are one, and come last."""
    series: dict[str, AnnotatedItem] = {}
    for item in items:
        if isinstance(item, Reject):
            yield item
        elif item.kind != "series":
            yield replace(item, kind="slide")
        else:
            key = look(item.files[0]).whole_series
            first = series.get(key)
            series[key] = replace(item, kind="slide") if first is None else _join(first, item)
    yield from series.values()


def _join(first: AnnotatedItem, item: AnnotatedItem) -> AnnotatedItem:
    new = tuple(each for each in item.annotations if _meaning(each) not in {_meaning(one) for one in first.annotations})
    units = {unit: first.units.get(unit, 0) + item.units.get(unit, 0) for unit in {*first.units, *item.units}}
    return replace(
        first,
        files=(*first.files, *item.files),
        shown=(*(first.shown or first.files), *(item.shown or item.files)),
        annotations=(*first.annotations, *new),
        units=units,
    )


def _meaning(annotation: Any) -> tuple[object, ...]:
    return annotation.kind, getattr(annotation, "task", ""), getattr(annotation, "raw", "")


def _with_regions(item: AnnotatedItem, slides: _Slides) -> Iterator[AnnotatedItem | Reject]:
    """The item with its region files; what a broken one holds cannot be counted, so the file itself is."""
    options, path = slides.options, item.files[0]
    places = {"stem": stem(path), "folder": parent(path).rpartition("/")[2], "parent": parent(path)}
    regions, units, lost = [], dict(item.units), []
    for template, unit in ((options.outlines, "annotation"), (options.masks, "pair")):
        name = fill_template(template, **places) if template else ""
        if not name or not (slides.folder / name).is_file():
            continue
        slides.used.add(name)
        try:
            file, count = _region_file(name, unit, slides)
        except FormatError as error:
            lost.append(reject(name, error.reason, str(error), unit=unit))
            continue
        regions.append(file)
        units[unit] = units.get(unit, 0) + count
    item = replace(item, regions=tuple(regions), units=units)
    yield from lost
    said = item.annotations or regions
    yield from [item] if said else unannotated(item, slides.card, f"nothing is said of {(item.shown or item.files)[0]}")


def _region_file(name: str, unit: str, slides: _Slides) -> tuple[RegionFile, int]:
    options = slides.options
    if unit == "pair":
        return RegionFile(path=name, ignore=options.ignore, names=options.names, units={"pair": 1}), 1
    count = read_outlines(slides.folder / name, name, slides.card, options.label).count
    return RegionFile(path=name, kind="outlines", label=options.label, units={"annotation": count}), count


def _parts(item: AnnotatedItem, slides: _Slides) -> Iterator[AnnotatedItem]:
    """Itself, or parts of it where it may give more tiles than should lie in memory together."""
    count = slides.card.tiles.count
    size = sum((slides.folder / path).stat().st_size for path in item.files)
    parts = 1 if 0 < count <= MOST_TILES else max(1, -(-size // PART_BYTES))
    for number in range(parts):
        own = {**item.units, "part": 1} if number == 0 else {"part": 1}
        yield item if parts == 1 else replace(item, part=(number, parts), units=own)


def detect(folder: Path) -> Match | None:
    """Files whose ending is a slide's; outlines beside them by the same name."""
    files = sample_files(folder)
    slides = [path for path in files if ending(path) in SLIDES]
    if not slides:
        return None
    options: dict[str, Any] = {"files": f"**/*{PurePosixPath(slides[0]).suffix}"}
    names = {stem(path) for path in slides}
    for path in files:
        if ending(path) in {".xml", ".geojson"} and stem(path) in names:
            home = parent(path)
            options["outlines"] = f"{'' if home == '.' else home + '/'}{{stem}}{PurePosixPath(path).suffix}"
            break
    return Match(format="slides", options=options, evidence=slides[0])


FORMAT = Format(read=read, options=SlideOptions, detect=detect)
