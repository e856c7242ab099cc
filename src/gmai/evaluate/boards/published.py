"""Published numbers, quoted with their source: a TSV for each benchmark, shipped with the package or of one's own."""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from gmai.errors import ConfigError, FormatError
from gmai.types import record

COLUMNS = ("benchmark", "split", "axis", "node", "model", "metric", "percent", "n", "source", "note")
ALL = "all"


@record
class Quoted:
    """One published number; no interval of it is known."""

    benchmark: str
    split: str
    """Empty where the source does not say it."""
    axis: str
    node: str
    model: str
    metric: str
    share: float
    digits: int
    """Decimals of the percentage as it was published."""
    n: int | None
    """Questions, where they are known."""
    source: str
    note: str = ""


@record
class Wanted:
    """Published numbers as they were asked for."""

    name: str
    """Of a shipped table, ``all``, or path of a TSV."""
    split: str = ""
    """Only this split; empty for all."""
    data: str = ""
    """The measured table beside whose rows they stand; empty for a table of their own."""


def published_names() -> list[str]:
    """Names of the shipped tables."""
    folder = files("gmai.evaluate") / "published"
    return sorted(entry.name.removesuffix(".tsv") for entry in folder.iterdir() if entry.name.endswith(".tsv"))


def parse_wanted(text: str) -> Wanted:
    """Read ``NAME``, ``NAME:SPLIT``, ``NAME:SPLIT=DATA`` or the same with the path of a TSV.

    Raises:
        ConfigError: it is none of these.
    """
    found = re.fullmatch(r"(?P<name>[^:=]+)(?::(?P<split>[^:=]+))?(?:=(?P<data>.+))?", text)
    if found is None or (found["data"] and not found["split"]):
        fix = "give NAME, NAME:SPLIT, or NAME:SPLIT=DATA to put it beside the measured table DATA"
        raise ConfigError(f"no published table {text!r}", where="--published", fix=fix)
    return Wanted(name=found["name"], split=found["split"] or "", data=found["data"] or "")


def read_published(wanted: Wanted) -> list[Quoted]:
    """The numbers asked for, in the order of the file.

    Raises:
        ConfigError: no such table, or none of its numbers are of that split.
        FormatError: a row that says too little.
    """
    names = published_names() if wanted.name == ALL else [wanted.name]
    rows = [row for name in names for row in _read_table(name) if wanted.split in ("", row.split)]
    if not rows:
        known = ", ".join(sorted({row.split for name in names for row in _read_table(name) if row.split}))
        raise ConfigError(f"no numbers of split {wanted.split!r}", where=wanted.name, fix=f"splits: {known}")
    return rows


@cache
def _read_table(name: str) -> tuple[Quoted, ...]:
    if name in published_names():
        source = files("gmai.evaluate") / "published" / f"{name}.tsv"
        return tuple(_iter_rows(source.read_text(encoding="utf-8").splitlines(), name))
    if not Path(name).is_file():
        fix = f"names: {', '.join(published_names())}, {ALL}; or the path of a TSV"
        raise ConfigError(f"no published table {name!r}", where="--published", fix=fix)
    return tuple(_iter_rows(Path(name).read_text(encoding="utf-8-sig").splitlines(), name))


def _iter_rows(lines: Sequence[str], where: str) -> Iterator[Quoted]:
    for number, row in enumerate(csv.DictReader(lines, delimiter="\t"), start=2):
        place = f"{where}:{number}"
        if set(COLUMNS) - set(row) or None in row or None in row.values():
            raise FormatError("columns are missing", where=place, fix="\t".join(COLUMNS), reason="board.columns")
        percent = row["percent"]
        if not row["source"] or not row["model"] or not re.fullmatch(r"\d{1,3}(\.\d+)?", percent):
            what = "a published number needs a model, a percentage and a source"
            raise FormatError(what, where=place, reason="board.quoted")
        if row["n"] and not row["n"].isdecimal():
            raise FormatError(f"n is {row['n']!r}", where=place, reason="board.quoted")
        values = {name: row[name] for name in COLUMNS if name not in ("percent", "n")}
        digits = len(percent.partition(".")[2])
        n = int(row["n"]) if row["n"] else None
        yield Quoted(share=round(float(percent) / 100, 8), digits=digits, n=n, **values)
