"""Cards of published benchmarks: YAML files in ``cards/``. A card is data; there is no code for a data set."""

import difflib
import re
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from gmai.annotations import VqaOptions
from gmai.base import from_dict, merge, read_yaml
from gmai.errors import CardError, ConfigError
from gmai.types import record

SHIPPED = Path(__file__).parent / "cards"


@record
class ValueRule:
    """How a trait of a question is read: from a key of its entry, perhaps translated, or the same for all."""

    key: str | tuple[str, ...] = ()
    """Key of the entry, or several, of which the first with a text counts; ``@file`` is the name of the file."""
    pattern: str = ""
    """Regular expression; its first group is the value. Where it does not fit there is none."""
    values: dict[str, str] = field(default_factory=dict)
    """Value as published to ours; in any case of letters."""
    strict: bool = False
    """True: what ``values`` does not list becomes ``default``; False: it stays as it is."""
    default: str = ""
    """Value where the entry tells none."""


@record
class SplitRule:
    """One split: its files below the root, and which of their entries."""

    files: tuple[str, ...]
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key to the values that entries of the split have."""
    expected: int | None = None
    """Questions, as published."""
    hidden: bool = False
    """True: the answers are not published; there is no key."""


@record
class Spread:
    """Entries that answer several questions, one in each of some keys; an empty one was not asked."""

    keys: dict[str, str]
    """Key of the answer to what is asked about."""
    question: str
    """With the place ``{asked}``."""
    choices: tuple[str, ...]


@record
class EntryRule(VqaOptions):
    """How entries become questions: the keys of the reader ``vqa``, and what only questions of a benchmark need."""

    answers_are: Literal["letter", "text", "either"] = "either"
    """Whether the answer to a question with options names a letter or an option's text; a text that is ``either`` an
    option or a letter is the option."""
    closed: str = "answer_type"
    """Key that says ``CLOSED`` of questions that are answered yes or no; entries without it may all be."""
    options_after: str = ""
    """Words in the question after which its options stand, ``A. …`` to the last; an entry without them is a reject."""
    chosen: dict[str, tuple[str, ...]] | None = None
    """Key and values of entries that must have options, else they are rejects; ``{}``: all must."""
    until: str = ""
    """Words at which the question ends, where what follows repeats its options; the last place counts."""
    lead: str = ""
    """What is put before the question: ``{key}`` becomes the entry's texts, with commas."""
    pictures_from: Literal["entry", "none"] = "entry"
    """``none``: questions of text alone, whatever pictures the entry names."""
    spread: Spread | None = None


@record
class DatasetCard:
    """A published benchmark: who made it, what must lie where, how its entries become questions, and its quirks."""

    name: str
    title: str
    home: str
    licence: str
    """SPDX identifier, ``LicenseRef-…`` for terms of the publisher's own, or ``unknown``."""
    place: tuple[str, ...]
    """What must lie where below the root, in words."""
    splits: dict[str, SplitRule]
    paper: str = ""
    access: Literal["open", "registration", "credentialed"] = "open"
    default: tuple[str, ...] = ("TEST",)
    """Splits that are imported where none is asked for."""
    layout: Literal["entries", "tables"] = "entries"
    """``entries``: JSON, JSON lines, CSV or Parquet; ``tables``: TSV files that are benchmark files already."""
    entries: dict[str, Any] = field(default_factory=dict)
    """An :class:`EntryRule`."""
    by_file: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Glob of files to what differs in them."""
    kind: ValueRule = ValueRule()
    task: ValueRule = ValueRule()
    department: ValueRule = ValueRule(default="none")
    modality: ValueRule = ValueRule()
    subject: ValueRule = ValueRule()
    """Patient, case or article, by which intervals are clustered; of unknown subjects, scores cluster by picture."""
    facets: dict[str, ValueRule] = field(default_factory=dict)
    """Traits by which scores are told apart, kept in the key."""
    withhold: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key and values of entries that ask for a place on an axis, which the public row then does not show."""
    language: str = "en"
    pictures: Literal["inline", "link"] = "inline"
    notes: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    """Fields that could not be checked against the publisher's files."""

    def rule(self, file: str) -> EntryRule:
        """How the entries of a file are read."""
        options = dict(self.entries)
        for pattern, changes in self.by_file.items():
            if Path(file).match(pattern):
                options = merge(options, changes)
        return from_dict(EntryRule, options, where=f"card {self.name}: entries", error=CardError)


@cache
def dataset_names() -> tuple[str, ...]:
    """Names of the published benchmarks that there are cards of, sorted."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def read_dataset(name: str | Path) -> DatasetCard:
    """Read a card.

    Args:
        name: of a shipped card, or path of a YAML file.

    Raises:
        ConfigError: there is no such card.
        CardError: an unknown key, a wrong type, or a default split that the card does not have.
    """
    path = SHIPPED / f"{name}.yaml" if str(name) in dataset_names() else Path(name)
    if path.suffix != ".yaml" or not path.is_file():
        near = difflib.get_close_matches(str(name), dataset_names(), n=2)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ConfigError(f"no published benchmark {str(name)!r}", fix=f"{hint}known: {', '.join(dataset_names())}")
    card = from_dict(DatasetCard, read_yaml(path), where=str(path), error=CardError)
    missing = [split for split in card.default if split not in card.splits]
    if missing:
        raise CardError(f"no split {missing[0]!r}", where=f"{path}: default", fix=f"splits: {', '.join(card.splits)}")
    for rule in (card.kind, card.task, card.department, card.modality, card.subject, *card.facets.values()):
        try:
            re.compile(rule.pattern)
        except re.error as error:
            raise CardError(f"no regular expression: {error}", where=f"{path}: {rule.pattern}") from None
    return card
