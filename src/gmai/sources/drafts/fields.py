"""Fields of a draft that are made of what was found: labels, windows, columns of subjects."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gmai.lexicon import check_labels
from gmai.sources.drafts.guess import Words, match_label
from gmai.sources.drafts.subjects import find_column
from gmai.sources.drafts.survey import Survey
from gmai.types import LabelName, WindowPolicy

_ANATOMY = (
    ("ct-lung", ("lung", "chest", "thorax", "covid", "nodule", "pulmonary")),
    ("ct-liver", ("liver", "hepatic")),
    ("ct-brain", ("brain", "head", "stroke", "hemorrhage", "intracranial")),
    ("ct-bone", ("bone", "rib", "fracture", "vertebra", "spine")),
    ("ct-abdomen", ("abdomen", "kidney", "pancreas", "spleen", "colon", "organ", "multi-organ")),
)
_HEADERS = frozenset({"Angiography", "CT", "CTA", "Fluoroscopy", "Mammography", "SPECT", "UltraSound", "X-ray"})


def label_notes(
    labels: Mapping[tuple[str, str], int], modality: str | None
) -> tuple[list[tuple[str, LabelName, str]], list[str]]:
    """Each raw label, what it is called, and a note; and what is unsure of them.

    Exact terms and synonyms are called as the lexicon does; near misses and unknown labels keep their own name.
    """
    found: list[tuple[str, LabelName, str]] = []
    kinds: dict[str, str] = {}
    for raw, kind in labels:
        kinds.setdefault(raw, kind)
    advice = {each.label: each for each in check_labels(kinds, modality)}
    near: list[str] = []
    unknown: list[str] = []
    prefix = _common_words(list(kinds))
    for raw, kind in kinds.items():
        match = match_label(raw, modality or "")
        if match.term is None and prefix:
            match = match_label(raw[len(prefix) :], modality or "")
        if match.term is None:
            match = replace(match, candidates=()) if raw.strip("-").isdecimal() else match
            candidates = " or ".join(candidate.term.name for candidate in match.candidates)
            (near if candidates else unknown).append(raw)
            note = f"unsure: {match.how}: {candidates}" if candidates else "unsure: not in the lexicon"
        else:
            same = advice[raw].same_as
            note = f"the same as {', '.join(same)}" if same else ""
        found.append((raw, LabelName(name=match.called() if match.term else raw, task=kind), note))
    numbers = [raw for raw in unknown if raw.strip("-").isdecimal()]
    unsure = [f"{', '.join(numbers)} are numbers: write what each means"] if numbers else []
    if near:
        unsure.append(f"{', '.join(near)}: the lexicon has only names that are alike")
    others = [raw for raw in unknown if raw not in numbers]
    if others:
        unsure.append(f"{', '.join(others)}: not in the lexicon; give a Chinese name")
    return found, unsure


def _common_words(raws: Sequence[str]) -> str:
    """Words that three or more labels all begin with, such as the name of the set."""
    if len(raws) < 3:
        return ""
    common = os.path.commonprefix(list(raws))
    return common[: max(common.rfind(mark) for mark in " _-:") + 1]


def volume_policies(modality: str, survey: Survey, texts: Iterable[Words]) -> Iterator[WindowPolicy]:
    """Windows that suit a modality, likeliest first; the last is one that always can be had."""
    is_dicom = bool(survey.of_kind("dicom"))
    if modality == "PET" and is_dicom:
        yield WindowPolicy(mode="suv")
    elif modality in _HEADERS and is_dicom:
        yield WindowPolicy(mode="header")
    elif modality in {"CT", "CTA"} and survey.hounsfield:
        yield WindowPolicy(mode="preset", preset=_preset(modality, " ".join(words.text for words in texts)))
    yield WindowPolicy(mode="percentile")


def table_subject(survey: Survey, path: str) -> str:
    """The column of a file of entries that says whose an entry is; empty where none is called so."""
    return find_column(survey.tables.get(path, ()))


def _preset(modality: str, text: str) -> str:
    if modality == "CTA":
        return "ct-angio"
    words = text.lower()
    counts = {preset: sum(words.count(word) for word in anatomy) for preset, anatomy in _ANATOMY}
    best = max(counts, key=lambda preset: counts[preset])
    return best if counts[best] else "ct-soft-tissue"
