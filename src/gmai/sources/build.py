"""Samples from what was read: ids without labels, subjects by the card's rule, provenance, and units to count."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from gmai.annotations import AnnotatedItem
from gmai.base import hash_bytes
from gmai.corpus import StoredSample
from gmai.errors import FormatError
from gmai.images import keyed_hash
from gmai.sources.modality import find_modality
from gmai.sources.traits import read_facets
from gmai.sources.visit import read_visit
from gmai.types import Annotation, ImageRef, Provenance, Sample, SourceCard, Step, SubjectRule

ID_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Made:
    """One sample with its encoded picture, and what it counts for."""

    stored: StoredSample
    units: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One picture ready for a store, and what is said about it."""

    image: ImageRef | None
    data: bytes | None
    annotations: Sequence[Annotation]
    steps: tuple[Step, ...] = ()
    suffix: str = ""
    """Tells the slices of one volume apart in the sample's id."""
    units: dict[str, int] = field(default_factory=dict)


def build_sample(item: AnnotatedItem, card: SourceCard, shown: Shown) -> Made:
    """Build the sample of one picture (or text) of an item.

    Raises:
        FormatError: ``subject.no_match``: the card's rule finds no subject in the path.
    """
    name = hash_bytes(item.id.encode())[:ID_DIGITS]
    unmapped = _unmapped(item, card)
    subject = _subject(item, card, name)
    told = item.visit or _by_rule(card.visit, item) or ""
    visit = read_visit(told, subject)
    facets, unread = read_facets(item)
    sample = Sample(
        id=f"{card.name}/{name}{shown.suffix}",
        source=card.name,
        subject=subject,
        modality=modality_of(item, card),
        department=item.department or card.department,
        provenance=Provenance(
            source=card.name,
            licence=card.licence,
            original_id=original_id(item),
            steps=(Step(name="read", parameters=_told(item, card)), *unmapped, *shown.steps),
        ),
        images=() if shown.image is None else (shown.image,),
        annotations=tuple(shown.annotations),
        study=item.study,
        series=item.series,
        visit=visit,
        facets=facets,
        split=item.split or _by_rule(card.split, item),
        language=item.language or card.language,
        tasks={**card.tasks, "modality": "none"} if unmapped else card.tasks,
        classes=_sure_classes(item, card),
    )
    pictures = () if shown.data is None else (shown.data,)
    counts = {"sample": 1, "picture": len(pictures), "modality.unmapped": len(unmapped), **shown.units}
    counts |= {"visit.unread": int(bool(told) and visit is None), "facet.unread": unread}
    counts |= {f"facet.{name}": 1 for name in facets}
    return Made(StoredSample(sample=sample, pictures=pictures), {unit: n for unit, n in counts.items() if n})


def _told(item: AnnotatedItem, card: SourceCard) -> dict[str, str]:
    own = {"licence": item.licence} if item.licence else {}
    return {"format": card.format, **own}


def original_id(item: AnnotatedItem) -> str:
    """What the source calls an item, as outputs may show it: of a series its first file, never its identifier."""
    hidden = item.kind == "series" or (item.shown and item.shown != item.files)
    return (item.shown or item.files)[0] if hidden else item.id


def modality_of(item: AnnotatedItem, card: SourceCard) -> str:
    """The modality of an item, as its source says it; the card's where that is not understood, which is told."""
    return find_modality(item.modality, card) or card.modality


def _unmapped(item: AnnotatedItem, card: SourceCard) -> tuple[Step, ...]:
    """What is told where the source names a modality that neither card nor lexicon knows: nothing is asked about it."""
    if find_modality(item.modality, card) is not None:
        return ()
    return (Step(name="modality", parameters={"said": item.modality, "taken": card.modality}),)


def without_paths(detail: str, item: AnnotatedItem, root: Path) -> str:
    """A message without the root's place on this machine, nor a path that spells an identifier."""
    for path, shown in zip(item.files, item.shown or item.files, strict=True):
        detail = detail.replace(f"{root / path}", shown)
    for file in item.regions:
        detail = detail.replace(f"{root / file.path}", file.name)
    return detail.replace(f"{root}/", "")


def card_classes(card: SourceCard) -> dict[str, tuple[str, ...]]:
    """For each question kind, the names the card lists, in the card's order (that of grades has a meaning)."""
    classes: dict[str, tuple[str, ...]] = {}
    for label in card.labels.values():
        names = classes.get(label.task, ())
        classes[label.task] = names if label.name in names else (*names, label.name)
    return classes


def _sure_classes(item: AnnotatedItem, card: SourceCard) -> dict[str, tuple[str, ...]]:
    """The card's names without those of which the item's source says neither yes nor no."""
    classes = card_classes(card)
    if not item.unsure:
        return classes
    return {kind: tuple(name for name in names if name not in item.unsure) for kind, names in classes.items()}


def _subject(item: AnnotatedItem, card: SourceCard, name: str) -> str:
    if card.subject.pattern is None:
        return item.subject or name
    found = _by_rule(card.subject, item)
    if found is None:
        what = f"the pattern {card.subject.pattern!r} finds no subject in {original_id(item)!r}"
        raise FormatError(what, fix="mend subject.pattern of the card", reason="subject.no_match")
    return keyed_hash("patient", found) if item.shown and item.shown != item.files else found


def _by_rule(rule: SubjectRule, item: AnnotatedItem) -> str | None:
    if rule.pattern is None:
        return None
    found = _compiled(rule.pattern).search(item.files[0])
    return (found.group(1) if found.re.groups else found.group()) if found else None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
