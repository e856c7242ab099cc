"""Terms: what the labels of the tree, and the names that data sets use most, mean, in English and Chinese.

``labels.tsv`` has a line for each label of the tree, ``terms.tsv`` one for each further term. Lines with one name are
one term, so ``lung nodule`` and ``pulmonary nodule`` are the same thing under whichever label they are found.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

from gmai.base import from_dict
from gmai.errors import CardError
from gmai.lexicon.fold import Side, fold
from gmai.types import record

Kind = Literal[
    "finding",
    "normal",
    "grade",
    "anatomy",
    "tissue",
    "cell",
    "organism",
    "marker",
    "instrument",
    "action",
    "phase",
    "quality",
    "attribute",
    "count",
]
Language = Literal["en", "zh"]

_SIDED = re.compile(r"^(.*\S) \((left|right|both)\)$")
_AN = re.compile(r"^(?:[aeioAEIO]|[uU](?!ni(?!n)|te|re|ro|ri|su)|[FHLMNRSX](?=[A-Z0-9-]))")


@record
class TermLine:
    """One line of a table of terms."""

    label: str = ""
    """The label as the tree spells it; empty in ``terms.tsv``."""
    name: str
    """Canonical English name: singular, lower case but for proper names and abbreviations."""
    plural: str = ""
    """Empty where the name is not counted."""
    zh: str
    kind: Kind
    synonyms: tuple[str, ...] = ()
    synonyms_zh: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    """Short forms, whose meaning hangs on the modality, such as ``DR`` or ``cup``."""
    modalities: tuple[str, ...] = ()
    """Where the line holds; for a label, empty means wherever the tree has it."""
    note: str = ""


@record
class Term:
    """A thing with a name: what is found, seen, counted, graded or used."""

    name: str
    zh: str
    kind: Kind
    plural: str = ""
    """Empty where the name is not counted."""
    labels: tuple[str, ...] = ()
    """How the tree spells it; empty for terms that the tree lacks."""
    synonyms: tuple[str, ...] = ()
    """Other names, in English and Chinese."""
    short: tuple[str, ...] = ()
    """Short forms, whose meaning hangs on the modality."""
    modalities: tuple[str, ...] = ()
    """Modalities it is known from; empty where any will do."""
    notes: tuple[str, ...] = ()

    def called(self, language: Language = "en", plural: bool = False) -> str:
        """The name in a language; the plural where there is one."""
        if language == "zh":
            return self.zh
        return self.plural if plural and self.plural else self.name

    @property
    def article(self) -> str:
        """``a`` or ``an``; empty where the name is not counted."""
        return article(self.name) if self.plural else ""


@record
class Form:
    """A spelling of a term; a short form means it only in the term's modalities."""

    text: str
    term: str
    short: bool = False
    canonical: bool = False
    """True for the name and the label; False for synonyms."""
    side: Side | None = None
    modalities: tuple[str, ...] = ()


def article(name: str) -> str:
    """``a`` or ``an`` before a name."""
    return "an" if _AN.match(name) else "a"


@cache
def read_lines() -> tuple[TermLine, ...]:
    """The lines of both tables, those of the tree first."""
    return (*_read("labels.tsv"), *_read("terms.tsv"))


@cache
def read_terms() -> dict[str, Term]:
    """Every term by its name.

    Raises:
        CardError: lines of one name that differ in plural, Chinese name or kind.
    """
    under = tree_modalities()
    terms: dict[str, Term] = {}
    for line in read_lines():
        new = Term(
            name=line.name,
            zh=line.zh,
            kind=line.kind,
            plural=line.plural,
            labels=(line.label,) if line.label else (),
            synonyms=(*line.synonyms, *line.synonyms_zh),
            short=line.short,
            modalities=line.modalities or under.get(line.label, ()),
            notes=(line.note,) if line.note else (),
        )
        terms[line.name] = _join(terms[line.name], new) if line.name in terms else new
    return terms


@cache
def read_forms() -> tuple[Form, ...]:
    """Every spelling of every term."""
    return tuple(form for line in read_lines() for form in _forms(line))


@cache
def tree_modalities() -> dict[str, tuple[str, ...]]:
    """The modalities under which the tree has each label."""
    text = (files("gmai.lexicon") / "tree.tsv").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for row in csv.DictReader(io.StringIO(text), delimiter="\t"):
        found[row["label"]] = (*found.get(row["label"], ()), row["modality"])
    return found


def _read(name: str) -> Iterator[TermLine]:
    text = (files("gmai.lexicon") / name).read_text(encoding="utf-8")
    table = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    parted = ("synonyms", "synonyms_zh", "short", "modalities")
    for number, row in enumerate(table, start=2):
        split = {key: [part for part in row[key].split("|") if part] for key in parted}
        yield from_dict(TermLine, {**row, **split}, where=f"{name}:{number}", error=CardError)


def _join(old: Term, new: Term) -> Term:
    for field in ("zh", "kind", "plural"):
        if getattr(old, field) != getattr(new, field):
            said = f"{getattr(old, field)!r} and {getattr(new, field)!r}"
            raise CardError(f"two lines of one name differ in {field}: {said}", where=f"lexicon: {old.name}")
    joined = {
        field: tuple(dict.fromkeys((*getattr(old, field), *getattr(new, field))))
        for field in ("labels", "synonyms", "short", "modalities", "notes")
    }
    return Term(name=old.name, zh=old.zh, kind=old.kind, plural=old.plural, **joined)


def _forms(line: TermLine) -> Iterator[Form]:
    modalities = line.modalities or tree_modalities().get(line.label, ())
    canonical = [line.label, line.name, line.plural, line.zh]
    bound = {fold(_bare(text)[0]) for text in line.short}
    for texts, short, first in ((line.short, True, False), (canonical, False, True), (_others(line), False, False)):
        for written in texts:
            text, side = _bare(written)
            if text and (short or not (bound and fold(text) in bound)):
                yield Form(
                    text=text,
                    term=line.name,
                    short=short,
                    canonical=first or text in (line.label, line.name),
                    side=side,
                    modalities=modalities,
                )


def _others(line: TermLine) -> Iterable[str]:
    return (*line.synonyms, *line.synonyms_zh)


def _bare(text: str) -> tuple[str, Side | None]:
    found = _SIDED.match(text)
    if not found:
        return text, None
    sides: dict[str, Side] = {"left": "left", "right": "right", "both": "both"}
    return found[1], sides[found[2]]
