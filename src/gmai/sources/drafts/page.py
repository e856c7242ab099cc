"""A card as YAML with comments: what each field rests on, and what is unsure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from gmai.base import to_dict
from gmai.types import LabelName

_WIDTH = 110


@dataclass
class Page:
    """Lines of a card, written from top to bottom."""

    lines: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    """What somebody must look at, in the order of the card."""

    def comment(self, text: str = "") -> None:
        """A comment, on one line for each line of the text."""
        self.lines += [f"# {_printable(line)}".rstrip() for line in text.split("\n")]

    def add(self, name: str, value: Any, *, why: str = "", unsure: str = "") -> None:
        """A field, after what it rests on and what is unsure of it."""
        if why:
            self.comment(why)
        if unsure:
            self.comment(f"unsure: {unsure}")
            self.unsure.append(f"{name}: {unsure}")
        self.lines += field_lines(name, value)

    def add_labels(self, labels: Sequence[tuple[str, LabelName, str]]) -> None:
        """The labels, each with its comment behind it."""
        self.lines.append("labels:")
        for raw, label, note in labels:
            data = {name: value for name, value in to_dict(label).items() if value not in (None, "", "finding")}
            line = f"  {_inline(raw)}: {_inline(data)}"
            self.lines.append(f"{line}  # {_printable(note)}" if note else line)

    def text(self) -> str:
        """The card."""
        return "\n".join(self.lines) + "\n"


def field_lines(name: str, value: Any) -> list[str]:
    """A field as YAML: on one line where it fits, else a line for each of its parts."""
    plain = to_dict(value)
    line = f"{name}: {_inline(plain)}"
    if len(line) <= _WIDTH or not isinstance(plain, dict | list):
        return [line]
    if isinstance(plain, list):
        return [f"{name}:", *(f"  - {_inline(each)}" for each in plain)]
    return [f"{name}:", *(f"  {_inline(key)}: {_inline(each)}" for key, each in plain.items())]


def _inline(value: Any) -> str:
    text = yaml.safe_dump(
        [value], default_flow_style=True, sort_keys=False, allow_unicode=True, width=float("inf")
    ).strip()
    return text[1:-1]


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
