"""Source cards: YAML files that say all gmai knows of a data set. Those that ship with gmai lie in ``cards/``."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from gmai.annotations import FORMATS, check_pattern
from gmai.base import from_dict, merge, read_yaml, to_dict
from gmai.errors import CardError, ImageError
from gmai.images import find_preset
from gmai.lexicon import read_lexicon
from gmai.sources.label_names import add_names
from gmai.sources.traits import check_facets
from gmai.types import SourceCard, SubjectRule

SHIPPED = Path(__file__).parent / "cards"
_LICENCE = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")
"""SPDX identifiers, perhaps several joined."""


@lru_cache(maxsize=1)
def card_names() -> tuple[str, ...]:
    """Names of the cards that ship with gmai, sorted."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def read_card(card: str | Path, changes: Mapping[str, Any] | None = None) -> SourceCard:
    """Read a card, check it, and fill in from the lexicon what it leaves unsaid of its labels.

    Args:
        card: name of a shipped card, or path of a YAML file.
        changes: values that replace the file's, nested as it is.

    Raises:
        CardError: no such card, an unknown key or a wrong type, an unknown format, or terms the lexicon does not know.
    """
    path = SHIPPED / f"{card}.yaml" if str(card) in card_names() else Path(card)
    if not path.is_file():
        near = difflib.get_close_matches(str(card), card_names(), n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise CardError(
            f"no card {str(card)!r}",
            fix=f"{hint}gmai source list names the {len(card_names())} that ship; or give a YAML file",
        )
    found = from_dict(SourceCard, merge(read_yaml(path), changes or {}), where=str(path), error=CardError)
    check_card(found)
    return add_names(found)


def check_card(card: SourceCard) -> None:
    """Check what a card says beyond its types.

    Raises:
        CardError: an empty name, no file patterns, slices or windows there cannot be, an unknown format, or terms that
            the lexicon does not know.
    """
    where = f"card {card.name}"
    if not card.name or "/" in card.name or card.name != card.name.strip():
        raise CardError(f"a card cannot be called {card.name!r}", where=where, fix="use letters, digits and dashes")
    if not card.files:
        raise CardError("the card names no files", where=f"{where}: files", fix="give glob patterns below the root")
    for pattern in card.files:
        check_pattern(pattern)
    if not _LICENCE.fullmatch(card.licence):
        fix = "an SPDX identifier such as CC-BY-4.0, LicenseRef-… for other terms, or unknown"
        raise CardError(f"no licence identifier: {card.licence!r}", where=f"{where}: licence", fix=fix)
    for field, rule in (("subject", card.subject), ("split", card.split), ("visit", card.visit)):
        _check_rule(rule, f"{where}: {field}.pattern")
    check_facets(card)
    _check_volumes(card, where)
    if ":" not in card.format and card.format not in FORMATS.names():
        near = difflib.get_close_matches(card.format, FORMATS.names(), n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        fix = f"{hint}known: {', '.join(FORMATS.names())}"
        raise CardError(f"unknown format {card.format!r}", where=f"{where}: format", fix=fix)
    read_lexicon().check_card(card)


def _check_volumes(card: SourceCard, where: str) -> None:
    if card.slices.count < 1:
        raise CardError(
            f"no slices are asked for: {card.slices.count}", where=f"{where}: slices.count", fix="1 or more"
        )
    for axis in (card.slices.axis or 0, *card.slices.axes):
        if axis not in range(3):
            fix = "0 is sagittal, 1 coronal, 2 axial"
            raise CardError(f"a volume has no axis {axis}", where=f"{where}: slices.axis", fix=fix)
    if card.slices.volume < 0 or len(set(card.slices.axes)) < len(card.slices.axes):
        fix = "each axis once; volumes count from 0"
        raise CardError("slices there cannot be", where=f"{where}: slices", fix=fix)
    if card.window.mode == "fixed" and (card.window.centre is None or not (card.window.width or 0) > 0):
        fix = "such as {mode: fixed, centre: 40, width: 400}"
        raise CardError("a fixed window needs centre and width", where=f"{where}: window", fix=fix)
    if card.window.mode == "preset":
        try:
            find_preset(card.window.preset)
        except ImageError as error:
            raise CardError(error.message, where=f"{where}: window.preset", fix=error.fix) from None


def _check_rule(rule: SubjectRule, where: str) -> None:
    try:
        re.compile(rule.pattern or "")
    except re.error as error:
        raise CardError(f"no regular expression: {error}", where=where) from None


def card_text(card: SourceCard) -> str:
    """A card as YAML, without the fields left at their defaults."""
    data = to_dict(card)
    plain = {field.name: data[field.name] for field in fields(SourceCard) if data[field.name] not in ({}, "", None)}
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120)
