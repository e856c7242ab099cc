"""The parts of a query: comparisons, what is denied, and groups; each prints itself in canonical form."""

import re
from dataclasses import dataclass
from typing import Literal

Sign = Literal["=", "!=", "~", "!~", "<", "<=", ">", ">=", "in", "not in"]
_BARE = re.compile(r"[^\s&|!(),=~<>\"'/][^\s&|!(),=~<>\"]*")


@dataclass(frozen=True)
class Test:
    """One comparison."""

    name: str
    sign: Sign
    values: tuple[str, ...]
    regex: bool = False
    at: int = 0
    """Place in the text, for messages."""

    def __str__(self) -> str:
        shown = [f"/{value}/" if self.regex else quote(value) for value in self.values]
        if self.sign in ("in", "not in"):
            return f"{quote(self.name)} {self.sign} ({', '.join(shown)})"
        return f"{quote(self.name)}{self.sign}{shown[0]}"


@dataclass(frozen=True)
class Not:
    """What a query denies."""

    part: "Node"

    def __str__(self) -> str:
        return f"!({self.part})" if isinstance(self.part, Group) else f"!{self.part}"


@dataclass(frozen=True)
class Group:
    """Parts of which all hold (``&``) or one holds (``|``)."""

    sign: Literal["&", "|"]
    parts: tuple["Node", ...]

    def __str__(self) -> str:
        inner = (f"({part})" if isinstance(part, Group) and self.sign == "&" else str(part) for part in self.parts)
        return f" {self.sign} ".join(inner)


Node = Test | Not | Group


def quote(text: str) -> str:
    """A text as a query spells it: bare words where they cannot be taken for anything else."""
    words = text.split(" ")
    if all(_BARE.fullmatch(word) for word in words) and not {"in", "not"} & set(words):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def point(text: str, at: int) -> str:
    """The place in a query, for messages."""
    return f"query, character {at + 1}: {text[max(0, at - 30) : at]}»{text[at : at + 30]}"
