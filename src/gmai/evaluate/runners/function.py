"""A Python function as a model: it is given the pictures' bytes and the prompt, and returns its reply."""

import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, cast

from gmai.base import digest, hash_bytes, hash_file
from gmai.bench import PublicQuestion
from gmai.errors import ConfigError
from gmai.evaluate.config import RunConfig
from gmai.evaluate.prompting import Prompt, find_prompt
from gmai.types import Prediction

Reply = Callable[[list[bytes], str], str]
"""Bytes of the pictures' files and the prompt, to the reply in words."""


@dataclass(frozen=True)
class Function:
    """Calls the function, question by question."""

    reply: Reply
    prompt: Prompt
    name: str
    blind: bool = False

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        """Answer a batch, in order."""
        return [
            Prediction(index=question.index, mode="generate", choice=None, text=self._ask(question))
            for question in questions
        ]

    def _ask(self, question: PublicQuestion) -> str:
        text = self.reply([] if self.blind else question.pictures(), self.prompt.word(question))
        if not isinstance(text, str):
            raise ConfigError(
                f"{self.name} returned {type(text).__name__}, not a text", where=f"index {question.index}"
            )
        return text


def open_function(config: RunConfig) -> Function:
    """Import the function; a class is made once, without arguments, and called.

    Raises:
        ConfigError: no function is given, or none is there.
    """
    if not config.function:
        fix = "give --model python:package.module:name or python:FILE.py:name"
        raise ConfigError(f"runner {config.runner!r} calls a function", where="function", fix=fix)
    found = find_function(config.function)
    reply = found() if inspect.isclass(found) else found
    return Function(cast(Reply, reply), find_prompt(config.prompt, config.runner), config.function, config.blind)


def find_function(name: str) -> Any:
    """The function or class of ``package.module:name`` or ``FILE.py:name``.

    Raises:
        ConfigError: there is none, or nothing that can be called.
    """
    module, _, attribute = name.rpartition(":")
    if not module:
        raise ConfigError(f"{name!r} names no function", where="function", fix="write package.module:name")
    try:
        found = getattr(_import(module), attribute)
    except ModuleNotFoundError as error:
        raise ConfigError(f"no module {error.name!r}", where=name, fix="is its folder in PYTHONPATH?") from None
    except AttributeError:
        raise ConfigError(f"{module} has no {attribute!r}", where="function") from None
    if not callable(found):
        raise ConfigError(f"{name} cannot be called", where="function")
    return found


def function_key(name: str) -> str:
    """Hash of the function's name and of the file that it stands in: what it imports is not seen."""
    found = find_function(name)
    try:
        path = inspect.getsourcefile(found if inspect.isclass(found) or inspect.isfunction(found) else type(found))
    except TypeError:
        path = None
    if path is None or not Path(path).is_file():
        return digest([name])
    return digest([name.rpartition(":")[2], hash_file(Path(path))])


def _import(module: str) -> Any:
    if not module.endswith(".py"):
        return import_module(module)
    path = Path(module).resolve()
    if not path.is_file():
        raise ConfigError("no such file", where=module)
    known = f"_gmai_function_{hash_bytes(str(path).encode())[:16]}"
    if known not in sys.modules:
        spec = spec_from_file_location(known, path)
        if spec is None or spec.loader is None:
            raise ConfigError("cannot be imported", where=module)
        made = module_from_spec(spec)
        spec.loader.exec_module(made)
        sys.modules[known] = made
    return sys.modules[known]
