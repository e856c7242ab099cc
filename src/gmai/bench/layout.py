"""Which column of a benchmark file is what: by name in any case; what is no column of ours is kept beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gmai.bench.cells import find_form, read_letters
from gmai.bench.question import Place, PublicQuestion
from gmai.errors import FormatError

LETTERS = "ABCDEFGHIJ"
_DIGITS = 18
"""Most digits of an index, so that it is a number to every program."""
NAMES: Mapping[str, tuple[str, ...]] = {
    "index": ("index",),
    "image": ("image",),
    "image_path": ("image_path",),
    "question": ("question",),
    "answer": ("answer",),
    "task": ("clinical vqa task",),
    "department": ("department",),
    "granularity": ("perceptual granularity",),
    "modality": ("modality",),
    "kind": ("kind",),
    "form": ("form",),
}
"""What a question has, and the names of its column, in small letters."""


@dataclass(frozen=True)
class Layout:
    """The columns of one file."""

    columns: tuple[str, ...]
    """As the file names them."""
    found: Mapping[str, str]
    """What a question has, and the column of it."""
    letters: tuple[str, ...]
    """Columns of the options, in order."""

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """All columns but that of the pictures."""
        return tuple(name for name in self.columns if name != self.found.get("image"))

    @cached_property
    def _places(self) -> tuple[int, list[int]]:
        """Where index and options are among the text columns."""
        return self.texts.index(self.found["index"]), [self.texts.index(letter) for letter in self.letters]

    def check(self, cells: Sequence[bytes], where: str) -> int:
        """The index of a row that is a question, given its text columns.

        Raises:
            FormatError: it is none.
        """
        index, letters = self._places
        _count_options([cells[place] for place in letters], where)
        number = cells[index]
        quick = number.isdigit() and len(number) <= _DIGITS
        return int(number) if quick else self.index(str(number, "utf-8", "replace"), where)

    @staticmethod
    def index(text: str, where: str) -> int:
        """The number that an index is.

        Raises:
            FormatError: it is no whole number.
        """
        text = text.strip()
        if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
            raise FormatError(f"{text!r} is no whole number", where=f"{where}, column index", reason="tsv.index")
        return int(text)

    def question(self, row: Mapping[str, str], places: tuple[Place, ...], where: str) -> PublicQuestion:
        """The question of a row.

        Args:
            row: the text of every column but the pictures'.
            places: where its pictures are.
            where: the row, for messages.

        Raises:
            FormatError: options with gaps, or only one.
        """
        texts = [row[column] for column in self.letters]
        options = tuple(texts[: _count_options(texts, where)])
        said = {name: row[column] for name, column in self.found.items() if name != "image"}
        answer = said.get("answer") or None
        letters = read_letters(answer, len(options)) if answer and options else None
        used = {*self.found.values(), *self.letters}
        return PublicQuestion(
            index=self.index(said["index"], where),
            question=said["question"],
            options=options,
            places=places,
            form=find_form(said.get("form", ""), said["question"], len(options), answer),
            task=said.get("task", ""),
            department=said.get("department", ""),
            granularity=said.get("granularity", ""),
            modality=said.get("modality", ""),
            kind=said.get("kind", ""),
            answer=letters or answer,
            extra={name: text for name, text in row.items() if text and name not in used},
        )


def read_layout(header: Sequence[str], where: str) -> Layout:
    """Tell the columns of a file from its first line.

    Raises:
        FormatError: no column ``index`` or ``question``, or a name that is there twice.
    """
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise FormatError(f"column {twice!r} is there twice", where=where, reason="tsv.header")
    lowered: dict[str, str] = {}
    for name in header:
        lowered.setdefault(name.lower(), name)
    found = {ours: lowered[name] for ours, names in NAMES.items() for name in names if name in lowered}
    found |= {name: name for name in NAMES if name in header}
    missing = [name for name in ("index", "question") if name not in found]
    if missing:
        fix = "the first line must name the columns, separated by tabs"
        raise FormatError(f"no column {', '.join(missing)}", where=where, fix=fix, reason="tsv.header")
    letters = tuple(letter if letter in header else lowered[letter.lower()] for letter in _options_of(lowered))
    return Layout(tuple(header), found, letters)


def _count_options(options: Sequence[str | bytes], where: str) -> int:
    if all(options) and len(options) != 1:
        return len(options)
    count = len([option for option in options if option])
    if count == 1 or not all(options[:count]):
        raise FormatError("options must be two or more, without gaps", where=where, reason="tsv.options")
    return count


def _options_of(lowered: Mapping[str, str]) -> str:
    """The letters that have a column, up to the first that has none."""
    count = next((number for number, letter in enumerate(LETTERS) if letter.lower() not in lowered), len(LETTERS))
    return LETTERS[:count]
