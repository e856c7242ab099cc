"""The benchmark file: one question per row with its picture as base64, in the columns of GMAI-MMBench and VLMEvalKit.

Rows are read as a stream of bytes: a picture stays base64 until somebody asks for it, and every field is text, so a
department called ``none`` stays that. Fields are quoted as ``csv`` does it, which pandas reads back.
"""

import base64
import binascii
import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gmai.base import write_atomic
from gmai.errors import FormatError
from gmai.types import record

LETTERS = "ABCDEFGHIJ"
FIVE = LETTERS[:5]
"""The options that a benchmark file of GMAI-MMBench has columns for."""
PUBLIC_COLUMNS = (
    "index", "image", "question", *FIVE, "clinical vqa task", "department", "perceptual granularity", "modality",
    "kind",
)  # fmt: skip
KEY_COLUMNS = ("answer", "category")
GRANULARITIES = {"image": "Image Level", "box": "Box Level", "mask": "Mask Level", "contour": "Contour Level"}


@record
class PublicQuestion:
    """One row of a benchmark file: all that a model may see, and more columns if the file has them."""

    index: int
    question: str
    options: tuple[str, ...]
    """Texts of the options A, B, C … that the row has."""
    image: bytes
    """The picture's file (PNG or JPEG) in base64."""
    task: str = ""
    department: str = ""
    """Empty, as is the modality, where the modality is asked for."""
    granularity: str = ""
    """``Image Level``, ``Box Level``, ``Mask Level`` or ``Contour Level``."""
    modality: str = ""
    kind: str = ""
    answer: str | None = None
    """The right letter; only validation files have it."""

    def picture(self) -> bytes:
        """Bytes of the picture's file.

        Raises:
            FormatError: the field is not base64.
        """
        try:
            return base64.b64decode(self.image, validate=True)
        except binascii.Error as error:
            where = f"index {self.index}, column image"
            raise FormatError(f"not base64: {error}", where=where, reason="tsv.image") from None


def write_tsv(path: Path, rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> None:
    """Write rows, atomically; a column that a row lacks stays empty, whitespace inside a field becomes one space."""
    with write_atomic(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as out:
        out.write("\t".join(columns) + "\n")
        for row in rows:
            out.write("\t".join(_field(column, row.get(column, "")) for column in columns) + "\n")


def _field(column: str, value: object) -> str:
    if column == "image":
        return str(value)
    text = " ".join(str(value).split())
    return '"' + text.replace('"', '""') + '"' if '"' in text else text


def read_tsv(path: Path) -> Iterator[PublicQuestion]:
    """Yield the questions of a benchmark file in the file's order, one row in memory at a time.

    Raises:
        FormatError: a column is missing, a row has another number of fields, or an index is no whole number.
    """
    rows = _iter_rows(path)
    header = _check_header(next(rows, (1, []))[1], path)
    for number, row in rows:
        where = f"{path}:{number}"
        if len(row) != len(header):
            raise FormatError(f"{len(row)} fields under {len(header)} columns", where=where, reason="tsv.fields")
        yield _read_row(dict(zip(header, row, strict=True)), where)


def read_header(path: Path) -> list[str]:
    """The names of a benchmark file's columns.

    Raises:
        FormatError: a column that every benchmark has is missing.
    """
    return _check_header(next(_iter_rows(path), (1, []))[1], path)


def find_question(path: Path, index: int) -> PublicQuestion:
    """Return the question with this index.

    Raises:
        FormatError: the file has no such index.
    """
    for question in read_tsv(path):
        if question.index == index:
            return question
    raise FormatError(f"no question with index {index}", where=str(path), fix="see the column index")


def _iter_rows(path: Path) -> Iterator[tuple[int, list[bytes]]]:
    with path.open("rb") as lines:
        number = 0
        for line in lines:
            number += 1
            start = number
            while line.count(b'"') % 2:
                more = next(lines, b"")
                if not more:
                    raise FormatError("a quote is never closed", where=f"{path}:{start}", reason="tsv.quote")
                number += 1
                line += more
            line = line.rstrip(b"\r\n")
            if line:
                yield start, _split(line) if b'"' in line else line.split(b"\t")


def _split(line: bytes) -> list[bytes]:
    csv.field_size_limit(max(csv.field_size_limit(), len(line)))
    text = io.StringIO(line.decode("utf-8"), newline="")
    return [field.encode() for field in next(csv.reader(text, delimiter="\t"))]


def _check_header(row: list[bytes], path: Path) -> list[str]:
    header = [field.decode("utf-8-sig").strip() for field in row]
    missing = [name for name in ("index", "image", "question", "A", "B") if name not in header]
    if missing:
        fix = "the first line must name the columns, separated by tabs"
        raise FormatError(f"no column {', '.join(missing)}", where=f"{path}:1", fix=fix, reason="tsv.header")
    return header


def _read_row(row: Mapping[str, bytes], where: str) -> PublicQuestion:
    text = {name: value.decode("utf-8") for name, value in row.items() if name != "image"}
    lowered = {name.lower(): value for name, value in text.items()}
    if not text["index"].isdigit():
        raise FormatError(f"{text['index']!r} is no whole number", where=f"{where}, column index", reason="tsv.index")
    return PublicQuestion(
        index=int(text["index"]),
        question=text["question"],
        options=_read_options(text, where),
        image=row["image"],
        task=lowered.get("clinical vqa task", ""),
        department=lowered.get("department", ""),
        granularity=lowered.get("perceptual granularity", ""),
        modality=lowered.get("modality", ""),
        kind=lowered.get("kind", ""),
        answer=text.get("answer") or None,
    )


def _read_options(text: Mapping[str, str], where: str) -> tuple[str, ...]:
    options = [text.get(letter, "") for letter in LETTERS]
    count = sum(bool(option) for option in options)
    if count < 2 or not all(options[:count]):
        raise FormatError("options must be two or more, without gaps", where=where, reason="tsv.options")
    return tuple(options[:count])
