"""Paths that name somebody leave only as keyed hashes: in ids, provenance, annotations and rejects alike.

What a path spells is known where a header says so (DICOM), and guessed from signs otherwise: a caret between words, a
full date beside a word that is no anatomical or technical term, a word such as ``MRN`` or ``DOB`` before digits, an
e-mail address. ``Smith_John`` alone cannot be told from ``Left_Knee``: where folders are named after people, the card
says ``privacy: {hide_paths: true}``.
"""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from gmai.annotations import AnnotatedItem
from gmai.images import is_plain_word, keyed_hash
from gmai.sources.build import Made
from gmai.types import Reject, Sample, SourceCard, Step

HIDDEN = "hidden/"
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-_. ]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])([-_. ])(?:0?[1-9]|1[0-2])\2(?:19|20)\d\d)(?!\d)"
)
_NUMBERED = re.compile(
    r"(?:mrn|dob|ssn|born|geb|nhs|pat(?:ient)?[ _-]?id|acc(?:ession)?[ _-]?(?:no|nr|num(?:ber)?))[ _#:=.-]*\d{3,}",
    re.IGNORECASE,
)
_CARET = re.compile(r"[^\W\d_]{2,}\^[^\W\d_]{2,}")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_POINTER = re.compile(r"(#.*|:\d+(?:\D.*)?)$", re.DOTALL)
_PATHS = re.compile(r"[^\s'\"·,;()]*[/\\][^\s'\"·,;()]*|[^\s'\"·,;()/]+\.[A-Za-z][A-Za-z0-9]{1,5}\b")
_ID = re.compile(r"^(.*/)([0-9a-f]{16})(.*)$")


@lru_cache(maxsize=4096)
def spells_identifier(path: str) -> bool:
    """True if a folder or name of a path shows signs of a person."""
    return any(_names_somebody(part) for part in path.replace("\\", "/").split("/"))


def _names_somebody(part: str) -> bool:
    if _CARET.search(part) or _NUMBERED.search(part) or _MAIL.search(part):
        return True
    if not _DATE.search(part):
        return False
    stem = part.rpartition(".")[0] or part
    return any(not is_plain_word(word) for word in _LETTERS.findall(stem))


def is_private(item: AnnotatedItem, card: SourceCard) -> bool:
    """True if the paths of an item must not be shown."""
    paths = (item.id, *(item.shown or item.files), *(file.name for file in item.regions))
    return _all(card) or card.privacy.hide_paths == "auto" and any(spells_identifier(path) for path in paths)


def _all(card: SourceCard) -> bool:
    return card.privacy.hide_paths is True


def shown_path(path: str, card: SourceCard) -> str:
    """A path as outputs may show it."""
    return path if card.privacy.hide_paths is False else str(_path(path, _all(card)))


def hide(result: Made | Reject, card: SourceCard, item: AnnotatedItem | None = None) -> Made | Reject:
    """A result whose paths are hashed where they must be.

    Args:
        result: of a reader or of the work at an item.
        card: says whether all paths are hidden.
        item: what the result was made of; None of a reader's own rejects.
    """
    if card.privacy.hide_paths is False:
        return result
    everything = _all(card) or (item is not None and is_private(item, card))
    if isinstance(result, Reject):
        return replace(result, id=_path(result.id, everything), detail=_text(result.detail, everything))
    if not everything:
        return result
    sample = result.stored.sample
    return replace(result, stored=replace(result.stored, sample=_hide_sample(sample)))


def _hide_sample(sample: Sample) -> Sample:
    found = _ID.match(sample.id)
    new_id = f"{found[1]}{keyed_hash('item', found[2])}{found[3]}" if found else sample.id
    provenance = replace(
        sample.provenance,
        original_id=_path(sample.provenance.original_id, True),
        steps=tuple(_hide_step(step) for step in sample.provenance.steps),
    )
    return replace(
        sample,
        id=new_id,
        subject=keyed_hash("patient", sample.subject),
        study=sample.study and keyed_hash("study", sample.study),
        series=sample.series and keyed_hash("series", sample.series),
        provenance=provenance,
        images=tuple(replace(image, uri=_path(image.uri, True)) for image in sample.images),
        annotations=tuple(_hide_annotation(each) for each in sample.annotations),
    )


def _hide_annotation(annotation: Any) -> Any:
    names = ("record", "uri")
    return replace(annotation, **{n: _path(getattr(annotation, n), True) for n in names if hasattr(annotation, n)})


def _hide_step(step: Step) -> Step:
    return replace(step, parameters=_hide_values(step.parameters)) if step.parameters else step


def _hide_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hide_values(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_hide_values(each) for each in value)
    return _text(value, True) if isinstance(value, str) else value


def _path(text: str | None, everything: bool) -> Any:
    """A path with its pointer (``#value=3`` or ``:12``) kept, and itself hashed."""
    if not text or text.startswith(HIDDEN) or not (everything or spells_identifier(text)):
        return text
    pointer = _POINTER.search(text)
    kept = pointer.group() if pointer and not spells_identifier(pointer.group()) else ""
    return f"{HIDDEN}{keyed_hash('path', text[: len(text) - len(kept)])}{kept}"


def _text(text: str, everything: bool) -> str:
    return _PATHS.sub(lambda found: _path(found.group(), everything), text)
