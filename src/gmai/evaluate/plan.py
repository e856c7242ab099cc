"""What ``gmai eval run`` was asked for: one file of questions, several by flags, or a recipe."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from gmai.base import from_dict, load_config
from gmai.errors import ConfigError
from gmai.evaluate.config import RunConfig
from gmai.evaluate.data_names import find_data
from gmai.evaluate.matrix import MatrixConfig, Mode, PairResult, finish_pair, settle

_SHIPPED = Path(str(files("gmai.evaluate") / "recipes"))


def recipe_names() -> list[str]:
    """Names of the shipped recipes, sorted."""
    return sorted(path.stem for path in _SHIPPED.glob("*.yaml"))


def find_recipe(target: str) -> Path | None:
    """The recipe that a text names, or None if it is no recipe.

    Raises:
        ConfigError: a YAML file that is not there.
    """
    shipped = _SHIPPED / f"{target}.yaml"
    if "/" not in target and shipped.is_file():
        return shipped
    path = Path(target)
    if path.suffix not in (".yaml", ".yml"):
        return None
    if not path.is_file():
        raise ConfigError(f"no recipe {target!r}", fix=f"give a YAML file, or one of {', '.join(recipe_names())}")
    return path


def read_matrix(
    recipe: Path | None, values: Mapping[str, Any], run: Mapping[str, Any], overrides: Sequence[str] = ()
) -> MatrixConfig:
    """Read what several models are asked.

    Args:
        recipe: YAML file of a :class:`MatrixConfig`, or None.
        values: its fields as given by flags.
        run: settings of every run as given by flags.
        overrides: ``a=b`` strings; those that are no field of it are settings of every run.

    Raises:
        ConfigError: settings that do not fit; every problem is named.
    """
    given = {name: value for name, value in values.items() if value is not None}
    settings = {name: value for name, value in run.items() if value is not None}
    ours = [text if _is_ours(text) else f"run.{text}" for text in overrides]
    return load_config(MatrixConfig, recipe, ours, {**given, **({"run": settings} if settings else {})})


def _is_ours(text: str) -> bool:
    return text.partition("=")[0].partition(".")[0] in MatrixConfig.__dataclass_fields__


def run_one(
    target: str, model: str, out: Path, mode: Mode, run: Mapping[str, Any], overrides: Sequence[str] = ()
) -> PairResult:
    """Put one file of questions to one model, straight into ``out``.

    Args:
        target: see :func:`find_data`.
        model: as it was written; empty for a runner that has none.
        out: run folder to write.
        mode: what to do.
        run: settings of the run as given by flags.
        overrides: ``a=b`` strings of further settings.

    Raises:
        GmaiError: what answering or scoring raises.
    """
    data = find_data(target, Path("benches"))
    given = {name: value for name, value in run.items() if value is not None}
    config = load_config(
        MatrixConfig, None, [f"run.{text}" for text in overrides], {"data": (), "out": out, "run": given}
    )
    settings = {**settle(config.run, model), "tsv": data.tsv, "out": out}
    return finish_pair(from_dict(RunConfig, settings, where="--set", error=ConfigError), data, mode)
