"""Checkpoints of an unfinished run: a folder each, sharded, written beside the training, whole or not there.

A process writes what it holds; the tensors are copied first, so that training goes on at once. The folder has another
name until every process is done, and only the last few are kept.
"""

from __future__ import annotations

import shutil
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.api import CheckpointException

from gmai.base import read_json, write_json
from gmai.errors import ModelError
from gmai.train.parallel import World

FACTS = "facts.json"
Tensors = dict[str, Any]
"""Nested dicts of tensors; every process has all names, and of sharded tensors its share."""


class Checkpoints:
    """Checkpoints of one run; a context manager that waits for what is being written."""

    def __init__(self, folder: Path, world: World, kept: int = 2) -> None:
        self._folder = folder
        self._world = world
        self._kept = kept
        self._thread = ThreadPoolExecutor(1, "checkpoint")
        self._pending: Future[None] | None = None

    def __enter__(self) -> Checkpoints:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                self.settle()
        finally:
            self._thread.shutdown(wait=True)

    def write(self, step: int, tensors: Tensors, facts: dict[str, Any]) -> None:
        """Copy the state after ``step`` steps and begin to write it; waits for the one before."""
        self.settle()
        part = self._folder / f".{step:08d}.new"
        if self._world.leads:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
        self._world.gather(None)
        _be_calm()
        alone = self._world.storage is None
        saved = dcp.async_save(tensors, checkpoint_id=part, process_group=self._world.storage, no_dist=alone)
        self._pending = self._thread.submit(self._finish, saved, part, self._folder / f"{step:08d}", facts)

    def settle(self) -> None:
        """Wait until what is being written is whole; an error of writing is raised here."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()

    def read(self, tensors: Tensors) -> dict[str, Any] | None:
        """Read the newest state into ``tensors`` and return its facts; None if there is none.

        Raises:
            ModelError: a checkpoint that does not fit.
        """
        found: Path | None = self._world.first(self._newest)
        if found is None:
            return None
        facts: dict[str, Any] = read_json(found / FACTS)
        _be_calm()
        try:
            alone = self._world.storage is None
            dcp.load(tensors, checkpoint_id=found, process_group=self._world.storage, no_dist=alone)
        except (CheckpointException, RuntimeError, ValueError) as error:
            fix = "start over with --no-resume"
            raise ModelError(f"the checkpoint does not fit: {error}", where=str(found), fix=fix) from None
        return facts

    def _newest(self) -> Path | None:
        found = sorted(path for path in self._folder.glob("[0-9]*") if path.is_dir())
        return found[-1] if found else None

    def _finish(self, saved: Future[Any], part: Path, whole: Path, facts: dict[str, Any]) -> None:
        saved.result()
        if not self._world.leads:
            return
        write_json(part / FACTS, facts)
        shutil.rmtree(whole, ignore_errors=True)
        part.rename(whole)
        for old in [*sorted(self._folder.glob("[0-9]*"))[: -self._kept], *self._folder.glob(".*.new")]:
            shutil.rmtree(old)


def _be_calm() -> None:
    """No warning that one process is one process."""
    warnings.filterwarnings("ignore", message="torch.distributed is disabled, unavailable or uninitialized")
