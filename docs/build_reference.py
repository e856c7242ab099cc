"""Write docs/reference/ from the code: every command with its flags, every config with its fields, every registry."""

import ast
import inspect
import sys
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from gmai.base import Registry
from gmai.cli import NOUNS, main
from gmai.lexicon import NONE, read_lexicon

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs/reference"
SOURCE = ROOT / "src/gmai"


def build() -> dict[str, str]:
    """Name of each page to its text."""
    return {"commands.md": commands(), "configs.md": configs(), "registries.md": registries(), "terms.md": terms()}


def commands() -> str:
    """Every command with its arguments and flags, as ``--help`` gives them."""
    context = click.Context(main, info_name="gmai", terminal_width=100)
    text = ["# Commands\n", "Written by `make docs` from the commands themselves.\n"]
    for noun in NOUNS:
        command = main.get_command(context, noun)
        assert command is not None
        text += _command(command, click.Context(command, info_name=noun, parent=context, terminal_width=100))
    return "\n".join(text)


def _command(command: click.Command, context: click.Context) -> list[str]:
    text = [f"## `{context.command_path}`\n", "```", command.get_help(context), "```\n"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            verb = command.get_command(context, name)
            assert verb is not None
            text += _command(verb, click.Context(verb, info_name=name, parent=context, terminal_width=100))
    return text


def modules() -> list[str]:
    """Every module of the package, by name."""
    paths = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__main__.py")
    names = [".".join(("gmai", *path.relative_to(SOURCE).with_suffix("").parts)) for path in paths]
    return [name.removesuffix(".__init__") for name in names]


def configs() -> str:
    """Every config record: fields, defaults and what they mean."""
    text = [
        "# Configs\n",
        "Written by `make docs` from the records. Set any field with `--set name=value` or in YAML.\n",
    ]
    for name in modules():
        module = import_module(name)
        for cls in vars(module).values():
            if (
                inspect.isclass(cls)
                and is_dataclass(cls)
                and cls.__name__.endswith("Config")
                and cls.__module__ == name
            ):
                text += _config(cls, name)
    return "\n".join(text)


def _config(cls: type[Any], module: str) -> list[str]:
    notes = _field_notes(cls)
    text = [
        f"## `{cls.__name__}`\n",
        f"`{module}` · {inspect.getdoc(cls)}\n",
        "| field | default | meaning |",
        "|---|---|---|",
    ]
    for item in fields(cls):
        if item.default is not MISSING:
            default = f"`{item.default!r}`"
        elif item.default_factory is not MISSING:
            default = f"`{item.default_factory()!r}`"
        else:
            default = "required"
        text.append(f"| `{item.name}` | {default.replace('|', chr(92) + '|')} | {notes.get(item.name, '')} |")
    return [*text, ""]


def _field_notes(cls: type[Any]) -> dict[str, str]:
    body = ast.parse(inspect.getsource(cls)).body[0].body  # type: ignore[attr-defined]
    notes = {}
    for field, note in zip(body, body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(note, ast.Expr) and isinstance(note.value, ast.Constant):
            notes[ast.unparse(field.target)] = " ".join(str(note.value.value).split())
    return notes


def registries() -> str:
    """Every registry with its names."""
    text = [
        "# Registries\n",
        "Written by `make docs`. Other packages add names by entry points of group `gmai.<room>`.\n",
    ]
    for path in sorted(SOURCE.glob("*/__init__.py")):
        door = import_module(f"gmai.{path.parent.name}")
        for name in getattr(door, "__all__", ()):
            value = getattr(door, name)
            if isinstance(value, Registry):
                text += [f"## `gmai.{path.parent.name}.{name}`\n"]
                text += [f"- `{key}` → `{value.table.get(key, 'another package')}`" for key in value.names()] + [""]
    return "\n".join(text)


def terms() -> str:
    """The terms that cards may use."""
    lexicon = read_lexicon()
    text = ["# Terms\n", "Written by `make docs` from the lexicon. Cards use these words, letter by letter.\n"]
    pages = {
        "Modalities": [*lexicon.modalities, *lexicon.other_modalities],
        "Departments": [*lexicon.departments, NONE],
        "Tasks": [*lexicon.tasks, NONE],
    }
    for name, known in pages.items():
        text += [f"## {name}\n", *(f"- {term}" for term in known), ""]
    return "\n".join(text)


if __name__ == "__main__":
    for page, content in build().items():
        TARGET.mkdir(parents=True, exist_ok=True)
        (TARGET / page).write_text(content, encoding="utf-8")
        sys.stdout.write(f"docs/reference/{page}\n")
