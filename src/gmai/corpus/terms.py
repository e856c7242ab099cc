"""What may be done with a sample: its licence and its source's card, read with caution."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gmai.base import read_yaml
from gmai.types import Sample

_FREE = ("CC0", "CC-BY", "MIT", "APACHE", "BSD", "ISC", "PDDL", "ODC-BY", "ODBL", "GPL", "LGPL", "AGPL", "CDLA", "MPL")
"""How the SPDX identifiers begin of licences that let everybody pass data on and use them for anything."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a licence allows; where neither it nor the card says so, nothing."""

    licence: str
    commercial: bool
    redistribution: bool
    """Whether pictures may be passed on."""
    why: str
    """Why commercial use is not allowed, as a slug; empty if it is."""


class TermsOf:
    """The terms of the samples of one corpus, by the cards in its folder."""

    def __init__(self, folder: Path) -> None:
        self._cards = {path.stem: read_yaml(path) for path in sorted((folder / "cards").glob("*.yaml"))}

    def __call__(self, sample: Sample) -> Terms:
        """Terms of one sample: those of its own picture's licence where the source gives one, else of its source."""
        own = next((str(step.parameters["licence"]) for step in _read_steps(sample)), None)
        card = self._cards.get(sample.source, {})
        licence = own or sample.provenance.licence
        return find_terms(licence, card.get("commercial"), card.get("redistribution") if own is None else None)

    @property
    def cards(self) -> Mapping[str, Mapping[str, Any]]:
        """The cards as they lie in the corpus, by source."""
        return self._cards


@cache
def find_terms(licence: str, commercial: bool | None = None, redistribution: bool | None = None) -> Terms:
    """Read a licence, and what a card says beside it.

    NC, ND and unknown licences never allow commercial use, whatever a card says. Pictures under a licence that is
    unknown, of the publisher's own or ND are passed on only if the card allows it: a stored picture is a derivative.
    """
    name = re.sub(r"[\s_]+", "-", licence.strip().upper()).replace("CC-0", "CC0")
    parts = set(name.split("-"))
    free = name.startswith(_FREE)
    why = ""
    if name in {"", "UNKNOWN", "NONE", "OTHER"}:
        why = "licence.unknown"
    elif "NC" in parts or {"NON", "COMMERCIAL"} <= parts or "NONCOMMERCIAL" in parts:
        why = "licence.nc"
    elif "ND" in parts:
        why = "licence.nd"
    elif commercial is False or not free and commercial is None:
        why = "licence.not_commercial"
    passed_on = (free and "ND" not in parts) if redistribution is None else redistribution
    return Terms(licence, not why, passed_on, why)


def _read_steps(sample: Sample) -> list[Any]:
    return [step for step in sample.provenance.steps if step.name == "read" and step.parameters.get("licence")]
