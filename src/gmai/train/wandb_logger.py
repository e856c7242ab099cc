"""Numbers for Weights & Biases, by default offline: ``wandb sync OUT/wandb/offline-run-*`` sends them later."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import wandb

from gmai.train.loggers import LoggerConfig


class WandbLogger:
    """See :class:`gmai.train.loggers.Logger`."""

    def __init__(self, folder: Path, config: LoggerConfig, done: int) -> None:
        self._run = wandb.init(
            project=config.project,
            name=config.name or folder.resolve().name,
            mode=config.mode,
            dir=str(folder),
            config={"continued_after": done},
            settings=wandb.Settings(console="off", silent=True, disable_git=True, save_code=False),
        )

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """See :class:`gmai.train.loggers.Logger`."""
        self._run.log(dict(values), step=step)

    def close(self) -> None:
        """See :class:`gmai.train.loggers.Logger`."""
        self._run.finish()
