"""A finished run of training, as an export needs it: what came of it, what it started from, and which parts trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gmai.base import input_key, read_json
from gmai.errors import ConfigError, ModelError
from gmai.models.adapters import Adapter, read_adapter
from gmai.models.loaded import find_model_folder
from gmai.models.parts import PARTS, part_of
from gmai.models.weights import Weights

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Start:
    """The weights that training started from: a model, of which parts may come from others."""

    model: Weights
    others: dict[str, Weights]

    @property
    def folder(self) -> Path:
        """The model."""
        return self.model.folder

    def read(self, name: str) -> Tensor:
        """One weight."""
        return self.others.get(part_of(name), self.model).read(name)


@dataclass(frozen=True)
class Trained:
    """A finished run of training."""

    path: Path
    key: str
    model: Weights
    start: Start
    adapter: Adapter | None
    """Of LoRA; what it adds is already in ``model``."""
    config: dict[str, Any]
    stats: dict[str, Any]

    @property
    def trains(self) -> set[str]:
        """Parts that may have changed; of LoRA the language model, where it has a pair."""
        found = {part for part, row in self.stats["parts"].items() if row["trains"] and part in PARTS}
        return found | ({"language"} if self.adapter else set())


def read_trained(path: Path, base: Path | None = None) -> Trained:
    """Read a run folder of ``gmai train``.

    Args:
        path: the folder.
        base: the model that training started from, where it is no longer where it was.

    Raises:
        ConfigError: no finished run of training.
        ModelError: no model where the run says it started from.
    """
    key = input_key(path, "train")
    config: dict[str, Any] = read_json(path / "run.json")["config"]
    init = dict(config["init"])
    own = base or Path(init.pop("model"))
    init.pop("model", None)
    others = {part: Weights(_find(Path(folder), f"init.{part}")) for part, folder in init.items() if folder}
    start = Start(Weights(_find(own, "init.model")), others)
    folder = path / "adapter"
    adapter = read_adapter(folder) if folder.exists() else None
    if config["stage"] == "lora" and adapter is None:
        raise ConfigError("a run of LoRA without its adapter", where=str(folder))
    stats: dict[str, Any] = read_json(path / "stats.json")
    return Trained(path, key, Weights(find_model_folder(path)), start, adapter, config, stats)


def _find(folder: Path, name: str) -> Path:
    try:
        return find_model_folder(folder)
    except ModelError:
        fix = "give --base, the model that training started from"
        raise ModelError(f"no model where {name} was", where=str(folder), fix=fix, reason="model.missing") from None
