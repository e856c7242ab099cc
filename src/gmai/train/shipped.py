"""Recipes by name: those that ship with the package, or a YAML file of one's own; and the sets they learn from."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from gmai.base import load_config, read_yaml
from gmai.errors import ConfigError
from gmai.train.recipe import TrainConfig
from gmai.train.sets import find_mixture, place_sets, read_corpora, read_mixture

_FOLDER = Path(str(files("gmai.train") / "recipes"))
_SET = "data."


def recipe_names() -> list[str]:
    """Names of the shipped recipes, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml") if not path.stem.endswith("-mixture"))


def read_recipe(
    recipe: str | Path,
    values: Mapping[str, Any] | None = None,
    overrides: Sequence[str] = (),
    sets: Path | None = None,
    *,
    skip_missing: bool = False,
) -> TrainConfig:
    """Read a recipe.

    Args:
        recipe: a shipped recipe's name, or the path of a YAML file.
        values: settings that win over the recipe's.
        overrides: ``a.b=c`` strings that win over both; ``data.NAME=CORPUS`` gives a set of the mixture its corpus.
        sets: YAML file of names of sets and their corpora.
        skip_missing: leave out sets of the mixture without a corpus, and say so in the config.

    Raises:
        ConfigError: no such recipe, settings that do not fit, sets without a corpus; every problem is named.
    """
    shipped = _FOLDER / f"{recipe}.yaml"
    path = shipped if shipped.exists() else Path(recipe)
    if not path.exists():
        raise ConfigError(f"no recipe {str(recipe)!r}", fix=f"give a YAML file, or one of {', '.join(recipe_names())}")
    mixture = find_mixture(read_yaml(path), _FOLDER, path)
    others = [text for text in overrides if not text.startswith(_SET)]
    if mixture is None:
        return load_config(TrainConfig, path, overrides, values)
    if any(text.startswith("corpus=") for text in overrides):  # one corpus in the place of the whole mixture
        return load_config(TrainConfig, path, [*overrides, "mixture=null"], values)
    corpora = read_corpora(sets) if sets else {}
    for text in overrides:
        if text.startswith(_SET):
            name, _, folder = text.removeprefix(_SET).partition("=")
            corpora[name] = Path(folder)
    placed, left_out = place_sets(read_mixture(*mixture), corpora, skip_missing=skip_missing)
    given = {**(values or {}), "data": placed, "skipped_sets": list(left_out)}
    return load_config(TrainConfig, path, others, given)
