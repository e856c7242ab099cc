"""What the cells of one row of a table say about its picture: labels, flags, numbers, boxes and texts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from gmai.annotations.entries import Entry, EntryOptions
from gmai.annotations.item import reject
from gmai.annotations.paths import name_label
from gmai.errors import FormatError
from gmai.types import Annotation, Box, Label, Measurement, Reject, Report, SourceCard, record

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_WHOLE = re.compile(r"(-?\d+)\.0+")


@record
class CellOptions(EntryOptions):
    """Which columns of a table say what."""

    labels: dict[str, str] = field(default_factory=lambda: {"label": "finding"})
    """Label column to the question kind it answers, such as ``finding`` or ``grade``."""
    several: str = ""
    """What separates several labels in one cell, such as ``|``."""
    flags: tuple[str, ...] = ()
    """Columns that each stand for one label, which is there or not; a blank says neither."""
    flag_kind: str = "finding"
    """Question kind that the flags answer."""
    present: tuple[str, ...] = ("1", "true", "yes", "y", "x", "positive")
    absent: tuple[str, ...] = ("0", "false", "no", "n", "negative")
    uncertain: tuple[str, ...] = ("-1", "?", "uncertain")
    """How flags say that a label may be there: no label, counted as a reject of its own, and never asked about."""
    measurements: dict[str, str] = field(default_factory=dict)
    """Columns of numbers, each with its unit."""
    reports: dict[str, str] = field(default_factory=dict)
    """Columns of text, each with the name of the report's section."""
    box: tuple[str, ...] = ()
    """Four columns of a box, or one column that holds four numbers."""
    box_form: Literal["xywh", "xyxy"] = "xywh"
    """``xywh``: left, top, width, height; ``xyxy``: left, top, right, lower edge."""
    box_label: str = ""
    """Column of the box's label; in a row without a box, of a label of the picture. Empty: the first label column."""


@dataclass(slots=True)
class Said:
    """What a row says."""

    annotations: list[Annotation] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    """Labels of which the row says neither yes nor no."""
    denies: bool = False
    """True if the row says of some label that it is not there."""

    @property
    def count(self) -> int:
        """How many statements the row makes."""
        return len(self.annotations) + len(self.rejects)


def read_cells(card: SourceCard, options: CellOptions, entry: Entry) -> Said:
    """What a row says; a cell that cannot be read is a reject of its own."""
    said = Said()
    for column, kind in options.labels.items():
        for raw in entry.texts(column, options.several):
            said.annotations.append(make_label(card, column, raw, kind, entry))
    for column in options.flags:
        _read_flag(card, options, entry, column, said)
    for column, unit in options.measurements.items():
        if text := entry.text(column):
            _keep(said, entry, partial(_measure, entry, column, text, unit))
    for column, section in options.reports.items():
        if text := entry.text(column):
            said.annotations.append(Report(text=text, record=f"{entry.pointer}#{column}", section=section))
    if options.box:
        _read_box(card, options, entry, said)
    return said


def make_label(card: SourceCard, column: str, raw: str, kind: str, entry: Entry) -> Label:
    """A label by the card's names: of ``column=raw`` if it lists that, else of ``raw``, else of ``2`` for ``2.0``."""
    whole = _WHOLE.fullmatch(raw)
    spelled = [f"{column}={raw}", raw, *([f"{column}={whole[1]}", whole[1]] if whole else [])]
    chosen = next((name for name in spelled if name in card.labels), raw)
    return Label(name=name_label(card, chosen).name, record=f"{entry.pointer}#{column}", task=kind, raw=chosen)


def distinct_cells(options: CellOptions, entries: list[Entry]) -> Iterator[tuple[str, set[str]]]:
    """Each column that may say one thing only about a picture, with what its rows say, blanks left out."""
    for column in (*options.labels, *options.flags, *options.measurements):
        yield column, {_plain(text) for entry in entries if (text := entry.text(column))}


def meaning(annotation: Annotation) -> tuple[object, ...]:
    """What tells a statement from others about the same picture."""
    if isinstance(annotation, Label):
        return "label", annotation.task, annotation.raw
    if isinstance(annotation, Box):
        return "box", annotation.raw, annotation.xyxy
    if isinstance(annotation, Measurement):
        return "measurement", annotation.name, annotation.value
    return annotation.kind, getattr(annotation, "section", ""), getattr(annotation, "text", "")


def _keep(said: Said, entry: Entry, make: Callable[[], Annotation]) -> None:
    try:
        said.annotations.append(make())
    except FormatError as error:
        said.rejects.append(reject(entry.pointer, error.reason, str(error), unit="annotation"))


def _read_flag(card: SourceCard, options: CellOptions, entry: Entry, column: str, said: Said) -> None:
    text = _plain(entry.text(column))
    if text in options.present:
        said.annotations.append(make_label(card, column, column, options.flag_kind, entry))
    elif text in options.absent:
        said.denies = True
    else:
        said.unsure.append(name_label(card, column).name)
        if text:
            reason = "label.uncertain" if text in options.uncertain else "table.flag"
            what = f"{column} is {text!r} · {entry.pointer}"
            said.rejects.append(reject(f"{entry.pointer}#{column}", reason, what, unit="annotation"))


def _measure(entry: Entry, column: str, text: str, unit: str) -> Measurement:
    if not _NUMBER.fullmatch(text):
        raise FormatError(f"{text!r} is no number", where=f"{entry.pointer}#{column}", reason="table.number")
    return Measurement(name=column, value=float(text), unit=unit, record=f"{entry.pointer}#{column}")


def _read_box(card: SourceCard, options: CellOptions, entry: Entry, said: Said) -> None:
    column = options.box_label or next(iter(options.labels), "")
    raw = entry.text(column)
    cells = [entry.text(each) for each in options.box]
    if len(cells) == 1:
        cells = _NUMBER.findall(cells[0])
    if not any(cells):
        if options.box_label and raw:
            said.annotations.append(make_label(card, column, raw, "finding", entry))
        return
    _keep(said, entry, partial(_make_box, card, options, entry, cells, raw))


def _make_box(card: SourceCard, options: CellOptions, entry: Entry, cells: list[str], raw: str) -> Box:
    where = f"{entry.pointer}#{options.box[0]}"
    if len(cells) != 4 or not all(_NUMBER.fullmatch(cell) for cell in cells):
        raise FormatError(f"the box {', '.join(cells)!r} has not four numbers", where=where, reason="box.coordinates")
    x, y, third, fourth = (float(cell) for cell in cells)
    right, lower = (third, fourth) if options.box_form == "xyxy" else (x + third, y + fourth)
    if not raw:
        raise FormatError("a box without a label", where=where, reason="box.label")
    label = make_label(card, options.box_label, raw, "finding", entry)
    return Box(label=label.name, xyxy=(x, y, right, lower), record=where, raw=label.raw)


def _plain(text: str) -> str:
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text.casefold()
