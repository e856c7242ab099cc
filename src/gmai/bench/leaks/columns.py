"""Columns that say the answer: by their name, by being the text of an option, by holding it."""

import re
from collections.abc import Iterator
from dataclasses import replace

from gmai.bench.folding import fold
from gmai.bench.layout import LETTERS
from gmai.bench.leaks.probes import beats_chance
from gmai.bench.leaks.rows import Finding, Level, Row, Sheet, equal_option, names, tell, telling

_OTHER = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
LEAST = 3
"""So many rows whose cell is an option are no coincidence."""
_SHARE = 0.5
"""A column that is an option in more than this share of the rows gives the answers for further checks."""


def find_told(sheet: Sheet) -> Iterator[Finding]:
    """Columns that are there to tell the answer."""
    level: Level = "note" if sheet.is_open else "leak"
    if sheet.source == "answer":
        what = "the column answer tells the answer" + (" (an open split)" if sheet.is_open else "")
        yield tell(sheet, "told", level, [row for row in sheet.rows if row.answer], what, "answer")
    for name in names(sheet.rows):
        rows = [row for row in sheet.rows if name in row.columns]
        if telling(name):
            yield tell(sheet, "told", level, rows, f"the column {name} is there to tell, or explain, the answer", name)


def find_options_in_columns(sheet: Sheet) -> Iterator[Finding]:
    """Columns whose cell is the text of one option, or holds that of one option alone."""
    for name in names(sheet.rows):
        equal = [(row, equal_option(row, row.columns[name])) for row in sheet.rows if name in row.columns]
        hits = [(row, place) for row, place in equal if place is not None]
        if hits:
            yield _equal(sheet, name, [row for row, _ in hits], [place for _, place in hits])
            continue
        held = [(row, place) for row in sheet.rows if (place := _held(row, row.columns.get(name, ""))) is not None]
        known = [(row, place) for row, place in held if row.right is not None]
        if len(known) >= LEAST:
            right = [row.right == place for row, place in known]
            rows = [row for row, _ in known]
            measured = beats_chance(right, rows)
            if measured.beats:
                found = tell(sheet, "column holds an option", "leak", rows, f"{name} holds the right option", name)
                yield replace(found, accuracy=measured.accuracy, chance=measured.chance)


def _equal(sheet: Sheet, name: str, rows: list[Row], places: list[int]) -> Finding:
    known = [(row.right, place) for row, place in zip(rows, places, strict=True) if row.right is not None]
    right = sum(said == place for said, place in known)
    told = f", the right one in {right} of {len(known)} whose answer is known" if known else ""
    share = len(rows) / len(sheet.rows)
    level: Level = "leak" if len(rows) >= LEAST or share > _SHARE else "doubt"
    if sheet.is_open and telling(name):
        level = "note"
    elif known and right <= len(known) / 2 and len(known) >= LEAST:
        level = "doubt"
    detail = f"{name} equals an option in {100 * share:.1f} % of rows{told}"
    return tell(sheet, "column equals an option", level, rows, detail, name)


def take_answers(sheet: Sheet) -> None:
    """Where answers are unknown, take them from a column that is always an option, as anybody could."""
    if any(row.answer for row in sheet.rows):
        return
    for name in names(sheet.rows):
        places = [equal_option(row, row.columns.get(name, "")) for row in sheet.rows]
        if sum(place is not None for place in places) > _SHARE * len(sheet.rows):
            for row, place in zip(sheet.rows, places, strict=True):
                row.answer = None if place is None else LETTERS[place]
            sheet.source = name
            return


def _held(row: Row, text: str) -> int | None:
    """The one option whose text a cell holds, as words."""
    words = _words(text)
    held = [place for place, option in enumerate(row.options) if _words(option).strip() and _words(option) in words]
    return held[0] if len(held) == 1 else None


def _words(text: str) -> str:
    """Letters and digits alone, with a space at either end."""
    return f" {_OTHER.sub(' ', fold(text)).strip()} "
