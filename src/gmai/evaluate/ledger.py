"""The key holder's list of what was graded: lines are only ever added, and each holds the hash of the one before.

Every published number tells a little of the key. The list counts, for each team and key, how often it was graded and
how many bits it was told at most, so that a key holder sees when a key is being read off.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from gmai.base import dumps, from_json, hash_bytes
from gmai.errors import ConfigError, FormatError
from gmai.types import record


@record
class Line:
    """One grading."""

    team: str
    model: str
    submission: str
    """Hash of the submission."""
    key: str
    """Hash of the key."""
    bits: float
    """What its public numbers tell of the key at most."""
    before: str = ""
    """Hash of the line before; empty of the first."""


@record
class Tally:
    """What a team was told of one key, this grading included."""

    submissions: int
    bits: float


def enter(path: Path, line: Line, most: int) -> Tally:
    """Add a line, unless this submission stands there already, and count.

    Args:
        path: the list; made if it is not there.
        line: the grading.
        most: gradings that a team is granted with one key.

    Raises:
        ConfigError: the team has had them all.
        FormatError: a line was changed, taken out or damaged.
    """
    with _locked(path) as file:
        lines, last = _read(file, path)
        mine = [one for one in lines if (one.team, one.key) == (line.team, line.key)]
        if all(one.submission != line.submission for one in mine):
            if len(mine) >= most:
                what = f"{line.team!r} has been graded {len(mine)} times with this key"
                raise ConfigError(what, where=str(path), fix="grant more with --most", reason="grade.most")
            mine.append(line)
            file.seek(0, os.SEEK_END)
            file.write(dumps(replace(line, before=last)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return Tally(submissions=len(mine), bits=round(sum(one.bits for one in mine), 1))


def read_ledger(path: Path) -> list[Line]:
    """Every line, in order.

    Raises:
        FormatError: a line was changed, taken out or damaged.
    """
    with path.open("rb") as file:
        return _read(file, path)[0]


def _read(file: BinaryIO, path: Path) -> tuple[list[Line], str]:
    lines: list[Line] = []
    last = ""
    file.seek(0)
    for number, data in enumerate(file, start=1):
        where = f"{path}:{number}"
        line = from_json(Line, data, where=where)
        if line.before != last or not data.endswith(b"\n"):
            what = "a line before this one was changed or taken out, or this one is cut short"
            raise FormatError(what, where=where, reason="grade.ledger")
        lines.append(line)
        last = hash_bytes(data)
    return lines, last


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
