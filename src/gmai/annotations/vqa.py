"""Questions and answers about pictures: entries of any file, each naming one picture or several.

One reader for every layout; what differs are options, which ``detect`` fills in for the layouts that
:mod:`gmai.annotations.vqa_layouts` names.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from gmai.annotations.entries import Entry, list_found, read_entries, read_facets
from gmai.annotations.item import AnnotatedItem, Format, LookAt, reject, reject_units
from gmai.annotations.picture_files import PictureFiles, PictureOptions
from gmai.annotations.questions import QuestionOptions, read_question
from gmai.annotations.vqa_layouts import detect
from gmai.base import from_dict
from gmai.errors import CardError, FormatError, ImageError
from gmai.types import QA, Reject, SourceCard, record


@record
class VqaOptions(QuestionOptions, PictureOptions):
    """Where the questions and pictures are, and how the entries' keys are called."""

    questions: str | tuple[str, ...] = "*.json"
    """Glob, or several, of the files with questions: JSON, JSON lines, CSV or other delimited text, XLSX, Parquet."""
    image: str | tuple[str, ...] = "image_name"
    """Key of the picture's name or of a list of names; of several keys, in order: all pictures of the entry."""
    separator_images: str = ""
    """What separates several pictures in one text."""
    question_type: str = "question_type"
    answer_type: str = "answer_type"
    modality: str = ""
    """Key of the picture's modality, translated by the card's ``modalities``."""
    subject: str = ""
    """Key of what must stay in one split, such as a patient or an article."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture, or group of pictures shown together, with its questions.

    Rejected are pictures without a question, entries without question or answer, questions of one picture that are
    answered both yes and no or by two of their options, and the second of two equal entries. A picture of several
    items counts once.

    Raises:
        FormatError: a file that cannot be read as a whole.
    """
    options = from_dict(VqaOptions, card.options, where=f"card {card.name}: options", error=CardError)
    files = PictureFiles(folder, options, look)
    groups: dict[tuple[str, ...], list[tuple[QA, Entry]]] = defaultdict(list)
    for path in list_found(card, options.questions, folder):
        for entry in read_entries(folder / path, path, options):
            try:
                images = _images(entry, options, files)
                groups[images].append((_read_entry(entry, options), entry))
            except FormatError as error:
                yield reject(entry.pointer, error.reason, str(error), unit="question")
    counted: set[str] = set()
    for images in sorted(groups):
        yield from _item(images, groups[images], card, options, files, counted)
    yield from files.unnamed(counted, card, "no question about the picture")


def _images(entry: Entry, options: VqaOptions, files: PictureFiles) -> tuple[str, ...]:
    if entry.problem:
        raise FormatError(entry.problem, where=entry.pointer, reason=entry.reason)
    keys = (options.image,) if isinstance(options.image, str) else options.image
    if place := files.embedded(entry, keys):
        return (place,)
    names = [name for key in keys for name in entry.texts(key, options.separator_images)]
    values = {key: entry.text(key) for key in entry.values} if options.path else {}
    return tuple(dict.fromkeys(files.named(values, name, entry.pointer) for name in names or [""]))


def _item(
    images: tuple[str, ...],
    entries: list[tuple[QA, Entry]],
    card: SourceCard,
    options: VqaOptions,
    files: PictureFiles,
    counted: set[str],
) -> Iterator[AnnotatedItem | Reject]:
    sound, rejects = _check_answers([asked for asked, _ in entries])
    yield from rejects
    units = {"image": sum(files.size(image) for image in set(images) - counted), "question": len(sound)}
    counted.update(images)
    name = "|".join(images)
    missing = [image for image in images if not files.there(image)]
    if missing:
        yield from reject_units(name, units, "image.missing", f"{', '.join(missing)} is not there")
    elif not sound:
        yield from reject_units(name, units, "annotation.missing", "no sound question about the picture")
    else:
        spoken = {asked.language for asked in sound}
        fields: dict[str, Any] = {
            "annotations": tuple(sound),
            "facets": read_facets(card, [entry for _, entry in entries]),
            "modality": _same(entries, options.modality),
            "subject": _same(entries, options.subject),
            "language": spoken.pop() or None if len(spoken) == 1 else None,
            "split": _same(entries, options.split),
        }
        try:
            yield files.item(images, id=name, units=units, **fields)
        except ImageError as error:
            yield from reject_units(name, units, error.reason, str(error))


def _same(entries: list[tuple[QA, Entry]], key: str) -> str | None:
    """What every entry says under a key; the first where they disagree."""
    return next((text for _, entry in entries if (text := entry.text(key))), None) if key else None


def _check_answers(entries: list[QA]) -> tuple[list[QA], list[Reject]]:
    answers: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for entry in entries:
        answers[_asked(entry)].add(entry.answer.casefold())
    sound: list[QA] = []
    rejects: list[Reject] = []
    seen: set[tuple[str, ...]] = set()
    for entry in entries:
        given = answers[_asked(entry)]
        key = *_asked(entry), entry.answer.casefold()
        if {"yes", "no"} <= given or (entry.options and len(given) > 1):
            detail = f"{entry.question!r} is answered both {' and '.join(sorted(given, reverse=True)[:2])}"
            rejects.append(reject(entry.record, "vqa.contradiction", detail, unit="question"))
        elif key in seen:
            rejects.append(reject(entry.record, "vqa.duplicate", f"{entry.question!r} is asked twice", unit="question"))
        else:
            sound.append(entry)
        seen.add(key)
    return sound, rejects


def _asked(entry: QA) -> tuple[str, ...]:
    """What tells a question about a picture from others."""
    return entry.question.casefold(), *sorted(entry.options)


def _read_entry(entry: Entry, options: VqaOptions) -> QA:
    asked = read_question(entry, options, "vqa")
    answer_type = entry.text(options.answer_type) or ("CLOSED" if asked.options else "")
    return replace(asked, question_type=entry.text(options.question_type), answer_type=answer_type)


FORMAT = Format(read=read, options=VqaOptions, detect=detect)
