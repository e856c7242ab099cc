"""What the checks look at: the rows of a file with all that they show, and what is found in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from gmai.bench.cells import read_letters
from gmai.bench.folding import fold
from gmai.bench.layout import LETTERS
from gmai.bench.question import TELLING, PublicQuestion
from gmai.bench.splits import Split
from gmai.errors import ConfigError
from gmai.types import Question, record

Level = Literal["leak", "doubt", "note"]
EXAMPLES = 5
_LEAST_SUBJECTS = 10
"""Of fewer, what is learnt from some says nothing of others."""
PICTURE_BYTES = "picture bytes"
"""Size of the pictures' files."""
CODED_BYTES = "picture bytes, padding taken out"
"""What pixels compress to, which anybody can find out who opens the files."""
OPEN = ("VAL", "DEV", "TRAIN")
"""Splits that are meant to show their answers, by a word of the file's name."""


@record
class Finding:
    """One thing a check found."""

    check: str
    level: Level
    """``leak``: answers can be had without looking at pictures; ``doubt``: to be looked at; ``note``: to be known."""
    detail: str
    file: str = ""
    column: str = ""
    count: int = 0
    of: int = 0
    accuracy: float | None = None
    """Of guessing by it, where that was measured."""
    chance: float | None = None
    """What guessing without it gives."""
    examples: tuple[int, ...] = ()
    """Indices of some of the questions."""


@dataclass
class Row:
    """One question as the checks see it."""

    number: int
    index: int
    question: str
    options: tuple[str, ...]
    form: str
    answer: str | None
    """Letters, if they are known from wherever."""
    columns: dict[str, str]
    """Every text column but index, question, options and answers that are letters."""
    seen: dict[str, str] = field(default_factory=dict)
    """What its pictures show of themselves: size, bytes, format."""
    pictures: str = ""
    """Hash of its pictures, where they were looked at."""
    subject: str = ""
    """Whom it is about, as its key says; else its group of twins."""

    @property
    def right(self) -> int | None:
        """Position of the right option, where one alone is right and known."""
        if self.answer is None or len(self.answer) != 1:
            return None
        place = LETTERS.find(self.answer)
        return place if 0 <= place < len(self.options) else None

    @property
    def cluster(self) -> str | int:
        """What it is right or wrong together with: questions of one subject, or at least about one picture."""
        return self.subject or self.pictures or self.index


@dataclass
class Sheet:
    """One file."""

    name: str
    rows: list[Row]
    is_open: bool
    source: str = ""
    """How the answers are known: ``answer``, ``key``, or the column that gives them away."""

    def known(self) -> list[Row]:
        """The rows with one right option that is known."""
        return [row for row in self.rows if row.right is not None and len(row.options) > 1]


def read_sheet(split: Split) -> Sheet:
    """Read the rows of a file; pictures are left where they are.

    Raises:
        ConfigError: a key of other questions.
        FormatError: a damaged file.
    """
    _check_key(split)
    keys = split.keys or {}
    rows = [_row(number, question, keys) for number, question in enumerate(split.table)]
    if len({row.subject for row in rows}) < _LEAST_SUBJECTS:
        rows = [replace(row, subject="") for row in rows]
    is_open = any(word in split.name.upper() for word in OPEN)
    source = "answer" if any(q.answer for q in split.table.take(split.table.indices[:50])) else "key" if keys else ""
    return Sheet(split.name, rows, is_open, source)


def _check_key(split: Split) -> None:
    """Raise where a key has other options than the questions, or none of their indices."""
    keys, where = split.keys or {}, str(split.key)
    if keys and not keys.keys() & set(split.table.indices):
        raise ConfigError("a key of other questions: no index is the same", where=where, reason="bench.key_of_others")
    for question in split.table if keys else ():
        key = keys.get(question.index)
        if key and key.options and question.options and key.options != question.options:
            what = f"a key of other questions: its options are {key.options}, asked are {question.options}"
            raise ConfigError(what, where=f"{where}, index {question.index}", reason="bench.key_of_others")


def _row(number: int, question: PublicQuestion, keys: Mapping[int, Question]) -> Row:
    key = keys.get(question.index)
    answer = question.answer or (key.answer if key else None)
    letters = read_letters(answer, len(question.options)) if answer and question.options else None
    columns = {
        "clinical vqa task": question.task,
        "department": question.department,
        "perceptual granularity": question.granularity,
        "modality": question.modality,
        "kind": question.kind,
        **question.extra,
    }
    shown = {name: text for name, text in columns.items() if text}
    row = Row(number, question.index, question.question, question.options, question.form, letters, shown)
    if key and (key.subject or key.twin):
        row.subject = f"{key.source}/{key.subject}" if key.subject else f"twin {key.source}/{key.twin}"
    return row


def tell(sheet: Sheet, check: str, level: Level, rows: Sequence[Row], detail: str, column: str = "") -> Finding:
    """A finding in some rows of a file."""
    return Finding(
        check=check,
        level=level,
        detail=detail,
        file=sheet.name,
        column=column,
        count=len(rows),
        of=len(sheet.rows),
        examples=tuple(row.index for row in rows[:EXAMPLES]),
    )


def equal_option(row: Row, text: str) -> int | None:
    """The one option that a cell is the text of."""
    if text in row.options:
        return row.options.index(text)
    folded = fold(text)
    same = [place for place, option in enumerate(row.options) if fold(option) == folded]
    return same[0] if len(same) == 1 else None


def names(rows: Sequence[Row]) -> list[str]:
    """All columns that have something to say."""
    return list(dict.fromkeys(name for row in rows for name in row.columns))


def telling(name: str) -> bool:
    """True for a column whose name says that it tells the answer."""
    return name.strip().lower() in TELLING
