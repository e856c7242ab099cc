"""The second half of the line: model → four stages of training → answers of every model and baseline.

Two worker processes share the work: training goes first, and each model is examined as soon as it is there.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gmai.base import Task, run_graph, setup_logging
from gmai.demo.config import DemoConfig
from gmai.demo.data import Prepared
from gmai.evaluate import RunConfig, run_model
from gmai.models import TinyConfig, build_tiny
from gmai.train import read_recipe, train

logger = logging.getLogger(__name__)
TINY = "model"
STAGES = {
    "stage0-text": (TINY,),
    "stage0-vision": (TINY,),
    "stage1": ("stage0-text", "stage0-vision"),
    "stage2": ("stage1",),
    "stage3": ("stage2",),
}
"""Stage to the runs whose weights it starts from."""
EXAMINED = (TINY, "stage0-text", "stage1", "stage2", "stage3")
BASELINES = ("majority", "colour", "thumbnail")
FINAL = "stage3"


@dataclass(frozen=True)
class Exam:
    """One set of answers to the benchmark."""

    name: str
    needs: tuple[str, ...]
    """What is made before; a baseline needs no model, but lets the two halves of stage 0 go first."""
    mode: str = "likelihood"
    blind: bool = False


EXAMS = (
    *(Exam(name, ("stage0-vision",), name) for name in BASELINES),
    *(Exam(name, (name,)) for name in EXAMINED),
    Exam("blind", (FINAL,), blind=True),
    Exam("generate", (FINAL,), mode="generate"),
)


def train_and_ask(config: DemoConfig, prepared: Prepared) -> dict[str, Any]:
    """Make the tiny model, train it through the stages and let each model and baseline answer the benchmark.

    Returns:
        Results by task: numbers of each stage, and of each set of answers under ``eval NAME``.
    """
    quiet = not logger.isEnabledFor(logging.INFO)
    tasks = [Task(TINY, partial(_logged, quiet, partial(_make_model, config, prepared)))]
    for name in STAGES:
        tasks.append(Task(name, partial(_logged, quiet, partial(_train, config, prepared, name)), STAGES[name]))
    for exam in EXAMS:
        call = partial(_logged, quiet, partial(_ask, config, prepared, exam))
        tasks.append(Task(f"eval {exam.name}", call, exam.needs))
    return run_graph(tasks, 2, lambda name, result: logger.info("✓ %s", name))


def _logged(quiet: bool, call: Callable[[], Any]) -> Any:
    setup_logging(quiet=quiet)
    return call()


def folder_of(config: DemoConfig, name: str) -> Path:
    """Run folder of a model or a stage."""
    return config.out / (TINY if name == TINY else f"train/{name}")


def _make_model(config: DemoConfig, prepared: Prepared) -> dict[str, Any]:
    tiny = TinyConfig(corpus=prepared.corpus, out=folder_of(config, TINY), seed=config.seed, resume=config.job.resume)
    return build_tiny(tiny)


def _train(config: DemoConfig, prepared: Prepared, name: str) -> dict[str, Any]:
    starts = STAGES[name]
    init = {"model": str(folder_of(config, starts[0]))}
    if len(starts) == 2:
        init = {"model": str(folder_of(config, TINY)), "language": init["model"]}
        init["vision"] = str(folder_of(config, starts[1]))
    given = {"corpus": str(prepared.corpus), "init": init, "out": str(folder_of(config, name)), "seed": config.seed}
    recipe = read_recipe(f"tiny-{name}", {**given, "threads": 1, "resume": config.job.resume, **(config.train or {})})
    return train(recipe)


def _ask(config: DemoConfig, prepared: Prepared, exam: Exam) -> Any:
    learns = exam.mode in BASELINES
    run = RunConfig(
        tsv=prepared.bench / "public/TEST.tsv",
        out=config.out / "eval" / exam.name,
        runner=exam.mode,
        model=None if learns else folder_of(config, exam.needs[0]),
        corpus=prepared.corpus if learns else None,
        blind=exam.blind,
        name=exam.name,
        seed=config.seed,
        threads=1,
        resume=config.job.resume,
    )
    return run_model(run)
