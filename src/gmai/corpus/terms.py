"""What may be done with a sample: its licence and its source's card, read with caution."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gmai.base import read_yaml
from gmai.types import Sample

_FREE = re.compile(r"(?:CC0|CC-BY|MIT|APACHE|BSD|ISC|PDDL|ODC-BY|ODBL|GPL|LGPL|AGPL|CDLA|MPL|PUBLIC-DOMAIN)(?![A-Z])")
"""How the SPDX identifiers begin of licences that let everybody pass data on and use them for anything."""
_PAGE = re.compile(r"https?://(?:www\.)?creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/", re.IGNORECASE)
_SEVERAL = re.compile(r"-(?:AND|OR|WITH)-|[,;/+&|]")
"""Between several licences; what they allow together is what each of them allows."""


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
        """Terms of one sample: those of its own picture's licence where the source gives one, else of its source.

        What a card allows beyond a licence it allows for that of the source alone; what it forbids it forbids for all.
        """
        own = next((str(step.parameters["licence"]) for step in _read_steps(sample)), None)
        card = self._cards.get(sample.source, {})
        if own is None:
            return find_terms(sample.provenance.licence, card.get("commercial"), card.get("redistribution"))
        return find_terms(own, False if card.get("commercial") is False else None)

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
    name = _spell(licence)
    parts = set(re.findall(r"[A-Z]+", name))
    free = all(_FREE.match(each) for each in _SEVERAL.split(name))
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


def _spell(licence: str) -> str:
    """A licence in the spelling of SPDX, also where it is told by its page at Creative Commons."""
    if found := _PAGE.match(licence.strip()):
        return {"zero": "CC0", "mark": "PUBLIC-DOMAIN"}.get(found[1], f"CC-{found[1].upper()}")
    return re.sub(r"[\s_]+", "-", licence.strip().upper()).replace("CC-0", "CC0")


def _read_steps(sample: Sample) -> list[Any]:
    return [step for step in sample.provenance.steps if step.name == "read" and step.parameters.get("licence")]
