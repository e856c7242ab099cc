"""Questions and answers in text alone: a JSON list, a JSON object by id (PubMedQA), or JSON lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, reject
from gmai.annotations.paths import check_found, list_files
from gmai.base import from_dict, loads
from gmai.errors import CardError, FormatError
from gmai.types import QA, Annotation, Reject, Report, SourceCard, record


@record
class TextOptions:
    """Where the questions are, and how the entries' keys are called."""

    files: str = "*.jsonl"
    """Glob of the files; ``.jsonl`` is read line by line."""
    id: str = "id"
    """Key of an entry's id; in a JSON object the entry's own key serves."""
    question: str = "question"
    answer: str = "answer"
    options: tuple[str, ...] = ()
    """The answers there can be, if the question is closed."""
    topic: str = "topic"
    """Key of what the question is about."""
    context: str = ""
    """Key of a text, or list of texts, that the question is asked of."""
    explanation: str = ""
    """Key of the answer's reasons."""
    subject: str = ""
    """Key of what must stay in one split, such as the fact that several wordings ask for; empty: each entry alone."""
    split: str = ""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per entry; a broken line, or an entry without question or answer, is a reject.

    Raises:
        FormatError: a JSON file that cannot be read at all.
    """
    options = from_dict(TextOptions, card.options, where=f"card {card.name}: options", error=CardError)
    used: set[str] = set()
    for path in check_found(card, options.files, list_files(folder, options.files), folder):
        for pointer, entry in _entries(folder / path, path, options):
            try:
                if isinstance(entry, FormatError):
                    raise entry
                item = _item(pointer, entry, options)
                if item.id in used:
                    raise FormatError(f"the id {item.id!r} is used twice", where=pointer, reason="text.duplicate_id")
                used.add(item.id)
                yield item
            except FormatError as error:
                yield reject(pointer, error.reason, str(error), unit="question")


def _item(pointer: str, entry: Any, options: TextOptions) -> AnnotatedItem:
    if not isinstance(entry, dict):
        raise FormatError("not an object", where=pointer, reason="text.entry")
    question, answer = _text(entry, options.question), _text(entry, options.answer)
    if not question or not answer:
        raise FormatError("no question or no answer", where=pointer, reason="text.empty")
    if options.options and answer not in options.options:
        what = f"the answer {answer!r} is none of {', '.join(options.options)}"
        raise FormatError(what, where=pointer, reason="text.answer")
    kind = "CLOSED" if options.options else "OPEN"
    topic = _text(entry, options.topic)
    asked = QA(
        question=question,
        answer=answer,
        record=pointer,
        question_type=topic,
        answer_type=kind,
        options=options.options,
    )
    texts = {"context": _text(entry, options.context), "explanation": _text(entry, options.explanation)}
    reports = (Report(text=text, record=pointer, section=name) for name, text in texts.items() if text)
    found: tuple[Annotation, ...] = (asked, *reports)
    return AnnotatedItem(
        id=_text(entry, options.id) or pointer,
        kind="text",
        files=(pointer.partition("#")[0],),
        annotations=found,
        subject=_text(entry, options.subject) or None,
        split=_text(entry, options.split) or None,
        units={"question": 1},
    )


def _entries(path: Path, shown: str, options: TextOptions) -> Iterator[tuple[str, Any]]:
    if path.suffix == ".jsonl":
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if line.strip():
                yield f"{shown}#line={number}", _load_line(line, f"{shown}:{number}")
        return
    found = loads(path.read_bytes(), where=shown)
    if isinstance(found, dict):
        for key, entry in found.items():
            yield f"{shown}#{key}", {options.id: key, **entry} if isinstance(entry, dict) else entry
    elif isinstance(found, list):
        for number, entry in enumerate(found):
            yield f"{shown}#{number}", entry
    else:
        raise FormatError("neither a JSON list nor a JSON object", where=shown, reason="text.root")


def _load_line(line: bytes, where: str) -> Any:
    try:
        return loads(line, where=where)
    except FormatError as error:
        return error


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key, "") if key else ""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n".join(part.strip() for part in value)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def detect(folder: Path) -> Match | None:
    """JSON lines with a question and an answer, or a JSON object of PubMedQA's entries."""
    for path in list_files(folder, "*.jsonl"):
        first = (folder / path).read_bytes()[:4096].partition(b"\n")[0]
        if b'"question"' in first and b'"answer"' in first:
            return Match(format="text_qa", options={"files": path}, evidence=path)
    for path in [*list_files(folder, "*.json"), *list_files(folder, "*/*.json")]:
        head = (folder / path).read_bytes()[:4096]
        if b'"QUESTION"' in head and b'"CONTEXTS"' in head:
            keys = {
                "question": "QUESTION",
                "answer": "final_decision",
                "context": "CONTEXTS",
                "explanation": "LONG_ANSWER",
            }
            return Match(format="text_qa", options={"files": path, **keys}, evidence=path)
    return None


FORMAT = Format(read=read, options=TextOptions, detect=detect)
