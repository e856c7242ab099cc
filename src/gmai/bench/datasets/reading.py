"""The entries of a split's files as questions with their pictures, numbered as they stand in the files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gmai.annotations import Entry, list_files, read_entries
from gmai.base import hash_file
from gmai.bench.datasets.asked import Asked, has_values, read_asked, read_value
from gmai.bench.datasets.card import DatasetCard, EntryRule, SplitRule
from gmai.bench.datasets.pictures import Named, Picture
from gmai.errors import FormatError


@dataclass(frozen=True, kw_only=True)
class Found:
    """One question of a file, or why there is none."""

    number: int
    """Its place among the questions of the split's files, from 0; what is not of the split counts too."""
    entry: Entry
    language: str
    asked: Asked | None = None
    pictures: tuple[Picture, ...] = ()
    fault: FormatError | None = None

    def question(self) -> Asked:
        """What is asked.

        Raises:
            FormatError: why there is no question.
        """
        if self.asked is None:
            raise self.fault or FormatError("no question", where=self.entry.pointer, reason="bench.no_question")
        return self.asked


def split_files(card: DatasetCard, split: SplitRule, root: Path) -> list[str]:
    """The files of a split below the root, in order.

    Raises:
        FormatError: one is not there; the card's words on where to get it are the fix.
    """
    files: list[str] = []
    for pattern in split.files:
        found = list_files(root, pattern)
        if not found:
            fix = f"{card.home}: " + "; ".join(card.place)
            raise FormatError(f"no file {pattern!r}", where=str(root), fix=fix, reason="source.missing")
        if pattern.startswith("**/") and len(found) > 1:
            fix = "leave one of them below the root"
            raise FormatError(f"several files may be it: {', '.join(found[:3])}", where=pattern, fix=fix)
        files += found
    return list(dict.fromkeys(files))


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a split is made of, before any picture is read."""

    files: tuple[str, ...]
    inputs: Mapping[str, str]
    """Hash of each of its files, and the size of every picture file that they name."""
    most_options: int


def survey_split(card: DatasetCard, split: SplitRule, root: Path) -> Survey:
    """Read the files of a split through.

    Raises:
        FormatError: a file is not there, or cannot be read as a whole.
    """
    files = split_files(card, split, root)
    inputs, most = {file: hash_file(root / file) for file in files}, 0
    for found in read_split(card, split, root):
        most = max(most, len(found.asked.options) if found.asked else 0)
        for picture in found.pictures:
            path = root / picture.path
            if picture.path and picture.path not in inputs:
                inputs[picture.path] = str(path.stat().st_size) if path.is_file() else "missing"
    return Survey(files=tuple(files), inputs=inputs, most_options=most)


def read_split(card: DatasetCard, split: SplitRule, root: Path) -> Iterator[Found]:
    """Yield the questions of a split.

    Raises:
        FormatError: a file is not there, or cannot be read as a whole.
    """
    number = 0
    for file in split_files(card, split, root):
        rule = card.rule(file)
        named = Named(root, rule)
        for entry in read_entries(root / file, file, rule):
            wanted = _is_of(entry, split)
            for one in _spread(entry, rule):
                if wanted:
                    yield _find(one, number, card, split, named, rule)
                number += 1


def _find(entry: Entry, number: int, card: DatasetCard, split: SplitRule, named: Named, rule: EntryRule) -> Found:
    language = (entry.text(rule.language) or card.language).lower()[:2]
    found = Found(number=number, entry=entry, language=language)
    try:
        asked = read_asked(entry, rule, hidden=split.hidden)
        return replace(found, asked=asked, pictures=named.find(entry))
    except FormatError as error:
        return replace(found, fault=error)


def _is_of(entry: Entry, split: SplitRule) -> bool:
    return bool(entry.problem) or has_values(entry, split.where)


def _spread(entry: Entry, rule: EntryRule) -> Iterator[Entry]:
    """The entry itself, or one for each key that was asked."""
    if rule.spread is None or entry.problem:
        yield entry
        return
    for key, asked in rule.spread.keys.items():
        if answer := entry.text(key):
            more = {
                "@asked": asked,
                "@question": rule.spread.question.replace("{asked}", asked),
                "@choices": list(rule.spread.choices),
                "@answer": answer,
            }
            yield replace(entry, pointer=f"{entry.pointer}&{key}", values={**entry.values, **more})


def read_places(found: Found, card: DatasetCard) -> dict[str, str]:
    """Kind and places of a question on the axes of the lexical tree."""
    return {axis: read_value(found.entry, getattr(card, axis)) for axis in ("kind", "task", "department", "modality")}
