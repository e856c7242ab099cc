"""Mixtures by name: files that list the sets of a recipe with their ratios, and the corpora that stand for the sets."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gmai.base import from_dict, read_yaml
from gmai.errors import ConfigError
from gmai.types import record

logger = logging.getLogger(__name__)


@record
class MixtureConfig:
    """Where a recipe's sets come from."""

    file: str
    """A shipped mixture's name, such as gmai-vl-mixture, or a YAML file."""
    ratios: str
    """Which of the file's columns of ratios is meant."""


def read_mixture(path: Path, ratios: str) -> list[dict[str, Any]]:
    """The sets of a mixture file with a ratio above 0, as plain settings without corpora.

    Raises:
        ConfigError: no such column, a set without a name, a name that comes twice, a ratio that is no number.
    """
    data = read_yaml(path)
    columns = data.get("ratios", [])
    if ratios not in columns:
        raise ConfigError(f"no ratios {ratios!r}", where=str(path), fix=f"known: {', '.join(map(str, columns))}")
    sets: list[dict[str, Any]] = []
    for place, entry in enumerate(data.get("sets", [])):
        known = {"name", "category", "published", "subsets", "kinds", "split", *columns}
        unknown = sorted(set(entry) - known)
        where = f"{path}: sets.{place}"
        if unknown or "name" not in entry:
            raise ConfigError(f"unknown or missing keys: {', '.join(unknown) or 'name'}", where=where)
        ratio = entry.get(ratios, 0)
        if not isinstance(ratio, int | float) or ratio < 0:
            raise ConfigError(f"{ratios} is {ratio!r}, no ratio", where=where)
        if ratio:
            kept = {key: entry[key] for key in ("name", "category", "subsets", "kinds", "split") if key in entry}
            sets.append({**kept, "ratio": float(ratio)})
    names = [entry["name"] for entry in sets]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"sets named twice: {', '.join(twice)}", where=str(path))
    return sets


def place_sets(
    sets: Sequence[Mapping[str, Any]], corpora: Mapping[str, Path], *, skip_missing: bool = False
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Give every set its corpus.

    Args:
        sets: as :func:`read_mixture` gives them.
        corpora: corpus folder by name of the set.
        skip_missing: leave out sets that have none.

    Returns:
        The sets with corpora, and the names of those left out.

    Raises:
        ConfigError: a corpus for a set that is not in the mixture, or sets without one; all are named.
    """
    names = [entry["name"] for entry in sets]
    for name in corpora:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=3)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise ConfigError(f"the mixture has no set {name!r}", fix=f"{hint}it has {', '.join(names)}")
    missing = tuple(name for name in names if name not in corpora)
    if missing and not skip_missing:
        fix = "give --set data.NAME=CORPUS or a line in --sets FILE for each, or --skip-missing-sets"
        raise ConfigError(f"no corpus for {len(missing)} of {len(names)} sets: {', '.join(missing)}", fix=fix)
    if len(missing) == len(names):
        raise ConfigError("no set has a corpus", fix="give --set data.NAME=CORPUS or --sets FILE")
    if missing:
        logger.warning(
            "%d of %d sets have no corpus and are left out: %s", len(missing), len(names), ", ".join(missing)
        )
    placed = [{**entry, "corpus": corpora[entry["name"]]} for entry in sets if entry["name"] in corpora]
    return placed, missing


def read_corpora(path: Path) -> dict[str, Path]:
    """A YAML mapping of set names to corpus folders; relative ones lie beside the file.

    Raises:
        ConfigError: anything else.
    """
    data = read_yaml(path)
    wrong = [str(name) for name, value in data.items() if not isinstance(value, str)]
    if wrong:
        raise ConfigError(f"no folder for {', '.join(wrong)}", where=str(path), fix="write NAME: FOLDER")
    return {str(name): path.parent / value for name, value in data.items()}


def find_mixture(config: Mapping[str, Any], folder: Path, recipe: Path) -> tuple[Path, str] | None:
    """The mixture file and the column that a recipe names; None if it names none.

    Args:
        config: the recipe's settings.
        folder: where shipped mixtures lie.
        recipe: the recipe's file; a relative path is looked for beside it.

    Raises:
        ConfigError: no such file.
    """
    if config.get("mixture") is None:
        return None
    given = from_dict(MixtureConfig, config["mixture"], where=f"{recipe}: mixture", error=ConfigError)
    tried = [folder / f"{given.file}.yaml", recipe.parent / given.file, Path(given.file)]
    for path in tried:
        if path.is_file():
            return path, given.ratios
    names = sorted(path.stem for path in folder.glob("*-mixture.yaml"))
    raise ConfigError(f"no mixture {given.file!r}", where=str(recipe), fix=f"give a YAML file, or {' or '.join(names)}")
