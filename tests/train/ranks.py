"""Runs jobs one after the other in every process that torchrun started: ``ranks.py JOBS.json``."""

import json
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from practice import practise, recipe  # noqa: E402

from gmai.train import loop  # noqa: E402


class Killed(BaseException):
    """Stands for a kill; nothing catches it."""


def kill_before(step: int | None):
    """Let every process die before a step, counted from 0."""
    original = loop.Pupil.step

    def stepped(self, number, batches):
        if number == step:
            raise Killed
        return original(self, number, batches)

    loop.Pupil.step = stepped
    return original


def work_off(jobs: list[dict]) -> None:
    for job in jobs:
        config = recipe(Path(job["model"]), Path(job["out"]), job.get("stage", "all"), **job.get("settings", {}))
        missing = frozenset(tuple(pair) for pair in job.get("missing", ()))
        original = kill_before(job.get("kill"))
        try:
            practise(config, **job.get("material", {}), missing=missing)
        except Killed:
            pass
        finally:
            loop.Pupil.step = original


if __name__ == "__main__":
    warnings.simplefilter("error")
    work_off(json.loads(Path(sys.argv[1]).read_text()))
