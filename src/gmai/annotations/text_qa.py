"""Questions and answers in text alone: entries of JSON, JSON lines, CSV, XLSX or Parquet, by the names of their keys.

What differs between sets are options: PubMedQA (JSON by PMID), MedQA (options by letter), MedMCQA (``opa`` … and a
number), MMLU (CSV without header), CMExam (options line by line), Chinese medical dialogue (GB18030 CSV) and any table.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from gmai.annotations.choices import LETTERS
from gmai.annotations.entries import Entry, find_split, list_found, read_entries, read_facets
from gmai.annotations.heads import Head, name_files, read_heads
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, reject
from gmai.annotations.questions import QuestionOptions, read_question
from gmai.annotations.vqa_layouts import ANSWER, IMAGE, numbered, read_choice_keys
from gmai.base import from_dict, hash_bytes
from gmai.errors import CardError, FormatError
from gmai.types import Annotation, Reject, Report, SourceCard, record

_QUESTION = ("question", "ask", "q", "query", "sent1", "input", "title", "prompt")
_ANSWER = ("final_decision", *ANSWER, "cop", "answer_text", "output", "reply")
_CONTEXT = ("contexts", "context", "passage", "title")
_EXPLANATION = ("long_answer", "explanation", "exp", "rationale")
_TOPIC = ("topic", "subject_name", "department", "qtype", "meta_info", "category", "focus_area")
_ID = ("id", "pmid", "qid", "question_id")
_LEAST_QUESTION = 8
_TELLING = frozenset({"ask", "question", "q", "query"})


@record
class TextOptions(QuestionOptions):
    """Where the questions are, and how the entries' keys are called."""

    files: str | tuple[str, ...] = "*.jsonl"
    """Glob, or several, of the files; ``.jsonl`` is read line by line."""
    id: str = "id"
    """Key of an entry's id; in a JSON object the entry's own key serves."""
    topic: str = "topic"
    """Key of what the question is about."""
    context: str = ""
    """Key of a text, or list of texts, that the question is asked of."""
    explanation: str = ""
    """Key of the answer's reasons."""
    subject: str = ""
    """Key of what must stay in one split, such as the fact that several wordings ask for; empty: each entry alone."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per entry; rejected are broken lines, entries without question or answer, and second copies.

    Raises:
        FormatError: a file that cannot be read as a whole.
    """
    options = from_dict(TextOptions, card.options, where=f"card {card.name}: options", error=CardError)
    if options.key == "id":
        options = replace(options, key=options.id)
    used: set[str] = set()
    asked: set[str] = set()
    for path in list_found(card, options.files, folder):
        for entry in read_entries(folder / path, path, options):
            try:
                item = replace(_item(entry, options), facets=read_facets(card, [entry]))
                if item.id in used:
                    what = f"the id {item.id!r} is used twice"
                    raise FormatError(what, where=entry.pointer, reason="text.duplicate_id")
                meaning = _meaning(item.annotations)
                if meaning in asked:
                    what = "the same question, answer and context as an entry before"
                    raise FormatError(what, where=entry.pointer, reason="text.duplicate")
                used.add(item.id)
                asked.add(meaning)
                yield item
            except FormatError as error:
                yield reject(entry.pointer, error.reason, str(error), unit="question")


def _item(entry: Entry, options: TextOptions) -> AnnotatedItem:
    asked = read_question(entry, options, "text")
    kind = "CLOSED" if asked.options else "OPEN"
    asked = replace(asked, question_type=entry.text(options.topic), answer_type=kind)
    texts = {"context": entry.text(options.context), "explanation": entry.text(options.explanation)}
    reports = (Report(text=text, record=entry.pointer, section=name) for name, text in texts.items() if text)
    return AnnotatedItem(
        id=entry.text(options.id) or entry.pointer,
        kind="text",
        files=(entry.file,),
        annotations=(asked, *reports),
        language=asked.language or None,
        subject=entry.text(options.subject) or None,
        split=entry.text(options.split) or None,
        units={"question": 1},
    )


def _meaning(annotations: tuple[Annotation, ...]) -> str:
    """A hash of everything an entry says, its pointers apart."""
    return hash_bytes(repr([replace(each, record="") for each in annotations]).encode())


def detect(folder: Path) -> Match | None:
    """Files of entries that have a question and an answer, and no picture."""
    groups: dict[str, list[tuple[Head, dict[str, Any]]]] = {}
    for head in read_heads(folder):
        if keys := _read_keys(head) or _headless(head):
            groups.setdefault(f"{keys['question']} {keys['answer']}", []).append((head, keys))
    if not groups:
        return None
    chosen = max(groups.values(), key=len)
    paths = [head.path for head, _ in chosen]
    options = {"files": name_files(folder, paths), **chosen[0][1]}
    if "split" not in options and all(find_split(path) for path in paths):
        options["split"] = "@split"
    return Match(format="text_qa", options=options, evidence=paths[0])


def _read_keys(head: Head) -> dict[str, Any] | None:
    question, answer = head.find(_QUESTION), head.find(_ANSWER)
    if head.find(IMAGE) or numbered(head, "image") or not answer or question.lower() not in _TELLING | {"input"}:
        return None
    if not head.texts(question) or (question.lower() == "input" and answer.lower() != "output"):
        return None
    options: dict[str, Any] = {"question": question, "answer": answer, **read_choice_keys(head, question)}
    if answer.lower() == "cop":
        options["first_choice"] = 0 if "0" in head.texts(answer) or head.path.endswith(".parquet") else 1
    if "choices" not in options and answer.lower() == "final_decision":
        options["options"] = ("yes", "no", "maybe")
    ids = head.find(_ID)
    if ids and len(set(head.texts(ids))) == len(head.entries):
        options["id"] = ids
    for option, names in {
        "context": _CONTEXT,
        "explanation": _EXPLANATION,
        "topic": _TOPIC,
        "split": ("split",),
    }.items():
        key = head.find(names)
        if key and key not in {question, answer}:
            options[option] = key
    if "topic" not in options:
        options["topic"] = ""
    return options


def _headless(head: Head) -> dict[str, Any] | None:
    """A table without a header, as those of MMLU: a question, its options and a letter."""
    first = list(head.entries[0].values)
    letters = [first[-1], *head.texts(first[-1])]
    if not head.path.endswith((".csv", ".tsv")) or len(first) < 4 or len(first[0]) < _LEAST_QUESTION:
        return None
    if len(letters) <= len(head.entries) or not all(letter in LETTERS[: len(first) - 2] for letter in letters):
        return None
    columns = ("question", *LETTERS[: len(first) - 2], "answer")
    given = {"columns": columns, "choices": columns[1:-1], "id": "", "topic": "@file"}
    return {"question": "question", "answer": "answer", **given}


FORMAT = Format(read=read, options=TextOptions, detect=detect)
