"""Questions and answers about pictures, as VQA-RAD keeps them: one JSON list, each entry naming its picture."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, lone_picture, reject, reject_units, unannotated
from gmai.annotations.paths import check_found, join_below, list_files, list_pictures
from gmai.base import from_dict, loads
from gmai.errors import CardError, FormatError
from gmai.types import QA, Reject, SourceCard, record


@record
class VqaOptions:
    """Where the questions and pictures are, and how the entries' keys are called."""

    questions: str = "*.json"
    """Glob of the JSON files."""
    images: str = "images"
    """Folder of the pictures."""
    image: str = "image_name"
    question: str = "question"
    answer: str = "answer"
    question_type: str = "question_type"
    answer_type: str = "answer_type"
    split: str = ""
    """Key of the official split, if there is one."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture with its questions; pictures without a question are rejects.

    Rejected are entries without question or answer, questions of one picture that are answered both yes and no, and
    the second of two equal entries.

    Raises:
        FormatError: a file that is no JSON list.
    """
    options = from_dict(VqaOptions, card.options, where=f"card {card.name}: options", error=CardError)
    by_image: dict[str, list[QA]] = defaultdict(list)
    splits: dict[str, str | None] = {}
    for path in check_found(card, options.questions, list_files(folder, options.questions), folder):
        for number, entry in enumerate(_entries(folder / path, path)):
            pointer = f"{path}#{number}"
            try:
                image = join_below(options.images, _text(entry, options.image), where=pointer)
                asked = _read_entry(entry, options, pointer)
                by_image[image].append(asked)
                splits.setdefault(image, _text(entry, options.split) or None)
            except FormatError as error:
                yield reject(pointer, error.reason, str(error), unit="question")
    for image in sorted(by_image):
        yield from _item(folder, image, by_image[image], splits[image])
    for image in list_pictures(folder, options.images):
        if image not in by_image:
            yield from unannotated(lone_picture(image), card, "no question about the picture")


def _item(folder: Path, image: str, entries: list[QA], split: str | None) -> Iterator[AnnotatedItem | Reject]:
    sound, rejects = _check_answers(entries)
    yield from rejects
    units = {"image": 1, "question": len(sound)}
    if not (folder / image).is_file():
        yield from reject_units(image, units, "image.missing", f"{image} is not there")
    elif not sound:
        yield from reject_units(image, units, "annotation.missing", "no sound question about the picture")
    else:
        yield AnnotatedItem(id=image, kind="raster", files=(image,), annotations=tuple(sound), split=split, units=units)


def _check_answers(entries: list[QA]) -> tuple[list[QA], list[Reject]]:
    answers: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        answers[entry.question.casefold()].add(entry.answer.casefold())
    sound: list[QA] = []
    rejects: list[Reject] = []
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        key = entry.question.casefold(), entry.answer.casefold()
        if {"yes", "no"} <= answers[key[0]]:
            detail = f"{entry.question!r} is answered both yes and no"
            rejects.append(reject(entry.record, "vqa.contradiction", detail, unit="question"))
        elif key in seen:
            rejects.append(reject(entry.record, "vqa.duplicate", f"{entry.question!r} is asked twice", unit="question"))
        else:
            sound.append(entry)
        seen.add(key)
    return sound, rejects


def _read_entry(entry: dict[str, Any], options: VqaOptions, pointer: str) -> QA:
    question, answer = _text(entry, options.question), _text(entry, options.answer)
    if not question or not answer:
        raise FormatError("no question or no answer", where=pointer, reason="vqa.empty")
    return QA(
        question=question,
        answer=answer,
        record=pointer,
        question_type=_text(entry, options.question_type),
        answer_type=_text(entry, options.answer_type),
    )


def _entries(path: Path, shown: str) -> list[dict[str, Any]]:
    found = loads(path.read_bytes(), where=shown)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise FormatError("not a JSON list of objects", where=shown, reason="vqa.root")
    return found


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key, "") if key else ""
    return str(value).strip() if isinstance(value, str | int | float) else ""


def detect(folder: Path) -> Match | None:
    """A JSON list whose entries have a question, an answer and a picture."""
    for path in [*list_files(folder, "*.json"), *list_files(folder, "*/*.json")]:
        head = (folder / path).read_bytes()[:4096]
        if head.lstrip().startswith(b"[") and all(key in head for key in (b'"question"', b'"answer"', b'"image_name"')):
            return Match(format="vqa", options={"questions": path}, evidence=path)
    return None


FORMAT = Format(read=read, options=VqaOptions, detect=detect)
