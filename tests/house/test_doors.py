"""The house rules about doors: each room says what it offers, sorted, and all of it is there."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/gmai"
ROOMS = sorted(path.parent.name for path in SOURCE.glob("*/__init__.py") if path.parent.name != "cli")


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_lists_what_it_offers(room):
    door = import_module(f"gmai.{room}")
    assert door.__doc__, f"gmai.{room} has no docstring"
    offered = getattr(door, "__all__", None)
    assert offered, f"gmai.{room} has no __all__"
    missing = [name for name in offered if not hasattr(door, name)]
    assert not missing
    listed = ast.parse((SOURCE / room / "__init__.py").read_text())
    assert any(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__" for node in listed.body)
    assert len(set(offered)) == len(offered)
    assert list(offered) == sorted(offered), "keep __all__ sorted"


def test_outsiders_use_the_door():
    """A room's files are its own: other rooms import from ``gmai.room``, not from ``gmai.room.file``."""
    free = {"base", "types", "errors", "cli"}
    past = []
    for path in sorted(SOURCE.rglob("*.py")):
        home = path.relative_to(SOURCE).parts[0]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gmai."):
                parts = (node.module or "").split(".")
                if len(parts) > 2 and parts[1] != home and parts[1] not in free:
                    past.append(f"{path.relative_to(SOURCE)}: {node.module}")
    assert past == []
