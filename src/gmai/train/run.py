"""One run of training from recipe to model folder."""

from __future__ import annotations

from typing import Any

from gmai.base import RunFolder, open_run, to_dict
from gmai.corpus import open_corpus
from gmai.errors import ConfigError
from gmai.models import model_key
from gmai.train.data import config_sets
from gmai.train.learn import learn
from gmai.train.material import gather
from gmai.train.onlooker import Onlooker
from gmai.train.parallel import open_world
from gmai.train.recipe import TrainConfig
from gmai.train.watch import Probe

_FREE = {
    "corpus",
    "init",
    "out",
    "checkpoint_every",
    "checkpoints_kept",
    "max_rejects",
    "resume",
    "parallel",
    "scale",
    "device",
    "feed",
    "mixture",
    "watch",
    "check",
}
"""Settings that cannot change the weights, but in the last digits; what the paths hold is part of the run's key by
content."""


def train(config: TrainConfig, probe: Probe | None = None) -> dict[str, Any]:
    """Train one stage and return the run's numbers; started by torchrun, in all of its processes together.

    A killed run continues from its last checkpoint and ends with the same bytes; a finished one is left alone.

    Args:
        config: the recipe.
        probe: asked every ``watch.probe_every`` steps what the model can do; it changes nothing.

    Raises:
        ConfigError: a corpus, model or output folder that does not fit.
        ModelError: parts that do not fit each other, a loss that is no number, a frozen weight that moved.
        RejectLimit: more unusable data than ``max_rejects``.
    """
    _check(config)
    if probe is not None and not config.watch.probe_every:
        raise ConfigError(
            "a probe is given and never asked", where="watch.probe_every", fix="--set watch.probe_every=N"
        )
    with open_world(config.parallel, config.device) as world:
        run = world.first(lambda: _open(config))
        if run.done:
            return run.stats()
        return learn(run, config, world, gather, Onlooker(probe))


def _check(config: TrainConfig) -> None:
    """Refuse settings that do not go together."""
    if config.optim.kind != "adamw-bf16-stochastic":
        return
    if config.precision != "bf16":
        what = "weights kept in bf16 do not go with precision fp32"
        raise ConfigError(what, where="optim.kind", fix="--set precision=bf16")
    if config.parallel == "ddp":
        what = "ddp adds gradients of bf16 weights up in bf16"
        raise ConfigError(what, where="optim.kind", fix="--set parallel=fsdp2, which adds them up in fp32")


def _open(config: TrainConfig) -> RunFolder:
    same = _same(config)
    return open_run(config.out, "train", config, _inputs(config), resume=config.resume, same=same)


def _inputs(config: TrainConfig) -> dict[str, str]:
    sources = {name: getattr(config.init, name) for name in config.init.__dataclass_fields__}
    keys = {f"init.{name}": model_key(path) for name, path in sources.items() if path is not None}
    sets = config_sets(config)
    named = {"corpus": sets[0]} if config.corpus is not None else {f"data.{one.name}": one for one in sets}
    return {**{name: open_corpus(one.corpus).key for name, one in named.items()}, **keys}


def _same(config: TrainConfig) -> dict[str, Any]:
    """What identifies a run, besides the content of its inputs."""
    settings: dict[str, Any] = to_dict(config)
    del settings["pictures"]["cache_mb"]
    settings["data"] = [{name: value for name, value in one.items() if name != "corpus"} for one in settings["data"]]
    return {name: value for name, value in settings.items() if name not in _FREE}
