"""What each step of a trainer cost: read between steps, for the process and all below it."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.process_tree import tree_cpu_s


@dataclass
class Step:
    """One step, as it ended."""

    loss: float
    """Mean over the label tokens of the step."""
    tokens: int
    """Tokens of rows, visual ones too; nothing that only pads."""
    slots: int
    """Places that the language model computed."""
    labels: int
    """Tokens that the loss counts."""
    cpu_s: float = 0.0
    """Processor time of the process and all below it, since its start."""
    wall_s: float = 0.0
    """Time since the launch."""


@dataclass
class Stamps:
    """The steps of one run; written as JSON."""

    launched: float
    """`time.time()` when the process was launched."""
    steps: list[Step] = field(default_factory=list)

    def end(self, step: Step) -> None:
        """A step has ended."""
        step.cpu_s = tree_cpu_s(os.getpid())
        step.wall_s = time.time() - self.launched
        self.steps.append(step)

    def write(self, path: Path, **told: Any) -> None:
        """Write the steps, what was set, and the versions of what computed."""
        versions = {name: version(name) for name in ("torch", "transformers")}
        path.write_text(json.dumps({"steps": [asdict(step) for step in self.steps], "versions": versions, **told}))

    def write_peer(self, path: Path, settings: dict[str, Any], packages: Sequence[str]) -> None:
        """The same, of a peer that is made of these packages."""
        self.write(path, settings=settings, versions_of_peer={name: version(name) for name in packages})
