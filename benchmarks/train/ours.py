"""gmai's training on the same rows, in the same environment: ``python -m benchmarks.train.ours TASK.json``."""

import json
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.train.stamps import Stamps, Step


def main() -> None:
    task = json.loads(Path(sys.argv[1]).read_text())
    stamps = Stamps(task["launched"])
    warnings.simplefilter("ignore")
    out = Path(task["out"]).with_suffix(".run")
    shutil.rmtree(out, ignore_errors=True)
    from gmai.base import from_dict
    from gmai.train import TrainConfig, train

    order = watch(stamps)
    train(from_dict(TrainConfig, recipe(task, out)))
    stamps.write(Path(task["out"]), settings=task["ours"], order=order)


def recipe(task: dict[str, Any], out: Path) -> dict[str, Any]:
    """Every row once a pass, as it is; a constant rate; nothing else is changed."""
    optim = task["optim"]
    return {
        "stage": "all",
        "corpus": task["corpus"],
        "init": {"model": task["model"]},
        "out": str(out),
        "steps": task["steps"],
        "batch": task["ours"]["batch"],
        "feed": {"workers": task["ours"]["workers"]},
        "rows": {"questions": None, "chances": {}, "weights": {}},
        "pictures": {"gain": 0, "level": 0, "shift_px": 0},
        "optim": {**optim, "warmup_steps": 0, "final_share": 1.0},
        "precision": task["precision"],
        "threads": task["threads"],
        "checkpoint_every": 10**6,
        "seed": task["seed"],
    }


def watch(stamps: Stamps) -> list[list[str]]:
    """Stamp every line of the log; returns the samples of each step, as they come."""
    from gmai.train import journal
    from gmai.train import run as runs

    order: list[list[str]] = []
    write, gather = journal.Journal.write, runs.gather

    def stamped(self: Any, line: Any) -> None:
        write(self, line)
        rows = len(order[line.step - 1])  # the last token of a row is predicted, not read
        stamps.end(Step(line.loss, line.tokens + rows, line.slots + rows, line.labels))

    def noted(*given: Any) -> Any:
        material = gather(*given)
        batches = material.batches

        def noting(*place: int) -> Iterator[Any]:
            for batch in batches(*place):
                order.append([sample for pack in batch.packs for sample in pack.samples])
                yield batch

        material.batches = noting
        return material

    journal.Journal.write, runs.gather = stamped, noted
    return order


if __name__ == "__main__":
    main()
