"""Recipes by name: those that ship with the package, or a YAML file of one's own."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from gmai.base import load_config
from gmai.errors import ConfigError
from gmai.train.recipe import TrainConfig

_FOLDER = Path(str(files("gmai.train") / "recipes"))


def recipe_names() -> list[str]:
    """Names of the shipped recipes, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def read_recipe(
    recipe: str | Path, values: Mapping[str, Any] | None = None, overrides: Sequence[str] = ()
) -> TrainConfig:
    """Read a recipe.

    Args:
        recipe: a shipped recipe's name, or the path of a YAML file.
        values: settings that win over the recipe's.
        overrides: ``a.b=c`` strings that win over both.

    Raises:
        ConfigError: no such recipe, or settings that do not fit; every problem is named.
    """
    shipped = _FOLDER / f"{recipe}.yaml"
    path = shipped if shipped.exists() else Path(recipe)
    if not path.exists():
        raise ConfigError(f"no recipe {str(recipe)!r}", fix=f"give a YAML file, or one of {', '.join(recipe_names())}")
    return load_config(TrainConfig, path, overrides, values)
