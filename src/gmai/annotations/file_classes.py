"""Classes of slides and videos, from a table with a row a file or from the folders they lie in."""

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from gmai.annotations.class_folders import FolderOptions
from gmai.annotations.class_folders import read as read_folders
from gmai.annotations.class_table import TableOptions
from gmai.annotations.class_table import read as read_class_table
from gmai.annotations.item import AnnotatedItem, LookAt
from gmai.annotations.paths import list_files
from gmai.types import Reject, SourceCard, record

ANY = {"stem": "*", "folder": "*", "parent": "**"}
"""What fills the places of a template, for every file that can fit it."""


@record
class FileClassOptions(TableOptions):
    """Where the files are, and where their classes come from."""

    files: str = "**/*"
    """Glob of the files; where classes come from a table, of those there should be."""
    table: str | tuple[str, ...] = ""
    """Glob, or several, of tables with a row a file; the columns are told as for ``class_table``."""
    layout: str = ""
    """The folders from ``root`` to a file, as for ``class_folders``, where they tell its class."""
    root: str = "."
    """Folder that holds the class folders."""
    kind: str = "finding"
    """Question kind that the class of a folder answers."""

    @property
    def expected(self) -> str:
        """Glob of the files there should be, where a table says of what."""
        return (self.pictures or (self.files if self.files != "**/*" else f"{self.images}/*")).removeprefix("./")


def read_classes(
    folder: Path, card: SourceCard, options: FileClassOptions, look: LookAt
) -> Iterator[AnnotatedItem | Reject]:
    """Yield what the table or the folders say, as the readers of pictures give it.

    Raises:
        FormatError: as the readers of tables and folders.
    """
    if options.table:
        tables = list_tables(folder, options)
        told = _card(card, TableOptions, replace(options, pictures=options.expected))
        found = read_class_table(folder, told, look)
        yield from (each for each in found if not (isinstance(each, Reject) and each.id in tables))
    else:
        yield from read_folders(folder, _card(card, FolderOptions, options), look)


def list_tables(folder: Path, options: FileClassOptions) -> set[str]:
    """The tables, which are no files to look at."""
    globs = (options.table,) if isinstance(options.table, str) else options.table
    return {path for glob in globs for path in list_files(folder, glob)}


def _card(card: SourceCard, kind: type[Any], options: FileClassOptions) -> SourceCard:
    """The card as another reader understands it: with the options that are its own."""
    default = kind()
    told: dict[str, Any] = {}
    for name in (each.name for each in fields(kind)):
        value, usual = getattr(options, name), getattr(default, name)
        other_labels = name == "labels" and type(value) is not type(usual)  # columns of a table, no folders
        if value != usual and not other_labels:
            told[name] = value
    return replace(card, options=told)
