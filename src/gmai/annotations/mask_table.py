"""Tables that name a mask file for each region of a picture, whole or cut out at a place of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gmai.annotations.entries import facet_columns
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, lone_picture, reject, reject_units, unannotated
from gmai.annotations.paths import PICTURES, check_found, join_below, list_files, list_pictures, name_label
from gmai.annotations.table import Row, read_table
from gmai.base import from_dict
from gmai.errors import CardError, FormatError
from gmai.types import MaskRef, Reject, SourceCard, record


@record
class MaskTableOptions:
    """Where the table, pictures and masks are, and which columns say what."""

    table: str = "*.csv"
    """Glob of the tables."""
    images: str = "images"
    """Folder of the pictures."""
    masks: str = "."
    """Folder of the masks."""
    image: str = "image"
    """Column of the picture's file name."""
    mask: str = "mask"
    """Column of the mask's file name."""
    label: str = "label"
    """Column of the raw label; empty where all masks mark one thing."""
    name: str = "object"
    """Raw label where no column gives one."""
    place: tuple[str, ...] = ()
    """Columns of the left, top, width and height of a mask that was cut out; none where masks are whole."""
    threshold: float | None = None
    """Least value that is inside, which masks with soft edges need, such as JPEG."""
    encoding: str | None = None
    separator: str | None = None


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture with its masks; rows without a mask, and pictures without a row, are rejects.

    Raises:
        FormatError: a table that cannot be read whole, or that lacks a column.
    """
    options = from_dict(MaskTableOptions, card.options, where=f"card {card.name}: options", error=CardError)
    if len(options.place) not in {0, 4}:
        raise CardError("place names left, top, width and height", where=f"card {card.name}: options.place")
    by_image: dict[str, _Masks] = {}
    for path in check_found(card, options.table, list_files(folder, options.table), folder):
        for row in _rows(folder, path, card, options):
            pointer = f"{path}:{row.line}"
            try:
                if row.problem:
                    raise FormatError(row.problem, where=pointer, reason=row.reason)
                image = join_below(options.images, row.cells[options.image], where=pointer)
                found = by_image.setdefault(image, _Masks(row))
            except FormatError as error:
                yield reject(pointer, error.reason, str(error), unit="annotation")
                continue
            try:
                found.masks.append(_read_row(folder, row, pointer, card, options))
            except FormatError as error:
                yield reject(pointer, error.reason, str(error), unit="annotation")
                found.unsure += [name_label(card, raw).name for raw in filter(None, [_raw(row, options)])]
    for image in sorted(by_image):
        yield from _item(folder, image, by_image[image], card)
    for image in list_pictures(folder, options.images):
        if image not in by_image:
            yield from unannotated(lone_picture(image), card, "no row names the picture")


@dataclass
class _Masks:
    """What the rows of one picture say."""

    row: Row
    masks: list[MaskRef] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


def _rows(folder: Path, path: str, card: SourceCard, options: MaskTableOptions) -> Iterator[Row]:
    table = read_table(folder / path, path, encoding=options.encoding, separator=options.separator)
    wanted = [options.image, options.mask, options.label, *options.place]
    wanted += [rule.column for rule in (card.subject, card.split, card.visit) if rule.column]
    wanted += [column for _, column in facet_columns(card)]
    missing = [name for name in wanted if name and name not in table.columns]
    if missing:
        what = f"no column {', '.join(map(repr, missing))}"
        raise FormatError(what, where=path, fix=f"columns: {', '.join(table.columns)}", reason="table.columns")
    yield from table.rows


def _read_row(folder: Path, row: Row, pointer: str, card: SourceCard, options: MaskTableOptions) -> MaskRef:
    if not row.cells[options.mask]:
        raise FormatError("the row names no mask", where=pointer, reason="mask.none")
    mask = join_below(options.masks, row.cells[options.mask], where=pointer)
    if not (folder / mask).is_file():
        raise FormatError(f"{mask} is not there", where=pointer, reason="mask.missing")
    raw = _raw(row, options)
    if not raw:
        raise FormatError("a mask without a label", where=pointer, reason="annotation.no_label")
    return MaskRef(
        label=name_label(card, raw).name,
        record=pointer,
        uri=mask,
        raw=raw,
        place=_place(row, pointer, options),
        threshold=options.threshold,
    )


def _raw(row: Row, options: MaskTableOptions) -> str:
    return row.cells[options.label] if options.label else options.name


def _place(row: Row, pointer: str, options: MaskTableOptions) -> tuple[int, int, int, int] | None:
    if not options.place:
        return None
    try:
        left, top, width, height = (int(row.cells[column]) for column in options.place)
    except ValueError:
        raise FormatError("a place that is not four whole numbers", where=pointer, reason="mask.place") from None
    if width <= 0 or height <= 0:
        raise FormatError(f"a place of {width} x {height} pixels", where=pointer, reason="mask.place")
    return left, top, left + width, top + height


def _item(folder: Path, image: str, found: _Masks, card: SourceCard) -> Iterator[AnnotatedItem | Reject]:
    units = {"image": 1, "annotation": len(found.masks)}
    item = AnnotatedItem(
        id=image,
        kind="raster",
        files=(image,),
        annotations=tuple(found.masks),
        subject=found.row.cells.get(card.subject.column or "") or None,
        split=found.row.cells.get(card.split.column or "") or None,
        visit=found.row.cells.get(card.visit.column or "") or None,
        facets={name: found.row.cells.get(column) or "" for name, column in facet_columns(card)},
        unsure=tuple(dict.fromkeys(found.unsure)),
        units=units,
    )
    if not (folder / image).is_file():
        yield from reject_units(image, units, "image.missing", f"{image} is not there")
    elif not found.masks:
        yield from unannotated(item, card, f"no row of {image} names a mask that is there")
    else:
        yield item


def detect(folder: Path) -> Match | None:
    """A table with one column that names pictures, and one that is called after masks and names others."""
    for path in list_files(folder, "*.csv") + list_files(folder, "*.tsv"):
        try:
            table = read_table(folder / path, path)
        except FormatError:
            continue
        homes = {"." if path.count("/") == 0 else path.split("/")[0] for path in list_files(folder, "*/*")[:1000]}
        places = {column: _folder_of(folder, homes, table.rows[:50], column) for column in table.columns}
        mask = next((c for c in table.columns if "mask" in c.lower() and places[c]), None)
        image = next((c for c in table.columns if c != mask and places[c] and "mask" not in c.lower()), None)
        if mask is None or image is None:
            continue
        label = next((c for c in table.columns if c.lower() in {"class", "label", "category", "structure"}), "")
        lower = {column.lower(): column for column in table.columns}
        place = [lower[name] for name in ("left", "top", "width", "height") if name in lower]
        options: dict[str, object] = {
            "table": path,
            "images": places[image],
            "image": image,
            "masks": places[mask],
            "mask": mask,
        }
        options |= {"label": label, **({"place": place} if len(place) == 4 else {})}
        return Match(format="mask_table", options=options, evidence=path)
    return None


def _folder_of(folder: Path, homes: set[str], rows: tuple[Row, ...], column: str) -> str:
    """The folder below which a column's cells name pictures; empty where they do not."""
    for row in rows:
        cell = row.cells.get(column, "")
        if Path(cell).suffix.lower() not in PICTURES:
            continue
        for home in (".", *sorted(homes)):
            try:
                if (folder / join_below(home, cell, where=column)).is_file():
                    return home
            except FormatError:
                continue
    return ""


FORMAT = Format(read=read, options=MaskTableOptions, detect=detect)
