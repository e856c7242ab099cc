"""The one decorator of all records: a frozen, slotted, keyword-only dataclass that refuses unknown keys on reading."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

_READING: dict[str, Any] = {"extra": "forbid"}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[T]) -> type[T]:
    """Make ``cls`` a record; reading one from YAML or JSON with a key it does not have is an error."""
    cls.__pydantic_config__ = _READING  # type: ignore[attr-defined]
    make: Callable[[type[T]], type[T]] = dataclass(frozen=True, slots=True, kw_only=True)
    return make(cls)
