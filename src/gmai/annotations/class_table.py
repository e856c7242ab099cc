"""Tables that give each picture its classes: CSV or TSV, one or several label columns."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, lone_picture, reject_units, unannotated
from gmai.annotations.paths import check_found, join_below, list_files, list_pictures, name_label
from gmai.annotations.table import Row, Table, read_table
from gmai.base import from_dict
from gmai.errors import CardError, FormatError
from gmai.types import Label, Reject, SourceCard, record


@record
class TableOptions:
    """Where the table and pictures are, and which columns say what."""

    table: str = "*.csv"
    """Glob of the tables."""
    images: str = "images"
    """Folder of the pictures."""
    image: str = "image"
    """Column of the picture's file name."""
    suffix: str = ""
    """Ending to add to the file name, such as ``.png``."""
    labels: dict[str, str] = field(default_factory=lambda: {"label": "finding"})
    """Label column to the question kind it answers."""
    several: str = ""
    """What separates several labels in one cell, such as ``|``."""
    encoding: str | None = None
    separator: str | None = None


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture with a row; contradicting rows, and pictures without a row, are rejects.

    Raises:
        FormatError: a table that cannot be read whole, or that lacks a column.
    """
    options = from_dict(TableOptions, card.options, where=f"card {card.name}: options", error=CardError)
    named: set[str] = set()
    for path in check_found(card, options.table, list_files(folder, options.table), folder):
        table = read_table(folder / path, path, encoding=options.encoding, separator=options.separator)
        _check_columns(table, card, options, path)
        for image, rows in _by_image(table, options, path).items():
            if image in named:
                lost = {"annotation": sum(len(_labels(card, options, path, row)) for row in rows)}
                yield from reject_units(path, lost, "table.duplicate", f"another table names {image} too")
            else:
                yield from _read_image(folder, card, options, image, [(path, row) for row in rows])
            named.add(image)
    for image in list_pictures(folder, options.images):
        if image not in named:
            yield from unannotated(lone_picture(image), card, "no row names the picture")


def _check_columns(table: Table, card: SourceCard, options: TableOptions, path: str) -> None:
    wanted = [options.image, *options.labels, *filter(None, (card.subject.column, card.split.column))]
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        what = f"no column {', '.join(map(repr, missing))}"
        raise FormatError(what, where=path, fix=f"columns: {', '.join(table.columns)}", reason="table.columns")


def _by_image(table: Table, options: TableOptions, path: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in table.rows:
        name = row.cells.get(options.image, "") + options.suffix
        try:
            found[join_below(options.images, name, where=f"{path}:{row.line}")].append(row)
        except FormatError as error:
            found[f"{path}:{row.line}"].append(Row(row.line, row.cells, error.message, error.reason))
    return found


def _read_image(
    folder: Path, card: SourceCard, options: TableOptions, image: str, found: list[tuple[str, Row]]
) -> Iterator[AnnotatedItem | Reject]:
    path, row = found[0]
    labels = _labels(card, options, path, row)
    units = {"image": 1, "annotation": len(labels)}
    pointer = f"{path}:{row.line}"
    wrong = next((each for _, each in found if each.problem), None)
    if wrong is not None:
        lost = {"image": 1, "annotation": sum(len(_labels(card, options, path, each)) for _, each in found)}
        yield from reject_units(pointer, lost, wrong.reason, wrong.problem)
        return
    meanings = {tuple(each.cells.get(name, "") for name in options.labels) for _, each in found}
    others = sum(len(_labels(card, options, path, each)) for _, each in found[1:])
    if len(meanings) > 1:
        lost = {"image": 1, "annotation": len(labels) + others}
        yield from reject_units(pointer, lost, "table.conflict", f"{len(found)} rows of {image} disagree")
        return
    yield from reject_units(pointer, {"annotation": others}, "table.duplicate", f"{image} has {len(found)} equal rows")
    if not labels:
        yield from reject_units(pointer, units, "annotation.missing", f"no label for {image}")
    elif not (folder / image).is_file():
        yield from reject_units(pointer, units, "image.missing", f"{pointer} names {image}, which is not there")
    else:
        yield AnnotatedItem(
            id=image,
            kind="raster",
            files=(image,),
            annotations=labels,
            subject=row.cells.get(card.subject.column or "") or None,
            split=row.cells.get(card.split.column or "") or None,
            units=units,
        )


def _labels(card: SourceCard, options: TableOptions, path: str, row: Row) -> tuple[Label, ...]:
    labels = []
    for column, kind in options.labels.items():
        cell = row.cells.get(column, "")
        for raw in cell.split(options.several) if options.several else (cell,):
            if raw.strip():
                name = name_label(card, raw.strip()).name
                labels.append(Label(name=name, record=f"{path}:{row.line}#{column}", task=kind, raw=raw.strip()))
    return tuple(labels)


def detect(folder: Path) -> Match | None:
    """A table whose first column names pictures of a folder beside it."""
    for pattern in ("*.csv", "*.tsv"):
        for path in list_files(folder, pattern):
            table = read_table(folder / path, path)
            for images in ("images", "."):
                names = {picture.rpartition("/")[2] for picture in list_pictures(folder, images)}
                if len(table.columns) > 1 and any(row.cells[table.columns[0]] in names for row in table.rows):
                    labels = {table.columns[-1]: "finding"}
                    options = {"table": path, "images": images, "image": table.columns[0], "labels": labels}
                    return Match(format="class_table", options=options, evidence=path)
    return None


FORMAT = Format(read=read, options=TableOptions, detect=detect)
