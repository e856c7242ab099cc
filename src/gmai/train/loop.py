"""The one training loop: every stage runs through it, and continues bit for bit where it was killed."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from gmai.base import Progress
from gmai.errors import ModelError
from gmai.train.account import Account
from gmai.train.checkpoint import read_checkpoint, write_checkpoint
from gmai.train.journal import Journal, LogLine
from gmai.train.lesson import Lesson
from gmai.train.recipe import OptimConfig, TrainConfig


@dataclass
class Course:
    """Everything a run of the loop needs; all of its state is in here and in the folder."""

    lesson: Lesson
    weights: dict[str, torch.nn.Parameter]
    """The trained weights of the model, by name; heads are the lesson's."""
    account: Account
    config: TrainConfig
    folder: Path
    """Run folder: ``log.jsonl`` grows here, checkpoints lie in ``.work``."""


def run_loop(course: Course) -> Journal:
    """Train to the last step and return the log.

    Raises:
        ModelError: a loss or gradient that is no number.
        RejectLimit: too many rows could not be read.
    """
    config = course.config
    trained = _trained(course)
    optimizer = torch.optim.AdamW(
        list(trained.values()),
        lr=config.optim.lr,
        betas=config.optim.betas,
        weight_decay=config.optim.weight_decay,
        fused=True,
    )
    checkpoints = course.folder / ".work" / "checkpoints"
    done = _restore(course, trained, optimizer, read_checkpoint(checkpoints))
    progress = Progress(f"train {config.stage}", config.steps)
    progress.skip(done)
    with Journal(course.folder / "log.jsonl", done) as journal:
        for step in range(done, config.steps):
            line = _step(course, trained, optimizer, step)
            journal.write(line)
            if (step + 1) % config.checkpoint_every == 0 or step + 1 == config.steps:
                write_checkpoint(checkpoints, step + 1, _state(course, trained, optimizer, step + 1))
            progress.add(note=f"loss {line.loss:.4f}")
    progress.close()
    return journal


def learning_rate(config: OptimConfig, step: int, steps: int) -> float:
    """Rate of a step counted from 0: linear warm-up, then half a cosine down to ``final_share`` of ``lr``."""
    if step < config.warmup_steps:
        return config.lr * (step + 1) / config.warmup_steps
    way = (step - config.warmup_steps) / max(1, steps - config.warmup_steps)
    return config.lr * (config.final_share + (1 - config.final_share) * 0.5 * (1 + math.cos(math.pi * way)))


def _step(
    course: Course, trained: Mapping[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer, step: int
) -> LogLine:
    start = time.perf_counter()
    rate = learning_rate(course.config.optim, step, course.config.steps)
    for group in optimizer.param_groups:
        group["lr"] = rate
    torch.manual_seed(course.config.seed * 1_000_003 + step)  # whatever draws numbers inside the model
    result = course.lesson.loss(step)
    optimizer.zero_grad(set_to_none=True)
    result.mean.backward()
    norm = torch.nn.utils.clip_grad_norm_(list(trained.values()), course.config.optim.clip)
    loss = result.mean.item()
    if not (math.isfinite(loss) and math.isfinite(norm.item())):
        what = f"step {step + 1}: loss {loss}, gradient norm {norm.item()}"
        raise ModelError(what, fix="lower optim.lr, or use precision fp32", reason="model.diverged")
    optimizer.step()
    return LogLine(
        step=step + 1,
        loss=loss,
        lr=rate,
        tokens=result.tokens,
        gradient_norm=norm.item(),
        seconds=round(time.perf_counter() - start, 4),
    )


def _trained(course: Course) -> dict[str, torch.nn.Parameter]:
    heads = course.lesson.heads
    extra = {} if heads is None else {f"heads.{name}": weight for name, weight in heads.named_parameters()}
    return {**course.weights, **extra}


def _state(
    course: Course, trained: Mapping[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer, step: int
) -> dict[str, Any]:
    return {
        "step": step,
        "weights": {name: weight.detach() for name, weight in trained.items()},
        "optimizer": optimizer.state_dict(),
        "rng": torch.get_rng_state(),
        "account": course.account.state(),
    }


def _restore(
    course: Course,
    trained: Mapping[str, torch.nn.Parameter],
    optimizer: torch.optim.Optimizer,
    state: dict[str, Any] | None,
) -> int:
    if state is None:
        return 0
    with torch.no_grad():
        for name, weight in trained.items():
            weight.copy_(state["weights"][name])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["rng"])
    course.account.restore(state["account"])
    step: int = state["step"]
    return step
