"""Tables about pictures: classes, grades, flags, numbers, boxes and texts, in CSV, TSV, XLSX, JSON or Parquet.

A picture may have several rows: they are merged where they agree, and the picture is a reject where they do not.
"""

from collections import defaultdict
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from gmai.annotations.entries import Entry, facet_columns, list_found, read_entries, read_facets
from gmai.annotations.item import AnnotatedItem, Format, LookAt, reject_units
from gmai.annotations.picture_files import PictureFiles, PictureOptions
from gmai.annotations.table_cells import CellOptions, Said, distinct_cells, meaning, read_cells
from gmai.annotations.table_detect import detect
from gmai.base import from_dict
from gmai.errors import CardError, FormatError, ImageError
from gmai.types import Annotation, Reject, SourceCard, record


@record
class TableOptions(CellOptions, PictureOptions):
    """Where the table and pictures are, and which columns say what."""

    table: str | tuple[str, ...] = "*.csv"
    """Glob, or several, of the tables."""
    image: str = "image"
    """Column of the picture's file name; the key itself, where a JSON file has its entries by picture."""
    rows: Literal["one", "more"] = "one"
    """``one``: a picture's rows must agree; ``more``: each adds its own labels."""
    modality: str = ""
    """Column of the picture's modality, translated by the card's ``modalities``."""
    study: str = ""
    """Column of the examination."""
    prior: str = ""
    """Column of an earlier picture of the subject, with which this one is compared; it is shown first."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture with a row; contradicting rows, and pictures without a row, are rejects.

    Raises:
        FormatError: a table that cannot be read whole, or that lacks a column.
    """
    options = from_dict(TableOptions, card.options, where=f"card {card.name}: options", error=CardError)
    options = replace(options, key=options.image) if options.key == "id" else options
    reader = _Reader(folder, card, options, look)
    for path in list_found(card, options.table, folder):
        entries = list(read_entries(folder / path, path, options))
        _check_columns(entries, card, options, path)
        for image, rows in reader.by_image(entries).items():
            if image in reader.named:
                lost = {"annotation": sum(read_cells(card, options, row).count for row in rows)}
                yield from reject_units(path, lost, "table.duplicate", f"another table names {image} too")
            else:
                yield from reader.item(image, rows)
            reader.named.add(image)
    yield from reader.files.unnamed(reader.named | reader.earlier, card, "no row names the picture")


def _check_columns(entries: list[Entry], card: SourceCard, options: TableOptions, path: str) -> None:
    wanted = [options.image] if not options.path else []
    wanted += [*options.labels, *options.flags, *options.measurements, *options.reports, *options.box]
    wanted += filter(None, (options.box_label, options.modality, options.study, options.prior))
    wanted += filter(None, (card.subject.column, card.split.column, card.visit.column))
    wanted += (column for _, column in facet_columns(card))
    columns = list(dict.fromkeys(key for entry in entries for key in entry.values))
    there = {*columns, *(name for name in wanted if any(entry.get(name) is not None for entry in entries))}
    missing = [name for name in dict.fromkeys(wanted) if name not in there]
    if missing and any(not entry.problem for entry in entries):
        what = f"no column {', '.join(map(repr, missing))}"
        raise FormatError(what, where=path, fix=f"columns: {', '.join(columns)}", reason="table.columns")


class _Reader:
    """Rows gathered by picture, and the items they make."""

    def __init__(self, folder: Path, card: SourceCard, options: TableOptions, look: LookAt) -> None:
        self.card = card
        self.options = options
        self.files = PictureFiles(folder, options, look)
        self.named: set[str] = set()
        self.own: set[str] = set()
        """Pictures with a row of their own."""
        self.earlier: set[str] = set()
        """Pictures that are shown beside others alone."""

    def by_image(self, entries: list[Entry]) -> dict[str, list[Entry]]:
        """Rows by the picture they name; one that names none stands under its own place, with its problem."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            values = {key: entry.text(key) for key in entry.values} if self.options.path else {}
            try:
                place = self.files.embedded(entry, (self.options.image,))
                image = place or self.files.named(values, entry.text(self.options.image), entry.pointer)
                found[image].append(entry)
                self.own.add(image)
            except FormatError as error:
                problem, reason = (entry.problem, entry.reason) if entry.problem else (error.message, error.reason)
                found[entry.pointer].append(replace(entry, problem=problem, reason=reason))
        return found

    def item(self, image: str, entries: list[Entry]) -> Iterator[AnnotatedItem | Reject]:
        """The item of a picture, or the rejects of its rows."""
        pointer = entries[0].pointer
        rows = [read_cells(self.card, self.options, entry) for entry in entries]
        everything = {"image": self.files.size(image), "annotation": sum(row.count for row in rows)}
        wrong = next((entry for entry in entries if entry.problem), None)
        disagree = [] if self.options.rows == "more" else self._disagree(entries)
        if wrong is not None:
            yield from reject_units(pointer, everything, wrong.reason, wrong.problem)
        elif disagree:
            what = f"{len(entries)} rows of {image} disagree in {', '.join(disagree)}"
            yield from reject_units(pointer, everything, "table.conflict", what)
        else:
            annotations = yield from _merge(image, rows, pointer)
            yield from self._found(image, entries, annotations, rows)

    def _disagree(self, entries: list[Entry]) -> list[str]:
        if len(entries) == 1:
            return []
        said = [*distinct_cells(self.options, entries)]
        if self.options.prior:
            said.append((self.options.prior, {entry.text(self.options.prior) for entry in entries}))
        return [column for column, cells in said if len(cells) > 1]

    def _priors(self, entries: list[Entry]) -> list[str]:
        """The earlier pictures that the rows name, each once."""
        named = (self.files.named({}, text, e.pointer) for e in entries if (text := e.text(self.options.prior)))
        return list(dict.fromkeys(named)) if self.options.prior else []

    def _found(
        self, image: str, entries: list[Entry], annotations: tuple[Annotation, ...], rows: list[Said]
    ) -> Iterator[AnnotatedItem | Reject]:
        pointer = entries[0].pointer
        try:
            pictures = [*self._priors(entries), image]
        except FormatError as error:
            units = {"image": self.files.size(image), "annotation": len(annotations)}
            yield from reject_units(pointer, units, error.reason, error.message)
            return
        alone = {path for path in pictures if path not in self.own | self.earlier}
        self.earlier |= alone
        units = {"image": self.files.size(image) + len(alone), "annotation": len(annotations)}
        missing = next((path for path in pictures if not self.files.there(path)), None)
        nothing = not annotations and not any(row.denies for row in rows) and self.card.annotations != "none"
        if nothing:
            yield from reject_units(pointer, units, "annotation.missing", f"no label for {image}")
        elif missing is not None:
            yield from reject_units(pointer, units, "image.missing", f"{pointer} names {missing}, which is not there")
        else:
            try:
                yield self.files.item(
                    pictures,
                    id=image,
                    annotations=annotations,
                    units=units,
                    unsure=tuple(dict.fromkeys(name for row in rows for name in row.unsure)),
                    facets=read_facets(self.card, entries),
                    **self._fields(entries),
                )
            except ImageError as error:
                yield from reject_units(pointer, units, error.reason, str(error))

    def _fields(self, entries: list[Entry]) -> dict[str, str | None]:
        columns = {
            "subject": self.card.subject.column or "",
            "split": self.card.split.column or "",
            "visit": self.card.visit.column or "",
            "modality": self.options.modality,
            "study": self.options.study,
        }
        return {
            name: next((text for entry in entries if (text := entry.text(column))), None) if column else None
            for name, column in columns.items()
        }


def _merge(image: str, rows: list[Said], pointer: str) -> Generator[Reject, None, tuple[Annotation, ...]]:
    """What rows say together; yields the rejects of single cells and of rows that say nothing new."""
    kept: dict[tuple[object, ...], Annotation] = {}
    again = 0
    for row in rows:
        yield from row.rejects
        new = {meaning(each): each for each in row.annotations if meaning(each) not in kept}
        again += len(row.annotations) if row.annotations and not new else 0
        kept.update(new)
    yield from reject_units(pointer, {"annotation": again}, "table.duplicate", f"{image} has equal rows")
    return tuple(kept.values())


FORMAT = Format(read=read, options=TableOptions, detect=detect)
