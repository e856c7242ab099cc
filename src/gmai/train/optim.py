"""Which optimizer, at which rate for which group of weights, and how large a gradient may be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import torch
from torch.distributed.tensor import DTensor

from gmai.errors import ConfigError
from gmai.train.adamw import PiecewiseAdamW, zeros_beside
from gmai.train.eight_bit import EightBitAdamW
from gmai.train.parallel import World
from gmai.train.recipe import OptimConfig
from gmai.train.stochastic import StochasticAdamW

Groups = Mapping[str, Mapping[str, torch.nn.Parameter]]
"""Group name to its trained weights by name."""

_SMALL: dict[str, type[PiecewiseAdamW]] = {"adamw8bit": EightBitAdamW, "adamw-bf16-stochastic": StochasticAdamW}


def build_optimizer(config: OptimConfig, groups: Groups, seed: int) -> torch.optim.Optimizer:
    """Make the optimizer; its state is there before the first step, so that a checkpoint can be read into it.

    Raises:
        ConfigError: a rate for a group that does not train.
    """
    unknown = sorted(set(config.rates) - set(groups))
    if unknown:
        what = f"no weights of {', '.join(unknown)} train in this stage"
        raise ConfigError(what, where="optim.rates", fix=f"give rates to {', '.join(groups)}")
    chosen = [{"params": list(weights.values()), "name": name} for name, weights in groups.items()]
    if config.kind == "adamw":
        plain = torch.optim.AdamW(
            chosen, lr=config.lr, betas=config.betas, weight_decay=config.weight_decay, fused=True
        )
        for weight in _weights(plain):
            zeros = {name: zeros_beside(weight, weight.dtype) for name in ("exp_avg", "exp_avg_sq")}
            plain.state[weight] = {"step": torch.zeros((), device=weight.device), **zeros}
        return plain
    small = _SMALL[config.kind](chosen, config.betas, config.weight_decay)
    if isinstance(small, StochasticAdamW):
        small.seed = seed
    for weight in _weights(small):
        small.state[weight] = small.new_state(weight)
    return small


def optimizer_tensors(optimizer: torch.optim.Optimizer, groups: Groups) -> dict[str, dict[str, torch.Tensor]]:
    """The optimizer's state by the names of the weights; the tensors themselves, to be written or read into."""
    named = {name: weight for weights in groups.values() for name, weight in weights.items()}
    return {name: dict(optimizer.state[weight]) for name, weight in named.items()}


def learning_rate(config: OptimConfig, step: int, steps: int) -> float:
    """Rate of a step counted from 0: linear warm-up, then half a cosine down to ``final_share`` of ``lr``."""
    return config.lr * _share(config, step, steps)


def set_rates(optimizer: torch.optim.Optimizer, config: OptimConfig, step: int, steps: int) -> dict[str, float]:
    """Give each group its rate for a step; returns them by group."""
    share = _share(config, step, steps)
    for group in optimizer.param_groups:
        group["lr"] = config.rates.get(group["name"], config.lr) * share
    return {group["name"]: group["lr"] for group in optimizer.param_groups}


def clip_gradients(weights: Iterable[torch.nn.Parameter], largest: float, world: World) -> float:
    """Scale all gradients together so that their norm is at most ``largest``; returns the norm before."""
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    near = [gradient.to_local() if isinstance(gradient, DTensor) else gradient for gradient in gradients]
    squares = [torch.linalg.vector_norm(gradient, dtype=torch.float32).square() for gradient in near]
    total = torch.stack(squares).sum().item() if squares else 0.0
    if any(isinstance(gradient, DTensor) for gradient in gradients):
        (total,) = world.sum([total])
    norm = math.sqrt(total) if total >= 0 else total
    if norm > largest:
        for gradient in near:
            gradient.mul_(largest / (norm + 1e-6))
    return norm


def _weights(optimizer: torch.optim.Optimizer) -> Iterable[torch.nn.Parameter]:
    return (weight for group in optimizer.param_groups for weight in group["params"])


def _share(config: OptimConfig, step: int, steps: int) -> float:
    rise = round(config.warmup_share * steps) if config.warmup_share else config.warmup_steps
    if step < rise:
        return (step + 1) / rise
    way = (step - rise) / max(1, steps - rise)
    return config.final_share + (1 - config.final_share) * 0.5 * (1 + math.cos(math.pi * way))
