"""Prompts: how a question is worded to a model. A prompt is a YAML file; its content is part of a run's identity."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from gmai.base import digest, from_dict, read_yaml, to_dict
from gmai.bench import LETTERS, PublicQuestion
from gmai.errors import ConfigError
from gmai.types import record

_SHIPPED = Path(str(files("gmai.evaluate") / "prompts"))
_PLACE = re.compile(r"\{(hint|question|options)\}")
DEFAULT = "plain"
DEFAULTS: Mapping[str, str] = {
    "function": "letter",
    "letters": "letter",
    "openai": "letter",
    "openai-letters": "letter",
}
"""Runner to its prompt where none is given; the others have :data:`DEFAULT`."""


@record
class Prompt:
    """One wording; texts have the places ``{question}``, ``{options}`` (a line each) and ``{hint}``."""

    name: str
    language: Literal["en", "zh"] = "en"
    about: str = ""
    """What it is for; not part of its identity."""
    system: str = ""
    """The system turn; empty for none."""
    option: str = "{letter}. {option}"
    """How an option's line is written."""
    hint: str = ""
    """How a hint is written, where the file has one: ``{hint}``; empty leaves hints out."""
    choice: str
    """One option is right."""
    multiple: str
    """Several options may be right."""
    yes_no: str
    """Yes or no, and the question has no options."""
    open: str
    """Answered in words of one's own."""

    @property
    def key(self) -> str:
        """Hash of everything a model is shown of it."""
        return digest({name: value for name, value in to_dict(self).items() if name != "about"})

    def word(self, question: PublicQuestion) -> str:
        """The question as it is put; what stands in a place is never read as a place itself."""
        lines = (
            self.option.replace("{letter}", letter, 1).replace("{option}", option, 1)
            for letter, option in zip(LETTERS, question.options, strict=False)
        )
        hint = next((text for name, text in question.extra.items() if name.lower() == "hint"), "")
        texts = {
            "question": question.question,
            "options": "\n".join(lines),
            "hint": self.hint.replace("{hint}", hint) if hint else "",
        }
        return _PLACE.sub(lambda place: texts[place[1]], self._template(question.form, bool(question.options)))

    def _template(self, form: str, options: bool) -> str:
        """Yes-no questions that come with options are asked as a choice between them."""
        if form == "multiple":
            return self.multiple
        if options:
            return self.choice
        return self.yes_no if form == "yes_no" else self.open


def prompt_names() -> list[str]:
    """Names of the shipped prompts, sorted."""
    return sorted(path.stem for path in _SHIPPED.glob("*.yaml"))


def find_prompt(name: str, runner: str) -> Prompt:
    """The prompt of a run.

    Args:
        name: a shipped prompt, a YAML file, or empty for the runner's own.
        runner: name of the runner.

    Raises:
        ConfigError: no such prompt, or a text that lacks its question or options.
    """
    return _read(name or DEFAULTS.get(runner, DEFAULT))


@cache
def _read(name: str) -> Prompt:
    shipped = _SHIPPED / f"{name}.yaml"
    path = shipped if "/" not in name and shipped.is_file() else Path(name)
    if not path.is_file():
        known = ", ".join(prompt_names())
        raise ConfigError(f"no prompt {name!r}", where="prompt", fix=f"give a YAML file, or one of {known}")
    prompt = from_dict(Prompt, read_yaml(path), where=str(path), error=ConfigError)
    for field in ("choice", "multiple", "yes_no", "open"):
        needed = ["{question}", *(["{options}"] if field in ("choice", "multiple") else [])]
        for place in needed:
            if getattr(prompt, field).count(place) != 1:
                raise ConfigError(f"{field} must have {place} once", where=str(path))
    return prompt
