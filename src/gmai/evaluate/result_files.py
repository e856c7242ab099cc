"""The answers as tables, as users of VLMEvalKit expect them: the file's public columns and a column ``prediction``."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gmai.base import write_atomic
from gmai.bench import QuestionTable
from gmai.evaluate.reading import IN_WORDS
from gmai.evaluate.workbook import fit, write_workbook
from gmai.types import Prediction

_PICTURES = ("image", "image_path")
CHANGED = "changed in this sheet"
"""Column of the workbook that tells which cells do not hold the whole text; the TSV always does."""


def write_results(
    folder: Path, stem: str, table: QuestionTable, answers: Iterable[Prediction], *, rotations: bool = False
) -> tuple[Path, Path]:
    """Write ``{stem}.tsv`` (every text whole) and ``{stem}.xlsx``, a row for each answer in their order.

    Args:
        folder: where the files go.
        stem: their name; what a disk would mind in it is replaced.
        table: the questions.
        answers: gone through twice, so not an iterator.
        rotations: whether to tell how far options were turned.
    """
    name = safe_name(stem)
    columns = [column for column in table.columns if column.lower() not in _PICTURES]
    header = [*columns, "prediction", *(["rotation"] if rotations else [])]
    tsv, workbook = folder / f"{name}.tsv", folder / f"{name}.xlsx"
    with write_atomic(tsv) as temporary, temporary.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, dialect="excel-tab", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(_rows(table, columns, header, answers))
    write_workbook(workbook, _sheet(header, _rows(table, columns, header, answers)))
    return tsv, workbook


def safe_name(text: str) -> str:
    """A text as part of a file's name: letters of any script, digits, dots, dashes and underscores."""
    return "".join(sign if sign.isalnum() or sign in ".-_" else "_" for sign in text).lstrip(".") or "_"


def shown_answer(answer: Prediction) -> str:
    """What stands in the column ``prediction``: the reply as it came, or the option chosen without words."""
    return answer.text if answer.mode in IN_WORDS else answer.choice or ""


def _rows(
    table: QuestionTable, columns: Sequence[str], header: Sequence[str], answers: Iterable[Prediction]
) -> Iterator[list[str]]:
    texts = [table.column(column) for column in columns]
    places = {index: place for place, index in enumerate(table.indices)}
    for answer in answers:
        place = places[answer.index]
        row = [column[place] for column in texts]
        yield [*row, shown_answer(answer), str(answer.rotation)][: len(header)]


def _sheet(header: Sequence[str], rows: Iterator[list[str]]) -> Iterator[list[str | int]]:
    yield [*header, CHANGED]
    for row in rows:
        fitted = [fit(text) for text in row]
        told = [f"{name}: {what}" for name, (_, what) in zip(header, fitted, strict=True) if what]
        cells: list[str | int] = [text for text, _ in fitted]
        place = header.index("index") if "index" in header else None
        if place is not None and row[place].isdecimal() and len(row[place]) < 16:
            cells[place] = int(row[place])
        yield [*cells, "; ".join(told)]
