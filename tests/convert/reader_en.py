"""English, for the reader."""

import re

from reader import Words

from gmai.lexicon import find_terms, names_in, read_terms
from gmai.types import LabelName

AXES = "upper|lower|left|right|anterior|posterior|superior|inferior"


def english(known: set[str], card: dict[str, LabelName], modality: str) -> Words:
    labels: dict[str, str] = {}
    for label in known:
        term = find_terms(label, modality=modality).term
        plurals = [card[label].plural if label in card else None, term.plural if term and term.name == label else None]
        for name in (label, *plurals):
            if name:
                labels.setdefault(name.lower(), label)
    for term in read_terms().values():
        if term.kind == "finding" and len(term.name) > 4:
            labels.setdefault(term.name.lower(), term.name)
    return Words(
        labels=labels,
        modalities={name.lower(): name for name in names_in("modality")},
        sides=re.compile(rf"\b(?:{AXES})[- ](?:{AXES})\b", re.IGNORECASE),
        quadrants={},
        left_over=re.compile(rf"\b(?:{AXES})\b", re.IGNORECASE),
        absent=re.compile(r"\b(?:no|not|absent|without|nor|free of)\b", re.IGNORECASE),
        yes=re.compile(r"\s*yes\b", re.IGNORECASE),
        no=re.compile(r"\s*no\b", re.IGNORECASE),
        sentence=re.compile(r"(?<=[.?!])\s+"),
        size=re.compile(
            r"under[- ](?P<under>\d+)[- ]mm|over[- ](?P<over>\d+)[- ]mm"
            r"|(?P<low>\d+)[- ]to[- ](?P<high>\d+)[- ]mm|(?P<exact>\d+(?:\.\d+)?) mm"
        ),
        chinese=False,
        bounds=(r"(?<!\w)", r"(?!\w)"),
    )
