"""A large JSON object read member by member, lists element by element, so that it never lies in memory whole."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from gmai.errors import FormatError

CHUNK = 1 << 18
"""Characters read at a time."""
_BLANK = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode


def iter_members(path: Path, shown: str) -> Iterator[tuple[str, Any]]:
    """Yield (name, value) of each member of the object in a file; of a list, one pair for each of its elements.

    NaN and Infinity are read as Python writes them. A list without elements, and a name given twice, tell nothing.

    Raises:
        FormatError: ``json.invalid`` or ``json.root`` (no object).
    """
    with path.open(encoding="utf-8-sig") as file:
        try:
            yield from _Reader(file).members()
        except UnicodeDecodeError as error:
            raise FormatError(f"not valid JSON: {error}", where=shown, reason="json.invalid") from None
        except (ValueError, RecursionError) as error:
            reason = "json.root" if isinstance(error, _NoObject) else "json.invalid"
            raise FormatError(f"not valid JSON: {error}", where=shown, reason=reason) from None


class _NoObject(ValueError):
    pass


class _Reader:
    """A window on the text: what is behind is dropped, what is ahead is read when it is needed."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.text, self.at, self.whole = file, "", 0, False

    def members(self) -> Iterator[tuple[str, Any]]:
        if self.next() != "{":
            raise _NoObject("no object")
        self.at += 1
        if self.next() != "}":
            while True:
                name = self.value()
                if not isinstance(name, str):
                    raise ValueError(f"a name that is no text: {name!r}"[:80])
                self.take(":")
                if self.next() == "[":
                    yield from ((name, element) for element in self.elements())
                else:
                    yield name, self.value()
                if self.next() != ",":
                    break
                self.at += 1
        self.take("}")
        if self.next():
            raise ValueError("more text after the end")

    def elements(self) -> Iterator[Any]:
        self.take("[")
        if self.next() != "]":
            while True:
                yield self.value()
                if self.next() != ",":
                    break
                self.at += 1
        self.take("]")

    def next(self) -> str:
        """The next character that is not blank, left where it is; empty at the end."""
        while True:
            found = _BLANK.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def take(self, character: str) -> None:
        found = self.next()
        if found != character:
            raise ValueError(f"{character!r} is expected, not {found!r}")
        self.at += 1

    def value(self) -> Any:
        """The next value; more is read as long as it may go on behind the text at hand."""
        self.next()
        while True:
            try:
                value, end = _decode(self.text, self.at)
            except json.JSONDecodeError:
                if not self.more():
                    raise
                continue
            if end < len(self.text) or not self.more():
                self.at = end
                return value

    def more(self) -> bool:
        """Read on; False at the end of the file."""
        if self.whole:
            return False
        # as much again as is at hand: a value of any length is tried few times
        read = self.file.read(max(CHUNK, len(self.text) - self.at))
        self.text, self.at, self.whole = self.text[self.at :] + read, 0, not read
        return bool(read)
