"""A room's door that loads a file only when one of its names is asked for, so that importing the room costs nothing."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_door(room: str, files: Mapping[str, str]) -> Callable[[str], Any]:
    """Build the ``__getattr__`` of a room.

    Args:
        room: the room's module name.
        files: public name to the file of the room that holds it; no name may be that of a file.
    """

    def find(name: str) -> Any:
        if name not in files:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(f"{room}.{files[name]}"), name)

    return find
