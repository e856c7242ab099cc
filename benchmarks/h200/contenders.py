"""Who trains: A, the published recipe made again on transformers' own classes; C, gmai's loop as a run has it.

A takes a row at a time, unpacked, under sdpa, with gradient checkpointing, in bfloat16 throughout: weights, gradients
and both means of AdamW. Two rows make an update, as its script has it. transformers computes the logits of all tokens.
C packs rows within budgets of tokens and tiles, attends along paths, computes the loss in chunks of predicted tokens;
full: weights and means in bfloat16 with stochastic rounding, or means in 8 bits beside float32 weights.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks.h200.rows import Manifest
from benchmarks.h200.shapes import nowhere
from gmai.models import Costs, LoadedModel, read_costs
from gmai.train import BatchConfig
from gmai.train.account import Account
from gmai.train.language import LanguageLesson
from gmai.train.loop import Course, Pupil
from gmai.train.lora import add_lora
from gmai.train.meters import Meter, operations_of
from gmai.train.pack import Pack, StepBatch
from gmai.train.parallel import World
from gmai.train.recipe import InitConfig, LoraConfig, OptimConfig, ScaleConfig, TrainConfig
from gmai.train.stages import STAGES
from gmai.train.weights import free_groups, settle_types

STAGE = {"full": "projector+language", "lora": "lora"}
OPTIM: dict[str, Any] = {"lr": 5e-6, "betas": (0.9, 0.999), "weight_decay": 0.05, "warmup_share": 0.03, "clip": 1.0}
THEIRS = BatchConfig(rows=2, packs=2)
Update = Callable[[int, StepBatch], float]
"""Learns from a step and returns its loss."""


def ours(chosen: argparse.Namespace) -> BatchConfig:
    """C's budgets."""
    tokens = chosen.tokens or (16_384 if chosen.mode == "full" else 8_192)
    return BatchConfig(tokens=tokens, tiles=chosen.pack_tiles, packs=chosen.packs)


def recipe(chosen: argparse.Namespace, batch: BatchConfig) -> TrainConfig:
    """C's recipe, but for data and folders."""
    kind = chosen.optimizer or ("adamw-bf16-stochastic" if chosen.mode == "full" else "adamw")
    return TrainConfig(
        stage=STAGE[chosen.mode],  # type: ignore[arg-type]
        corpus=nowhere(),
        init=InitConfig(model=nowhere()),
        out=nowhere(),
        steps=chosen.warm_up + chosen.steps,
        batch=batch,
        seed=chosen.seed,
        optim=OptimConfig(kind=kind, **OPTIM),
        lora=LoraConfig(rank=16, alpha=32.0, dropout=0.05),
        scale=ScaleConfig(gradient_checkpointing=not chosen.keep),
        device="cuda" if chosen.device.startswith("cuda") else "cpu",
        precision="bf16",
    )


def operations(costs: Costs, config: TrainConfig) -> Callable[[Any], float]:
    """Of the model, forward and backward; what checkpointing computes again is none."""
    trains = STAGES[config.stage].trains
    return operations_of(costs, trains, config.lora.rank if "lora" in trains else 0)


def learn_ours(loaded: LoadedModel, config: TrainConfig, chosen: argparse.Namespace) -> Update:
    """gmai's own step: its lesson, its loop, its optimizer."""
    trains = STAGES[config.stage].trains
    costs = read_costs(loaded.model)
    if "lora" in trains:
        add_lora(loaded, config.lora, config.seed)
    free_groups(loaded, trains)
    settle_types(loaded, config)
    loaded.model.train()
    lesson = LanguageLesson(loaded, config, always_see="projector" in trains)
    waiting: list[StepBatch] = []

    def feed(start: int) -> Iterator[StepBatch]:
        while True:
            yield waiting.pop()

    world = World(device=chosen.device)
    meter = Meter(operations(costs, config), chosen.device, 1, chosen.peak)
    steps = config.steps or 1
    course = Course(lesson, feed, Account(0), config, Path(), world, meter, (), "protocol", steps)
    pupil, batches = Pupil(course), feed(0)

    def update(step: int, batch: StepBatch) -> float:
        waiting.append(batch)
        return pupil.step(step, batches).loss

    return update


def learn_theirs(loaded: LoadedModel, config: TrainConfig, chosen: argparse.Namespace) -> Update:
    """The published recipe."""
    trains = STAGES[config.stage].trains
    model = loaded.model
    if "lora" in trains:
        add_lora(loaded, config.lora, config.seed)
    free_groups(loaded, trains)
    model.to(torch.bfloat16).train()
    if hasattr(model, "activation_checkpointing_enable"):
        model.activation_checkpointing_enable({"use_reentrant": False})
    else:  # transformers before it was called so
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    betas = (config.optim.betas[0], config.optim.betas[1])
    optimizer = torch.optim.AdamW(weights, config.optim.lr, betas, weight_decay=config.optim.weight_decay, fused=True)

    def update(step: int, batch: StepBatch) -> float:
        losses = []
        for pack in batch.packs:
            loss = model(**_inputs(loaded, pack, chosen.device), use_cache=False).loss / len(batch.packs)
            loss.backward()
            losses.append(loss.detach())
        torch.nn.utils.clip_grad_norm_(weights, config.optim.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return float(torch.stack(losses).float().sum().item())

    return update


def _inputs(loaded: LoadedModel, pack: Pack, device: str) -> dict[str, torch.Tensor]:
    """One row as transformers' forward takes it."""
    (blocks,) = pack.rows
    tokens = [token for block in blocks for token in block.tokens]
    told = [weight > 0 for block in blocks for weight in block.weights]
    labels = [token if said else -100 for token, said in zip(tokens, told, strict=True)]
    given = {"input_ids": torch.tensor([tokens], device=device), "labels": torch.tensor([labels], device=device)}
    if pack.fitted:
        given["pixel_values"] = loaded.contract.normalise(pack.fitted, device)["pixel_values"].bfloat16()
    return given


def manifest_batches(manifest: Manifest, config: TrainConfig, batch: BatchConfig) -> Iterator[StepBatch]:
    """The steps of one contender."""
    trains = STAGES[config.stage].trains
    rank = config.lora.rank if "lora" in trains else 0
    plan = manifest.plan(batch, config.steps or 1, trains, rank)
    return manifest.batches(plan, batch)
