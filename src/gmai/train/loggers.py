"""Where the numbers of a run go beside its log: a registry of loggers, each fed the same names and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

from gmai.base import Registry
from gmai.types import record


@record
class LoggerConfig:
    """One logger."""

    kind: str
    """A name in :data:`LOGGERS`: tensorboard or wandb; or ``package.module:object``."""
    project: str = "gmai"
    """Weights & Biases: the project."""
    name: str = ""
    """The run's name; empty takes that of its folder."""
    mode: Literal["offline", "online"] = "offline"
    """Weights & Biases: ``offline`` writes into the run folder, for ``wandb sync`` to send later."""


class Logger(Protocol):
    """Takes numbers as they come."""

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Take the numbers of a step."""

    def close(self) -> None:
        """Write what is left."""


class LoggerMaker(Protocol):
    """Opens a logger."""

    def __call__(self, folder: Path, config: LoggerConfig, done: int) -> Logger:
        """Open it in ``folder``, to go on after step ``done``: later numbers of a killed run do not count."""


LOGGERS: Registry[LoggerMaker] = Registry(
    "loggers",
    {
        "tensorboard": "gmai.train.tensorboard_logger:TensorBoardLogger",
        "wandb": "gmai.train.wandb_logger:WandbLogger",
    },
    extra="watch",
)
LOGGER_FOLDERS = ("tensorboard", "wandb")
"""Folders inside a run in which loggers write; they are no part of its manifest."""


class Loggers:
    """All loggers of a run, as one."""

    def __init__(self, configs: Sequence[LoggerConfig], folder: Path, done: int = 0) -> None:
        """Open them.

        Raises:
            ConfigError: no such logger.
            MissingExtra: a package it needs is not installed.
        """
        makers = [LOGGERS.get(config.kind) for config in configs]
        self._loggers = [maker(folder, config, done) for maker, config in zip(makers, configs, strict=True)]

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Give a step's numbers to all."""
        for logger in self._loggers:
            logger.write(step, values)

    def close(self) -> None:
        """Close all."""
        for logger in self._loggers:
            logger.close()
