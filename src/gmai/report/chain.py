"""A chain of links, such as the way from an answer back to the file it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.report.page import render


@dataclass(frozen=True)
class Link:
    """One link: what it is, what it says, and its exact particulars as (name, value) pairs."""

    title: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()


def chain(links: Sequence[Link], label: str) -> Markup:
    """Links one below the other, in order; ``label`` names the list for assistive software."""
    return render("chain.html", links=links, label=label)


@dataclass(frozen=True)
class Fold:
    """Something folded away under its summary: particulars as (name, value) pairs, then text as it is."""

    summary: str
    note: str
    facts: tuple[tuple[str, str], ...]
    text: str = ""


def folds(items: Sequence[Fold]) -> Markup:
    """Folded particulars that open with a click or the keyboard."""
    return render("folds.html", items=items)
