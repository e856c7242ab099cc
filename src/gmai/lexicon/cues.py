"""The three cues of a question: of which modality the picture is, what is asked for, and what is looked at."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from gmai.lexicon.names import names_in
from gmai.lexicon.questions import question_phrasings
from gmai.lexicon.terms import Language

_PLACE: dict[Language, tuple[str, str]] = {"en": ("finding", "findings"), "zh": ("表现", "表现")}
"""The noun in the phrasings that gives way to that of another task: of one, of several."""
_SWAPPED = ("finding", "findings")


def task_phrasings(kind: str, granularity: str, task: str, language: Language = "en") -> tuple[str, ...]:
    """The ways a question is put, asking for what its clinical task is about: an organ, an instrument, a cell.

    Raises:
        ConfigError: as :func:`question_phrasings`.
    """
    phrasings = question_phrasings(kind, granularity, language)
    if kind not in _SWAPPED:
        return phrasings
    noun = _thing(kind, task, language)
    placed = _PLACE[language][_SWAPPED.index(kind)]
    return tuple(re.sub(re.escape(placed) + r"(?![a-z])", noun, text, count=1) for text in phrasings)


def asked_nouns(task: str, language: Language = "en") -> tuple[str, ...]:
    """What a question of a clinical task asks for, of one and of several."""
    return tuple(dict.fromkeys(_thing(kind, task, language) for kind in _SWAPPED))


def find_missing_cues(
    text: str, *, kind: str, task: str, granularity: str, modality: str, language: Language = "en"
) -> tuple[str, ...]:
    """Which of the cues ``modality``, ``task`` and ``granularity`` a question lacks.

    Where the modality is asked for it must not be named, and ``modality`` is reported if it is.

    Args:
        text: the question as it is put.
        kind: its kind.
        task: its clinical task, which says what a finding is called.
        granularity: ``image``, ``box``, ``mask`` or ``contour``.
        modality: the picture's modality, as the lexicon spells it, or a name of somebody's own.
        language: the question's language.
    """
    missing = []
    name = names_in("modality").get(modality, {}).get(language, modality)
    if _has(text, (name,), language) == (kind == "modality"):
        missing.append("modality")
    if not _has(text, _task_words(kind, task, language), language):
        missing.append("task")
    levels = _asked()["levels"]
    others = [word for level in levels if level not in ("image", granularity) for word in levels[level][language]]
    if not _has(text, levels[granularity][language], language) or _has(text, others, language):
        missing.append("granularity")
    return tuple(missing)


def _task_words(kind: str, task: str, language: Language) -> tuple[str, ...]:
    if kind in _SWAPPED:
        return (_thing(kind, task, language),)
    known = _asked()["kinds"].get(kind)
    if known is not None:
        return tuple(known[language])
    return (names_in("kind").get(kind, {}).get(language, kind.replace("_", " ")),)


def _thing(kind: str, task: str, language: Language) -> str:
    tasks = _asked()["tasks"]
    said = tasks.get(task, tasks["Disease Diagnosis"])[language]
    return str(said if isinstance(said, str) else said[_SWAPPED.index(kind)])


def _has(text: str, words: tuple[str, ...] | list[str], language: Language) -> bool:
    if language == "zh":
        return any(word in text for word in words)
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in words)


@cache
def _asked() -> Mapping[str, Any]:
    known: dict[str, Any] = yaml.safe_load((files("gmai.lexicon") / "asked.yaml").read_text(encoding="utf-8"))
    return known
