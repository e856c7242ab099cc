"""YAML plus ``--set a.b=c`` becomes one checked record; also the only place that reads the environment."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from gmai.base.codec import from_dict, merge
from gmai.errors import ConfigError

T = TypeVar("T")


def load_config(
    cls: type[T], path: Path | None = None, overrides: Sequence[str] = (), values: Mapping[str, Any] | None = None
) -> T:
    """Read a config record.

    Args:
        cls: the record.
        path: YAML file, or None for the defaults alone.
        overrides: ``a.b=c`` strings; the right side is YAML. They win over ``values``, which win over the file.
        values: settings from flags; those that are None are left out.

    Raises:
        ConfigError: file unreadable, unknown key, wrong type; every problem is named.
    """
    data = read_yaml(path) if path else {}
    given = {key: value for key, value in (values or {}).items() if value is not None}
    for text in overrides:
        given = merge(given, _parse_override(text))
    return from_dict(cls, merge(data, given), where=str(path or "--set"), error=ConfigError)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        ConfigError: missing file, invalid YAML, or no mapping.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError("cannot read the file", where=str(path), fix=str(error.strerror)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError("not valid YAML", where=str(path), fix=str(error).replace("\n", " ")) from None
    if not isinstance(data, dict):
        raise ConfigError("expected a mapping of keys to values", where=str(path))
    return data


def _parse_override(text: str) -> dict[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise ConfigError(f"cannot read {text!r}", where="--set", fix="write --set section.key=value")
    try:
        result: Any = yaml.safe_load(value)
    except yaml.YAMLError:
        raise ConfigError(f"the value of {text!r} is not valid YAML", where="--set", fix="put it in quotes") from None
    for part in reversed(key.split(".")):
        result = {part: result}
    settings: dict[str, Any] = result
    return settings


def environment(name: str, default: str = "") -> str:
    """Read an environment variable; no other module does."""
    return os.environ.get(name, default)


@dataclass(frozen=True)
class Worker:
    """One of the processes that do one command together, as ``torchrun`` numbers them."""

    number: int = 0
    """From 0; number 0 opens the output folder and says what came of it."""
    local: int = 0
    """Its number on its machine."""
    count: int = 1

    @property
    def is_first(self) -> bool:
        """True for the process that speaks for all."""
        return self.number == 0


def this_worker() -> Worker:
    """Which of several processes this one is, by ``RANK``, ``LOCAL_RANK`` and ``WORLD_SIZE``; alone without them.

    Raises:
        ConfigError: numbers that do not fit each other.
    """
    texts = [environment(name, default) for name, default in (("RANK", "0"), ("LOCAL_RANK", "0"), ("WORLD_SIZE", "1"))]
    try:
        number, local, count = map(int, texts)
    except ValueError:
        number, local, count = -1, 0, 0
    if not (0 <= number < count and 0 <= local):
        what = f"RANK={texts[0]} LOCAL_RANK={texts[1]} WORLD_SIZE={texts[2]} number no process"
        raise ConfigError(what, where="environment", fix="start with torchrun, or unset them")
    return Worker(number, local, count)


def whole_environment() -> dict[str, str]:
    """All environment variables as they are now, for a process that starts elsewhere."""
    return dict(os.environ)


def take_environment(values: Mapping[str, str]) -> None:
    """Make the environment what another process had: its keys and settings, and no others."""
    for name in set(os.environ) - set(values):
        del os.environ[name]
    os.environ.update(values)
