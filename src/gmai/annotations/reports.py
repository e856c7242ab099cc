"""Reports, with their pictures or without: tables, JSON, XML of Open-i, or one text file per study.

A report with several pictures is one item that shows them together. Layouts: Open-i / IU X-ray (XML with
``AbstractText`` and ``parentImage``; or a table of reports and one of pictures), MIMIC-CXR
(``files/p10/p10000032/s50414267.txt`` beside a folder of that name with the pictures), JSON of reports by split.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import field
from glob import escape
from pathlib import Path, PurePosixPath
from typing import Any

from gmai.annotations.entries import Entry, EntryOptions, list_found, read_entries, read_facets
from gmai.annotations.item import AnnotatedItem, Format, LookAt, reject, reject_units
from gmai.annotations.paths import check_found, fill_template, list_files, parent, stem
from gmai.annotations.picture_files import PictureFiles, PictureOptions
from gmai.annotations.report_detect import detect
from gmai.annotations.report_files import IMAGES, OWN_SECTIONS, SECTIONS, read_reports
from gmai.base import from_dict
from gmai.errors import CardError, FormatError, ImageError
from gmai.types import Reject, Report, SourceCard, record


@record
class ReportOptions(EntryOptions, PictureOptions):
    """Where reports and pictures are, and how the entries' keys are called."""

    files: str | tuple[str, ...] = "*.csv"
    """Glob, or several, of the reports."""
    sections: dict[str, str] = field(default_factory=lambda: {"findings": "findings", "impression": "impression"})
    """Keys of texts to names of sections; text files and XML have their own and need none."""
    image: str = ""
    """Key of the picture's name, or of a list of names."""
    separator_images: str = ""
    """What separates several pictures in one text."""
    beside: str = ""
    """Glob of the pictures of a report's file, with places ``{folder}`` and ``{stem}``."""
    listed: str = ""
    """Glob of tables that list the pictures of reports, one a row, with the column ``image``."""
    by: str = ""
    """Key that reports and the tables of pictures share."""
    modality: str = ""
    """Key of the modality, translated by the card's ``modalities``."""
    language: str = ""
    """Key of the language; empty: the card's."""
    subject: str = ""
    """Key of what must stay in one split, such as the patient."""
    study: str = ""
    """Key of the examination."""
    split: str = ""
    """Key of the official split; ``@split`` reads it from the names of file, folder or part."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per report: its pictures with its sections, or its text alone where it has no picture.

    Rejected are reports without text, second copies, pictures that are not there, and pictures without a report.

    Raises:
        FormatError: a table that cannot be read as a whole.
    """
    options = from_dict(ReportOptions, card.options, where=f"card {card.name}: options", error=CardError)
    files = PictureFiles(folder, options, look)
    listed = _listed(folder, card, options)
    groups: dict[tuple[str, ...], list[tuple[Entry, list[Report]]]] = defaultdict(list)
    for entry in _entries(folder, card, options):
        if isinstance(entry, Reject):
            yield entry
            continue
        try:
            reports = _sections(entry, options)
            images = _images(folder, entry, options, files, listed)
        except FormatError as error:
            yield reject(entry.pointer, error.reason, str(error), unit="report")
            continue
        key = images or ("", entry.pointer)
        if any(_texts(reports) == _texts(others) for _, others in groups[key]):
            yield reject(entry.pointer, "report.duplicate", "the same report of the same pictures", unit="report")
        else:
            groups[key].append((entry, reports))
    counted: set[str] = set()
    for key, entries in groups.items():
        yield from _item(() if key[0] == "" else key, entries, card, options, files, counted)
    if options.image or options.beside or options.listed or counted:
        yield from files.unnamed(counted, card, "no report about the picture")


def _entries(folder: Path, card: SourceCard, options: ReportOptions) -> Iterator[Entry | Reject]:
    """The reports of all files; a file that is one report is lost alone where it cannot be read."""
    for path in list_found(card, options.files, folder):
        try:
            yield from read_reports(folder / path, path, options)
        except FormatError as error:
            if PurePosixPath(path).suffix.lower() not in OWN_SECTIONS:
                raise
            yield reject(path, error.reason, str(error), unit="report")


def _sections(entry: Entry, options: ReportOptions) -> list[Report]:
    if entry.problem:
        raise FormatError(entry.problem, where=entry.pointer, reason=entry.reason)
    own = entry.values.get(SECTIONS)
    pairs = own if own is not None else [(name, entry.text(key)) for key, name in options.sections.items()]
    found = [Report(text=text, record=f"{entry.pointer}#{name}", section=name) for name, text in pairs if text]
    if not found:
        raise FormatError("a report without text", where=entry.pointer, reason="report.empty")
    return found


def _images(
    folder: Path, entry: Entry, options: ReportOptions, files: PictureFiles, listed: dict[str, list[str]]
) -> tuple[str, ...]:
    if options.beside:
        places = {"folder": escape(parent(entry.file)), "stem": escape(stem(entry.file))}
        found = list_files(folder, fill_template(options.beside, **places))
        return tuple(path for path in found if path != entry.file)
    names = [*entry.texts(options.image, options.separator_images), *entry.texts(IMAGES)]
    names += listed.get(entry.text(options.by), []) if options.by else []
    values = {key: entry.text(key) for key in entry.values} if options.path else {}
    if options.path and not names:
        names = [""]
    return tuple(dict.fromkeys(files.named(values, name, entry.pointer) for name in names))


def _listed(folder: Path, card: SourceCard, options: ReportOptions) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    if not options.listed:
        return found
    for path in check_found(card, options.listed, list_files(folder, options.listed), folder):
        for entry in read_entries(folder / path, path, options):
            found[entry.text(options.by)] += entry.texts(options.image)
    return found


def _item(
    images: tuple[str, ...],
    entries: list[tuple[Entry, list[Report]]],
    card: SourceCard,
    options: ReportOptions,
    files: PictureFiles,
    counted: set[str],
) -> Iterator[AnnotatedItem | Reject]:
    entry = entries[0][0]
    annotations = tuple(report for _, reports in entries for report in reports)
    fields: dict[str, Any] = {
        name: entry.text(getattr(options, name)) or None
        for name in ("modality", "language", "subject", "study", "split")
    }
    fields["facets"] = read_facets(card, [each for each, _ in entries])
    there = [image for image in images if files.there(image)]
    for image in images:
        if image not in there and image not in counted:
            yield reject(image, "image.missing", f"{entry.pointer} names {image}, which is not there", unit="image")
    units = {"image": len(set(there) - counted), "report": len(entries)}
    counted.update(images)
    if images and not there:
        yield from reject_units(entry.pointer, units, "image.missing", f"no picture of {entry.pointer} is there")
    elif not images:
        yield AnnotatedItem(
            id=entry.pointer,
            kind="text",
            files=(entry.file,),
            annotations=annotations,
            units={"report": len(entries)},
            **fields,
        )
    else:
        try:
            yield files.item(there, id=entry.pointer, annotations=annotations, units=units, **fields)
        except ImageError as error:
            yield from reject_units(entry.pointer, units, error.reason, str(error))


def _texts(reports: list[Report]) -> list[tuple[str, str]]:
    return [(report.section, report.text) for report in reports]


FORMAT = Format(read=read, options=ReportOptions, detect=detect)
