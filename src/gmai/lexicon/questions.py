"""How questions are worded and put to a model: one wording for training data, benchmarks and evaluation."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from gmai.errors import ConfigError
from gmai.lexicon.names import names_in
from gmai.lexicon.terms import Language

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ANY = "any"
_FILES: dict[Language, str] = {"en": "questions.yaml", "zh": "questions.zh.yaml"}
_OPTION: dict[Language, str] = {"en": "{letter}. {option}", "zh": "{letter}．{option}"}
_INSTRUCTION: dict[Language, str] = {
    "en": "Answer with the letter of the right option.",
    "zh": "请用正确选项的字母作答。",
}


def question_phrasings(kind: str, granularity: str, language: Language = "en") -> tuple[str, ...]:
    """The ways a question is put, with places ``{modality}`` and, for some kinds, ``{label}`` to fill.

    A kind that has no phrasings of its own is asked for by its name ("what is the {kind} …", already filled in). The
    phrasings of both languages are in one order: the third in Chinese says what the third in English says.

    Raises:
        ConfigError: the kind is not asked at this granularity, or there are no phrasings in this language.
    """
    phrasings = _phrasings(language)
    known = phrasings.get(kind, phrasings[_ANY])
    if granularity not in known:
        what = f"no question of kind {kind!r} at {granularity!r} level"
        raise ConfigError(what, where=_FILES[language], fix=f"levels of this kind: {', '.join(known)}")
    if kind in phrasings:
        return tuple(known[granularity])
    return tuple(text.replace("{kind}", _kind_name(kind, language)) for text in known[granularity])


def question_kinds() -> tuple[str, ...]:
    """The kinds that have phrasings of their own."""
    return tuple(kind for kind in _phrasings("en") if kind != _ANY)


def choice_instruction(language: Language = "en") -> str:
    """The line that asks for a letter, for models that are not told so otherwise."""
    return _INSTRUCTION[language]


def format_multiple_choice(
    question: str, options: Sequence[str], instruction: str = "", language: Language = "en"
) -> str:
    """The question, a line ``A. …`` (in Chinese ``A．…``) for each option, and the instruction line if there is one.

    Raises:
        ConfigError: more options than letters.
    """
    if len(options) > len(LETTERS):
        raise ConfigError(f"{len(options)} options, more than there are letters", where=question)
    line = _OPTION[language]
    lines = [line.format(letter=letter, option=option) for letter, option in zip(LETTERS, options, strict=False)]
    return "\n".join([question, *lines, *([instruction] if instruction else [])])


def format_open_question(question: str, instruction: str = "") -> str:
    """The question, and the instruction line if there is one."""
    return "\n".join([question, *([instruction] if instruction else [])])


def _kind_name(kind: str, language: Language) -> str:
    plain = kind.replace("_", " ")
    return names_in("kind").get(kind, {}).get(language, plain)


@cache
def _phrasings(language: Language) -> dict[str, dict[str, list[str]]]:
    if language not in _FILES:
        raise ConfigError(f"no questions in language {language!r}", fix=f"languages: {', '.join(_FILES)}")
    text = (files("gmai.lexicon") / _FILES[language]).read_text(encoding="utf-8")
    phrasings: dict[str, Any] = yaml.safe_load(text)
    return phrasings
