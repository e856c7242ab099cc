"""Packs made up on the spot, and runs on them: no corpus, every kind of row, in one process or several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gmai.base import open_run
from gmai.models import Block, LoadedModel, Work, save_model
from gmai.train.learn import learn
from gmai.train.pack import Pack, StepBatch
from gmai.train.parallel import World, open_world
from gmai.train.recipe import InitConfig, LoraConfig, OptimConfig, ScaleConfig, TrainConfig
from gmai.types import Reject
from tiny_model import SHAPE, make_model

TEXTS = ["What is it?", "a cyst", "Where is the cyst?", "upper-left", "How many are there?", "two cysts, lower-right"]


def start_model(folder: Path, family: str = "internvl", dtype: str = "float32") -> Path:
    """A random model on disk."""
    if not (folder / "config.json").exists():
        made = make_model(TEXTS, replace(SHAPE, language_layers=2), family=family)
        made.model.to(getattr(torch, dtype))
        save_model(made, folder)
    return folder


def make_row(loaded: LoadedModel, rng: np.random.Generator, pictures: int) -> tuple[list[Block], list[Any]]:
    """A row on so many pictures with two questions, and its fitted pictures."""
    shapes = [(int(rng.integers(20, 60)), int(rng.integers(20, 60))) for _ in range(pictures)]
    shown = [rng.integers(0, 255, (*shape, 3), dtype=np.uint8) for shape in shapes]
    fitted = [loaded.contract.fit(picture, pictures) for picture in shown]
    row = [loaded.prefix(loaded.layouts(shown))]
    scaffold = loaded.scaffold
    for _ in range(2):
        asked, said = (scaffold.text(TEXTS[rng.integers(len(TEXTS))]) for _ in range(2))
        read, told = (*asked, *scaffold.ask), (*said, scaffold.end)
        row.append(Block((*read, *told), (0.0,) * len(read) + (1.0,) * len(told), 0))
    return row, fitted


@dataclass
class Practice:
    """Made-up material: every step has the same rows however they are cut into packs and shared out."""

    loaded: LoadedModel
    steps: int
    rows: int = 4
    """Rows in a step."""
    packs: int = 2
    """Packs in a step."""
    pictures: Sequence[int] = (1, 0, 2, 1)
    """Pictures of each row, in turn."""
    missing: frozenset[tuple[int, int]] = frozenset()
    """(step, pack) of packs whose rows cannot be read."""
    key: str = "practice"
    rejects: list[Reject] = field(default_factory=list)
    targets: None = None

    def batches(self, rank: int, ranks: int, start: int) -> Iterator[StepBatch]:
        for step in range(start, self.steps):
            mine = [self._pack(step, number) for number in range(rank, self.packs, ranks)]
            rejects = [one for number in range(rank, self.packs, ranks) for one in self._lost(step, number)]
            yield StepBatch(step, mine, rejects)

    def _lost(self, step: int, number: int) -> list[Reject]:
        lost = (step, number) in self.missing
        return [Reject(id=f"{step}/{number}", stage="train", reason="made.up", detail="made up")] if lost else []

    def _pack(self, step: int, number: int) -> Pack:
        if (step, number) in self.missing:
            return Pack(number)
        each = self.rows // self.packs
        rows, fitted, tones = [], [], []
        for place in range(number * each, (number + 1) * each):
            rng = np.random.default_rng([step, place])
            row, shown = make_row(self.loaded, rng, self.pictures[place % len(self.pictures)])
            rows.append(row)
            fitted += shown
            tones += [(1.0 + 0.1 * rng.random(), 0.1 * rng.random()) for _ in shown]
        weight = sum(sum(block.weights) for row in rows for block in row)
        work = Work(tokens=sum(len(block.tokens) for row in rows for block in row), labels=int(weight))
        samples = [f"{step}/{number}/{place}" for place in range(each)]
        return Pack(number, rows, samples, fitted, tones, weight, {"rows.practice": each}, work)

    def stats(self) -> dict[str, Any]:
        return {"available": {"practice": self.rows}}

    def close(self) -> None:
        pass


def quick(**settings: Any) -> OptimConfig:
    return OptimConfig(**{"lr": 2e-3, "warmup_steps": 1, **settings})


RECORDS: dict[str, Any] = {"optim": quick, "lora": LoraConfig, "scale": ScaleConfig}
"""What settings become that are given as dicts."""


def recipe(model: Path, out: Path, stage: str = "all", **settings: Any) -> TrainConfig:
    given: dict[str, Any] = {
        "steps": 3,
        "threads": 1,
        "precision": "fp32",
        "checkpoint_every": 2,
        "device": "cpu",
        "optim": quick(),
    }
    settings = {name: RECORDS[name](**value) if isinstance(value, dict) else value for name, value in settings.items()}
    return TrainConfig(stage=stage, corpus=out, init=InitConfig(model=model), out=out, **{**given, **settings})


class Nobody:
    """Nobody looks on."""

    not_listed = ("log.jsonl",)

    def prepare(self, *given: Any) -> tuple[()]:
        return ()

    def stats(self) -> dict[str, Any]:
        return {}

    def measured(self) -> dict[str, Any]:
        return {}

    def report(self, *given: Any) -> None:
        pass


def practise(config: TrainConfig, **material: Any) -> dict[str, Any]:
    """Train on made-up rows."""

    def gather(config: TrainConfig, loaded: LoadedModel, home: Path, world: World) -> Practice:
        return Practice(loaded, config.steps, **material)

    with open_world(config.parallel, config.device) as world:
        run = world.first(lambda: open_run(config.out, "train", config, {}, same={"stage": config.stage}))
        return run.stats() if run.done else learn(run, config, world, gather, Nobody())
