"""Names to objects that are imported only when asked for: how every extensible room is extended."""

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar, cast

from gmai.errors import ConfigError, MissingExtra

T = TypeVar("T")


@cache
def _points(room: str) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=f"gmai.{room}"))


class Registry(Generic[T]):
    """A literal dict of ``name → "package.module:object"``, plus the entry points of group ``gmai.<room>``.

    Args:
        room: the room's name, used for the entry-point group and in errors.
        table: the built-in names.
        extra: the optional-dependency group that the objects need, if any.
    """

    def __init__(self, room: str, table: Mapping[str, str], *, extra: str = "") -> None:
        self.room = room
        self.table = dict(table)
        self.extra = extra

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def names(self) -> list[str]:
        """All names, built in and of other packages, sorted."""
        return sorted({*self.table, *(point.name for point in _points(self.room))})

    def get(self, name: str) -> T:
        """Import and return the object called ``name``; ``package.module:object`` is taken as it is.

        Raises:
            ConfigError: no such name; near misses and the whole list are given.
            MissingExtra: a package it needs is not installed; the install line is given.
        """
        target = self.table.get(name) or (name if ":" in name else None)
        try:
            if target:
                module, _, attribute = target.partition(":")
                return cast(T, getattr(import_module(module), attribute))
            for point in _points(self.room):
                if point.name == name:
                    return cast(T, point.load())
        except ModuleNotFoundError as error:
            install = f"pip install 'gmai[{self.extra}]'" if self.extra else f"pip install {error.name}"
            raise MissingExtra(f"{self.room} {name!r} needs {error.name}", fix=install) from None
        except AttributeError:
            raise ConfigError(
                f"{target!r} names nothing", where=self.room, fix="check the part after the colon"
            ) from None
        near = difflib.get_close_matches(name, self.names(), n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ConfigError(f"unknown {self.room} {name!r}", fix=f"{hint}known: {', '.join(self.names())}")
