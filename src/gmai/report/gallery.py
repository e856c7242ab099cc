"""Picture cards: a picture as it is looked at, what was said about it, or a question with its options."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.report.page import render


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG with its words for those who do not see it."""

    data: bytes
    alt: str
    note: str = ""

    @property
    def uri(self) -> str:
        """The picture as a data URI."""
        kind = "jpeg" if self.data[:2] == b"\xff\xd8" else "png"
        return f"data:image/{kind};base64,{base64.b64encode(self.data).decode('ascii')}"


@dataclass(frozen=True)
class Bubble:
    """One utterance; ``role`` is ``user`` or ``assistant``."""

    role: str
    text: str


@dataclass(frozen=True)
class Mark:
    """A line of an overlay's legend: CSS colour and what it marks."""

    colour: str
    name: str


@dataclass(frozen=True)
class Option:
    """One option of a question: its share of the likelihood (None where there is none), and whose it is."""

    letter: str
    text: str
    share: float | None = None
    note: str = ""
    is_key: bool = False
    is_choice: bool = False


@dataclass(frozen=True)
class Card:
    """A picture with what belongs to it."""

    title: str
    pictures: tuple[Picture, ...] = ()
    lines: tuple[str, ...] = ()
    """Short facts under the title."""
    bubbles: tuple[Bubble, ...] = ()
    marks: tuple[Mark, ...] = ()
    options: tuple[Option, ...] = ()
    verdict: str = ""
    """``right``, ``wrong`` or ``no answer``; empty for a card that is no answer."""
    foot: str = ""


def gallery(cards: Sequence[Card], label: str) -> Markup:
    """Cards side by side; ``label`` names the group for assistive software."""
    return render("gallery.html", cards=cards, label=label)
