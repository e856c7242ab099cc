"""Every name in every registry imports."""

import ast
from importlib import import_module
from pathlib import Path

from gmai.base import Registry

SOURCE = Path(__file__).parents[2] / "src/gmai"


def registries() -> list[tuple[str, Registry]]:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if "Registry(" in path.read_text() and path.parent.name != "base":
            parts = path.relative_to(SOURCE.parent).with_suffix("").parts
            module = import_module(".".join(parts).removesuffix(".__init__"))
            found += [(name, value) for name, value in vars(module).items() if isinstance(value, Registry)]
    return found


def test_every_registry_target_imports():
    found = registries()
    assert {"FORMATS", "VOLUMES", "KINDS", "EXPORTS", "IMPORTS", "ANSWERS", "RUNNERS", "SCORERS"} <= {
        n for n, _ in found
    }
    for _, registry in found:
        for name in registry.names():
            assert registry.get(name) is not None


def test_noun_table_and_summaries_agree():
    from gmai.cli import NOUNS, SUMMARIES

    assert list(NOUNS) == list(SUMMARIES)
    for target in NOUNS.values():
        module, _, attribute = target.partition(":")
        assert hasattr(import_module(module), attribute)


def test_no_module_prints_outside_the_command_line():
    prints = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] != "cli"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert prints == []
