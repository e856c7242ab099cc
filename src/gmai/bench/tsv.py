"""The benchmark file: one question per row with its picture as base64, in the columns of GMAI-MMBench and VLMEvalKit.

Every field is text, so a department called ``none`` stays that. Fields are quoted as ``csv`` does it, which pandas
reads back.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gmai.base import write_atomic
from gmai.bench.layout import LETTERS
from gmai.bench.question import PublicQuestion
from gmai.bench.table import open_table

FIVE = LETTERS[:5]
"""The options that a benchmark file of GMAI-MMBench has columns for."""
PUBLIC_COLUMNS = (
    "index", "image", "question", *FIVE, "clinical vqa task", "department", "perceptual granularity", "modality",
    "kind", "form", "language",
)  # fmt: skip
KEY_COLUMNS = ("answer", "category")
GRANULARITIES = {"image": "Image Level", "box": "Box Level", "mask": "Mask Level", "contour": "Contour Level"}


def write_tsv(
    path: Path, rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...], *, verbatim: bool = False
) -> None:
    """Write rows, atomically; a column that a row lacks stays empty.

    Args:
        path: file to write.
        rows: texts by column.
        columns: in order.
        verbatim: keep lines and spaces inside a field; by default all whitespace becomes one space.
    """
    with write_atomic(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as out:
        out.write("\t".join(columns) + "\n")
        for row in rows:
            out.write("\t".join(_field(column, row.get(column, ""), verbatim) for column in columns) + "\n")


def _field(column: str, value: object, verbatim: bool) -> str:
    if column == "image" and not verbatim:
        return str(value)
    text = str(value) if verbatim else " ".join(str(value).split())
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in '"\t\r\n') else text


def read_tsv(path: Path) -> Iterator[PublicQuestion]:
    """Yield the questions of a benchmark file, or of a saved cut, in the file's order; pictures stay in the file.

    Raises:
        FormatError: a column is missing, a row has another number of fields, or an index is no whole number.
    """
    yield from open_table(path)


def read_header(path: Path) -> list[str]:
    """The names of a benchmark file's columns.

    Raises:
        FormatError: a column that every benchmark has is missing.
    """
    return list(open_table(path).columns)


def find_question(path: Path, index: int) -> PublicQuestion:
    """Return the question with this index.

    Raises:
        FormatError: the file has no such index.
    """
    return open_table(path).find(index)
