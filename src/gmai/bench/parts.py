"""Which files make up which split, by their names, and the files of a split written as one."""

import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gmai.base import link_file, write_atomic
from gmai.bench.cells import split_list
from gmai.bench.rows import iter_rows
from gmai.bench.table import QuestionTable
from gmai.errors import ConfigError, FormatError

_SPLIT = re.compile(r"(?:^|[_\-. ])(val|validation|dev|test|testmini|train)(?=$|[_\-. ])", re.IGNORECASE)
_PART = re.compile(r"part[_\- ]?(\d+)", re.IGNORECASE)
_PUBLISHED_PARTS = {"gmai_mm_bench_test_part": 11}
"""How many parts published files have that came in parts, by what stands before the number."""


@dataclass(frozen=True)
class Parts:
    """The files of one split, in order."""

    split: str
    """Empty where the names do not tell it."""
    files: tuple[Path, ...]


def find_parts(sources: Iterable[Path], split: str = "", *, partial: bool = False) -> list[Parts]:
    """Sort benchmark files into splits and order.

    Args:
        sources: files, or folders with TSV files.
        split: the split of all of them; empty reads it from their names.
        partial: go on if a numbered part is missing.

    Raises:
        ConfigError: nothing there, a part that is missing, or a part that is there twice.
    """
    files = [file for source in sources for file in _files_of(source)]
    found: dict[str, list[Path]] = {}
    for file in dict.fromkeys(files):
        said = _SPLIT.search(file.stem)
        name = split or (said.group(1).upper().replace("VALIDATION", "VAL") if said else "")
        found.setdefault(name, []).append(file)
    return [Parts(name, _in_order(files, partial)) for name, files in sorted(found.items())]


def _files_of(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    files = sorted(source.glob("*.tsv"))
    if not files:
        raise ConfigError("no TSV files", where=str(source), fix="give TSV files, or a folder that holds them")
    return files


def _in_order(files: Sequence[Path], partial: bool) -> tuple[Path, ...]:
    numbered: dict[int, Path] = {}
    for file in files:
        said = _PART.search(file.stem)
        if said is None:
            continue
        number = int(said.group(1))
        if number in numbered:
            raise ConfigError(f"part {number} is there twice", where=f"{numbered[number]}, {file}")
        numbered[number] = file
    if not numbered:
        return tuple(files)
    others = [file for file in files if file not in numbered.values()]
    if others:
        fix = "give the parts alone, or --split for each"
        raise ConfigError("a whole file beside parts of one split", where=str(others[0]), fix=fix)
    first = _PART.split(next(iter(numbered.values())).stem.lower())[0] + "part"
    last = max(max(numbered), _PUBLISHED_PARTS.get(first, 0))
    missing = [str(number) for number in range(1, last + 1) if number not in numbered]
    if missing and not partial:
        fix = "give all parts, or --partial to go on without"
        raise ConfigError(f"part {', '.join(missing)} of {last} is missing", where=str(files[0].parent), fix=fix)
    return tuple(numbered[number] for number in sorted(numbered))


def write_public(table: QuestionTable, target: Path) -> None:
    """Write the files of a table as one: a link to a single file, the rows of several under one header.

    Rows keep their bytes. Only paths of pictures, which are meant from the file's own folder, are written anew.

    Raises:
        FormatError: the files have not the same columns in the same order.
    """
    files = table.files
    if any(file.layout.columns != files[0].layout.columns for file in files):
        other = next(file for file in files if file.layout.columns != files[0].layout.columns)
        fix = f"those of {files[0].path.name}: {', '.join(files[0].layout.columns)}"
        raise FormatError("parts with other columns", where=str(other.path), fix=fix, reason="tsv.header")
    paths = files[0].layout.found.get("image_path")
    if paths is not None and any(table.column(paths)):
        _write_moved(table, target, files[0].layout.columns.index(paths))
    elif len(files) == 1:
        link_file(files[0].path.resolve(), target)
    else:
        _write_joined([file.path for file in files], target)


def _write_joined(files: Sequence[Path], target: Path) -> None:
    with write_atomic(target) as temporary, temporary.open("wb") as out:
        for number, file in enumerate(files):
            with file.open("rb") as source:
                header = source.readline()
                if number == 0:
                    out.write(header)
                last = header
                while block := source.read(1 << 20):
                    out.write(block)
                    last = block
            if not last.endswith(b"\n"):
                out.write(b"\n")


def _write_moved(table: QuestionTable, target: Path, column: int) -> None:
    """Rows with relative paths of pictures as seen from the new place."""
    with write_atomic(target) as temporary, temporary.open("wb") as out:
        for number, file in enumerate(table.files):
            rows = iter_rows(file.path)
            header = next(rows)
            if number == 0:
                out.write(b"\t".join(map(_quote, header.cells)) + b"\n")
            for row in rows:
                row.cells[column] = _moved(row.cells[column].decode("utf-8"), file.path, target)
                out.write(b"\t".join(map(_quote, row.cells)) + b"\n")


def _quote(cell: bytes) -> bytes:
    special = any(sign in cell for sign in (b'"', b"\t", b"\n", b"\r"))
    return b'"' + cell.replace(b'"', b'""') + b'"' if special else cell


def _moved(said: str, origin: Path, target: Path) -> bytes:
    here, there = origin.parent.resolve(), target.parent.resolve()
    paths = [
        os.path.relpath(here / one, there) if not os.path.isabs(one) else one for one in split_list(said, str(origin))
    ]
    text = paths[0] if len(paths) == 1 else json.dumps(paths, ensure_ascii=False) if paths else ""
    return text.encode()
