"""What can be asked of each question of a table: its columns, its places in the lexical tree, its label and options."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from gmai.bench.cells import read_letters
from gmai.bench.layout import LETTERS
from gmai.bench.table import QuestionTable
from gmai.errors import ConfigError
from gmai.lexicon import NONE, find_names, find_terms, names_in, near_terms, read_lexicon
from gmai.types import Question

Keys = Mapping[int, Question]
"""Key of each question, by index."""
Axis = Literal["modality", "task", "department", "granularity", "family"]

ALIASES: Mapping[str, tuple[str, ...]] = {
    "task": ("clinical vqa task", "clinical task", "l2-category", "任务", "临床任务"),
    "department": ("科室",),
    "modality": ("模态", "成像模态"),
    "granularity": ("perceptual granularity", "level", "粒度", "感知粒度"),
    "family": ("modality family", "模态族"),
    "label": ("labels", "category", "标签", "类别"),
    "question": ("题目", "问题"),
    "option": ("any option", "选项"),
    "options": ("number of options", "选项数"),
    "index": ("编号",),
    "form": ("题型",),
    "answer": ("答案",),
    "kind": ("类型",),
    "subject": ("patient", "受试者"),
    "source": ("data set", "来源"),
}
"""Names of what is asked, ours first; a column of the file of that very name goes before an alias."""
AXES: tuple[Axis, ...] = ("modality", "task", "department", "granularity", "family")
NUMBERS = ("index", "options")


@dataclass(frozen=True)
class Field:
    """One thing that can be asked of every row of a table."""

    name: str
    values: Sequence[tuple[str, ...]]
    """Of each row: one text, or as many as it has options."""
    meaning: Callable[[str], frozenset[str]]
    """What a text means; two texts are equal if they mean something in common."""


def find_name(said: str) -> str:
    """The name that we have for what is asked, or the text itself in small letters, spaces made even."""
    plain = " ".join(said.casefold().replace("_", " ").split())
    return next((name for name, others in ALIASES.items() if plain == name or plain in others), plain)


def open_field(table: QuestionTable, said: str, keys: Keys | None = None, where: str = "") -> Field:
    """Find what is asked of the questions of a table.

    Args:
        table: the questions.
        said: a column, an axis of the lexical tree, or another name of :data:`ALIASES`.
        keys: keys of the questions; labels, subjects and data sets are theirs, where they are given.
        where: for messages.

    Raises:
        ConfigError: there is no such thing, with near misses; or the file does not show it.
    """
    name = find_name(said)
    columns = {" ".join(column.casefold().replace("_", " ").split()): column for column in table.columns}
    direct = " ".join(said.casefold().replace("_", " ").split())
    if direct in columns and direct not in _read_otherwise():
        return Field(name=direct, values=_single(table.column(columns[direct])), meaning=_plain)
    if name in AXES:
        return Field(name=name, values=_axis(table, name), meaning=lambda text: _places(name, text))
    if name == "label":
        return Field(name=name, values=_single(_labels(table, keys, where)), meaning=_terms)
    if name in ("subject", "source"):
        return Field(name=name, values=_single(_of_keys(table, keys, name, where)), meaning=_plain)
    if name in ("option", "options"):
        options = _options(table)
        shown = options if name == "option" else _single(str(len(each)) for each in options)
        return Field(name=name, values=shown, meaning=_terms if name == "option" else _plain)
    if name == "form":
        return Field(name=name, values=_single(question.form for question in table), meaning=_plain)
    if name in columns:
        return Field(name=name, values=_single(table.column(columns[name])), meaning=_plain)
    near = near_terms(direct, [*columns, *ALIASES], "column")
    known = ", ".join(dict.fromkeys([*columns, *AXES, "label", "option", "options", "form"]))
    fix = f"did you mean {' or '.join(near)}?" if near else f"known: {known}"
    raise ConfigError(f"nothing is called {said!r}", where=where or table.where, fix=fix, reason="query.name")


def _read_otherwise() -> frozenset[str]:
    """Columns that are not compared as they stand: axes by what they mean, and what we count ourselves."""
    taken = {*AXES, "label", "option", "options", "form", "subject", "source", "image"}
    return frozenset({*taken, "clinical vqa task", "perceptual granularity", "category"})


def _options(table: QuestionTable) -> list[tuple[str, ...]]:
    columns = [table.column(letter) for letter in LETTERS if table.has_column(letter)]
    rows = zip(*columns, strict=True) if columns else [()] * len(table)
    return [tuple(text for text in row if text) for row in rows]


def _single(texts: Iterable[str]) -> list[tuple[str, ...]]:
    return [(text,) for text in texts]


def _axis(table: QuestionTable, name: str) -> list[tuple[str, ...]]:
    column = "modality" if name == "family" else name
    texts = table.column(column) if table.has_column(column) else [""] * len(table)
    if name != "family":
        return _single(texts)
    lexicon = read_lexicon()
    families = {**lexicon.modalities, **lexicon.other_modalities}
    named = {text: find_names(text, "modality") for text in set(texts)}
    return _single(families[named[text][0]] if named[text] else "" for text in texts)


def _labels(table: QuestionTable, keys: Keys | None, where: str) -> list[str]:
    """The text of each right option: of the key, of ``category``, or of the option that ``answer`` names."""
    if keys is not None:
        return [_label_of(keys[i].options, keys[i].answer) if i in keys else "" for i in table.indices]
    if table.has_column("category"):
        return table.column("category")
    if table.has_column("answer"):
        return [_label_of(question.options, question.answer or "") for question in table]
    fix = "give the key of its questions (--key)"
    raise ConfigError("the file does not show labels", where=where or table.where, fix=fix, reason="query.label")


def _label_of(options: Sequence[str], answer: str) -> str:
    letters = read_letters(answer, len(options)) if options else None
    return " + ".join(options[LETTERS.index(letter)] for letter in letters) if letters else answer


def _of_keys(table: QuestionTable, keys: Keys | None, name: str, where: str) -> list[str]:
    if keys is not None:
        return [str(getattr(keys[index], name)) if index in keys else "" for index in table.indices]
    if table.has_column(name):
        return table.column(name)
    fix = "give the key of its questions (--key)"
    raise ConfigError(f"the file does not show {name}", where=where or table.where, fix=fix, reason=f"query.{name}")


def _plain(text: str) -> frozenset[str]:
    return frozenset([" ".join(text.casefold().split())])


@cache
def _places(axis: Axis, text: str) -> frozenset[str]:
    """Terms of the lexicon that a text names; what it does not know means itself."""
    plain = " ".join(text.casefold().split())
    if axis == "department" and plain in ("none", "no department", "无"):
        return frozenset([NONE])
    return frozenset(find_names(text, axis) or _by_abbreviation(axis).get(text, ()) or [plain])


@cache
def _by_abbreviation(axis: Axis) -> Mapping[str, tuple[str, ...]]:
    lexicon = read_lexicon()
    tables: Mapping[str, Mapping[str, str]] = {"task": lexicon.tasks, "department": lexicon.departments}
    return {short: (name,) for name, short in tables.get(axis, {}).items()}


@cache
def _terms(text: str) -> frozenset[str]:
    """A text itself, and the term of the lexicon that it means, if it means one: side and denial are part of it."""
    found = find_terms(text)
    term = frozenset([f"term {found.called().casefold()}"]) if found.term is not None else frozenset()
    return _plain(text) | term


def is_place(axis: str, text: str) -> bool:
    """True if the lexicon knows the text as a place on an axis."""
    return _places(_as_axis(axis), text) <= set(place_names(axis))


def place_names(axis: str) -> list[str]:
    """The places on an axis that the lexicon knows."""
    return list(names_in(_as_axis(axis)))


def name_place(axis: str, text: str) -> str:
    """How a place on an axis is called: as the lexicon does, else as the file spells it."""
    places = _places(_as_axis(axis), text) if text and axis in AXES else frozenset()
    return next(iter(places)) if len(places) == 1 and is_place(axis, text) else text


def _as_axis(name: str) -> Axis:
    return next(axis for axis in AXES if axis == name)
