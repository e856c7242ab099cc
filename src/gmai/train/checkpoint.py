"""Checkpoints of an unfinished run: one file each, whole or not there; the last two are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from gmai.base import write_atomic

KEPT = 2


def write_checkpoint(folder: Path, step: int, state: dict[str, Any]) -> None:
    """Write the state after ``step`` steps and drop older checkpoints but one."""
    with write_atomic(folder / f"{step:08d}.pt") as temporary:
        torch.save(state, temporary)
    for old in sorted(folder.glob("*.pt"))[:-KEPT]:
        old.unlink()


def read_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The newest state, or None."""
    paths = sorted(folder.glob("*.pt"))
    if not paths:
        return None
    state: dict[str, Any] = torch.load(paths[-1], map_location="cpu", weights_only=True)
    return state
