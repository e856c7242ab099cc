"""How questions are worded and put to a model: one wording for training data, benchmarks and evaluation."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from gmai.errors import ConfigError

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ANY = "any"


def question_phrasings(kind: str, granularity: str) -> tuple[str, ...]:
    """The ways a question is put, with places ``{modality}`` and, for some kinds, ``{label}`` to fill.

    A kind that has no phrasings of its own is asked for by its name ("what is the {kind} …", already filled in).

    Raises:
        ConfigError: the kind is not asked at this granularity.
    """
    phrasings = _phrasings()
    known = phrasings.get(kind, phrasings[_ANY])
    if granularity not in known:
        what = f"no question of kind {kind!r} at {granularity!r} level"
        raise ConfigError(what, where="questions.yaml", fix=f"levels of this kind: {', '.join(known)}")
    return tuple(text.replace("{kind}", kind.replace("_", " ")) for text in known[granularity])


def question_kinds() -> tuple[str, ...]:
    """The kinds that have phrasings of their own."""
    return tuple(kind for kind in _phrasings() if kind != _ANY)


def format_multiple_choice(question: str, options: Sequence[str], instruction: str = "") -> str:
    """The question, a line ``A. …`` for each option, and the instruction line if there is one.

    Raises:
        ConfigError: more options than letters.
    """
    if len(options) > len(LETTERS):
        raise ConfigError(f"{len(options)} options, more than there are letters", where=question)
    lines = [f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False)]
    return "\n".join([question, *lines, *([instruction] if instruction else [])])


def format_open_question(question: str, instruction: str = "") -> str:
    """The question, and the instruction line if there is one."""
    return "\n".join([question, *([instruction] if instruction else [])])


@cache
def _phrasings() -> dict[str, dict[str, list[str]]]:
    text = (files("gmai.lexicon") / "questions.yaml").read_text(encoding="utf-8")
    phrasings: dict[str, Any] = yaml.safe_load(text)
    return phrasings
