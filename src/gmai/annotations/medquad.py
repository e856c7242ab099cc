"""Questions of health web sites as MedQuAD keeps them: one XML document per page, with pairs of question and answer.

Layout (github.com/abachaa/MedQuAD): ``<Document id source url>`` or ``<DiseaseFile>``, in it ``<Focus/>`` and
``<QAPairs><QAPair><Question qid qtype/><Answer/>``. Answers that the publisher removed are empty; each is a reject.
"""

from collections.abc import Iterator
from pathlib import Path

from gmai.annotations.entries import list_found
from gmai.annotations.heads import list_entry_files
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, reject
from gmai.annotations.xml_file import Element, local_name, read_xml
from gmai.base import from_dict
from gmai.errors import CardError, FormatError
from gmai.types import QA, Reject, SourceCard, record


@record
class MedquadOptions:
    """Where the documents are."""

    files: str | tuple[str, ...] = "**/*.xml"
    """Glob, or several, of the documents."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per pair with an answer; the document is the subject, so that its pairs stay together."""
    options = from_dict(MedquadOptions, card.options, where=f"card {card.name}: options", error=CardError)
    for path in list_found(card, options.files, folder):
        try:
            root = read_xml(folder / path, path)
            if root.find(".//QAPair") is None:
                raise FormatError(f"<{local_name(root)}> without <QAPair>", where=path, reason="medquad.root")
        except FormatError as error:
            yield reject(path, error.reason, str(error), unit="record")
            continue
        for number, pair in enumerate(root.iter("QAPair")):
            yield _item(path, number, root, pair)


def _item(path: str, number: int, root: Element, pair: Element) -> AnnotatedItem | Reject:
    pointer = f"{path}#QAPair/{number}"
    asked, answer = _text(pair.find("Question")), _text(pair.find("Answer"))
    if not asked or not answer:
        what = "no question" if not asked else "no answer"
        return reject(pointer, "text.empty", f"{what} · {pointer}", unit="question")
    question = pair.find("Question")
    details = {
        "focus": _text(root.find("Focus")),
        "cui": " ".join(_text(each) for each in root.iter("CUI")),
        "source": root.get("source", ""),
        "url": root.get("url", ""),
        "qid": question.get("qid", ""),
    }
    found = QA(
        question=asked,
        answer=answer,
        record=pointer,
        question_type=question.get("qtype", ""),
        answer_type="OPEN",
        details={name: text for name, text in details.items() if text},
    )
    return AnnotatedItem(
        id=pointer, kind="text", files=(path,), annotations=(found,), subject=path, units={"question": 1}
    )


def _text(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def detect(folder: Path) -> Match | None:
    """XML documents with question and answer pairs."""
    for path in list_entry_files(folder, frozenset({".xml"}))[:5]:
        with (folder / path).open("rb") as file:
            head = file.read(2**16)
        if b"<QAPair" in head and b"<Question" in head:
            depth = path.count("/")
            return Match(format="medquad", options={"files": "*/" * depth + "*.xml"}, evidence=path)
    return None


FORMAT = Format(read=read, options=MedquadOptions, detect=detect)
