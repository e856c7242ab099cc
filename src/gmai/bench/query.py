"""Questions asked for by what they are: ``department=Ophthalmology & (modality=fundus | modality=OCT) & !option~disc``.

``&`` binds closer than ``|``; ``!`` goes before what it denies. ``=`` and ``!=`` compare what names mean: case,
synonyms and Chinese names of the lexicon count as the same. ``~`` and ``!~`` look for a text, or for a
``/regular expression/``, in any case; ``in (a, b)`` and ``not in`` compare with several; ``<``, ``<=``, ``>``, ``>=``
compare numbers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NoReturn, get_args

from gmai.bench.fields import Keys, find_name
from gmai.bench.query_parts import Group, Node, Not, Sign, Test, point
from gmai.bench.select import find_rows
from gmai.bench.table import QuestionTable
from gmai.errors import ConfigError

_DEEPEST = 64
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<sign><=|>=|!=|!~|[=~<>])|(?P<mark>[&|!(),])"""
    r"""|(?P<word>[^\s&|!(),=~<>"]+))""",
    re.DOTALL,
)
_REGEX = re.compile(r"\s*/((?:[^/\\]|\\.)*)/", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """A query that was read; its text as a string is its canonical form."""

    text: str
    root: Node

    def __str__(self) -> str:
        return str(self.root)

    def select(self, table: QuestionTable, keys: Keys | None = None) -> list[int]:
        """Indices of the questions for which it holds, in the table's order.

        Raises:
            ConfigError: a name or a place of the lexical tree that the table does not know, with near misses.
        """
        rows = find_rows(self.root, self.text, table, keys).tolist() if len(table) else []
        return [table.indices[row] for row in rows]


def parse_query(text: str) -> Query:
    """Read a query.

    Raises:
        ConfigError: it cannot be read; the message points at the place.
    """
    return Query(text, _Parser(text).read())


class _Parser:
    """Recursive descent over the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def read(self) -> Node:
        node = self._either()
        if self._peek()[0]:
            self._fail("expected & or | or the end")
        return node

    def _either(self) -> Node:
        return self._group("|", lambda: self._group("&", self._one))

    def _group(self, sign: Literal["&", "|"], part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._peek() == ("mark", sign):
            self._take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Group(sign, tuple(parts))

    def _one(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._fail(f"more than {_DEEPEST} parts inside one another")
        node = self._inner()
        self.depth -= 1
        return node

    def _inner(self) -> Node:
        if self._peek() == ("mark", "!"):
            self._take()
            return Not(self._one())
        if self._peek() == ("mark", "("):
            self._take()
            node = self._either()
            self._expect(")")
            return node
        return self._test()

    def _test(self) -> Test:
        start = self._start()
        name = self._text("the name of a column", until=("in", "not"))
        sign = self._sign()
        place = self._start()
        if sign in ("in", "not in"):
            self._expect("(")
            values = [self._text("a value")]
            while self._peek() == ("mark", ","):
                self._take()
                values.append(self._text("a value"))
            self._expect(")")
            return Test(find_name(name), sign, tuple(values), at=start)
        if sign in ("~", "!~") and (found := _REGEX.match(self.text, self.at)):
            self.at = found.end()
            return Test(find_name(name), sign, (self._pattern(found.group(1), place),), True, start)
        return Test(find_name(name), sign, (self._text("a value"),), at=start)

    def _pattern(self, pattern: str, place: int) -> str:
        try:
            re.compile(pattern, re.IGNORECASE)
        except (re.error, RecursionError, OverflowError) as error:
            self.at = place
            self._fail(f"not a regular expression: {error}")
        return pattern

    def _sign(self) -> Sign:
        kind, text = self._peek()
        if kind == "sign":
            return self._as_sign(self._take())
        words = []
        while self._peek()[0] == "word" and self._peek()[1] in ("in", "not"):
            words.append(self._take())
        if " ".join(words) in ("in", "not in"):
            return self._as_sign(" ".join(words))
        self._fail(f"expected one of {' '.join(get_args(Sign))}")

    @staticmethod
    def _as_sign(text: str) -> Sign:
        return next(sign for sign in get_args(Sign) if sign == text)

    def _text(self, what: str, until: tuple[str, ...] = ()) -> str:
        """A quoted text, or words up to the next sign or mark."""
        kind, text = self._peek()
        if kind == "quoted":
            return re.sub(r"\\(.)", r"\1", self._take()[1:-1], flags=re.DOTALL)
        words: list[str] = []
        while self._peek()[0] == "word" and not (words and self._peek()[1] in until):
            words.append(self._take())
        if not words:
            self._fail(f"expected {what}")
        return " ".join(words)

    def _peek(self) -> tuple[str, str]:
        """Kind and text of the next token; empty at the end."""
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            if self.text[self.at :].strip():
                self._fail("a quote is never closed")
            return "", ""
        return found.lastgroup or "", found.group(found.lastgroup or 0)

    def _take(self) -> str:
        text = self._peek()[1]
        found = _TOKEN.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return text

    def _expect(self, mark: str) -> None:
        if self._peek() != ("mark", mark):
            self._fail(f"expected {mark}")
        self._take()

    def _start(self) -> int:
        """Where the next token begins."""
        return len(self.text) - len(self.text[self.at :].lstrip())

    def _fail(self, message: str) -> NoReturn:
        raise ConfigError(message, where=point(self.text, self._start()), reason="query.syntax")
