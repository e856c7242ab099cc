"""How much memory a run will take on each device: an estimate by formula, from sizes alone.

- Weights: those that train as the optimizer keeps them (float32, or bfloat16 where it rounds by chance), frozen tables
  in bfloat16 where the run computes in it. Under ``ddp`` and in one process, bfloat16 copies of float32 weights are
  held while a pack is computed.
- Gradients in the type of their weights; the optimizer's state: 8 bytes a trained weight (``adamw``), 2
  (``adamw8bit``), 4 (``adamw-bf16-stochastic``). ``fsdp2`` divides weights, gradients and state by the number of
  devices, and holds two layers whole.
- Activations of one pack, where gradients come through: for each token and layer the states that the way back needs.
  With checkpointing, what goes into each layer and the inside of one layer. Of the head, one chunk of logits.

What is left out: the framework itself (0.5 to 1 GiB on a GPU), fragments, buffers of communication.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from gmai.models import Work
from gmai.train.recipe import TrainConfig
from gmai.types import record

STATE_BYTES = {"adamw": 8.0, "adamw8bit": 2.04, "adamw-bf16-stochastic": 4.0}
"""Bytes of an optimizer's state for each trained weight."""
CHUNK = 1024
"""Predictions whose logits are held at once."""


@record
class MemoryEstimate:
    """Gibibytes on each device."""

    weights: float
    gradients: float
    optimizer: float
    activations: float

    @property
    def total(self) -> float:
        """All together."""
        return self.weights + self.gradients + self.optimizer + self.activations


def estimate_memory(
    model: Any, config: TrainConfig, parameters: Mapping[str, int], trained: Mapping[str, int], pack: Work, devices: int
) -> MemoryEstimate:
    """Estimate a run's memory.

    Args:
        model: may lie on the meta device.
        config: the recipe.
        parameters: number of weights by part.
        trained: number of weights that train, by group.
        pack: the largest pack.
        devices: how many share the work.
    """
    low = config.precision == "bf16"
    by_chance = config.optim.kind == "adamw-bf16-stochastic"
    learns = sum(trained.values())
    frozen = sum(parameters.values()) - sum(count for name, count in trained.items() if name in parameters)
    kept = learns * (2 if by_chance else 4) + frozen * (2 if low else 4)
    gradients = learns * (2 if by_chance else 4)
    state = learns * STATE_BYTES[config.optim.kind]
    share = devices if config.parallel == "fsdp2" else 1
    largest = _largest_layer(model)
    if share > 1:
        copies = 2 * largest * (2 if low else 4)
    else:
        copies = 2 * learns if low and not by_chance else 0
    activations = _activations(model, config, set(trained), pack)
    return MemoryEstimate(
        weights=_gib(kept / share + copies),
        gradients=_gib(gradients / share),
        optimizer=_gib(state / share),
        activations=_gib(activations),
    )


def _activations(model: Any, config: TrainConfig, trains: Collection[str], pack: Work) -> float:
    low = config.precision == "bf16"
    stream = 2 if low and (config.parallel == "fsdp2" or config.optim.kind == "adamw-bf16-stochastic") else 4
    text, vision = model.config.get_text_config(), model.config.vision_config
    width, layers = text.hidden_size, text.num_hidden_layers
    head = getattr(text, "head_dim", None) or width // text.num_attention_heads
    keys = (getattr(text, "num_key_value_heads", None) or text.num_attention_heads) * head
    inside = _layer_bytes(width, text.num_attention_heads * head, keys, 4 * text.intermediate_size, stream, low)
    needed = pack.tokens * _kept(layers, inside, width * stream, config)
    vision_layers = getattr(vision, "num_hidden_layers", None) or vision.depth
    side = vision.hidden_size
    inside = _layer_bytes(side, side, side, 2 * vision.intermediate_size, stream, low)
    if "vision" in trains:
        needed += pack.rows * _kept(vision_layers, inside, side * stream, config)
    else:
        needed = max(needed, pack.rows * inside)
    logits = min(CHUNK, max(pack.labels, 1)) * text.vocab_size * 4 * 3
    return needed + float(logits)


def _kept(layers: int, inside: float, entry: float, config: TrainConfig) -> float:
    """Bytes a row leaves behind for the way back."""
    return layers * entry + inside if config.scale.gradient_checkpointing else layers * inside


def _layer_bytes(width: int, queries: int, keys: int, mlp: int, stream: int, low: bool) -> float:
    """Bytes a row leaves in one layer: both norms' inputs and results, queries, keys, values, answers, the MLP."""
    number = 2 if low else 4
    norms = 2 * width * (stream + number)
    return norms + number * (2 * queries + 2 * keys + mlp) + 2 * width * number


def _largest_layer(model: Any) -> int:
    sizes = [
        sum(weight.numel() for weight in module.parameters())
        for name, module in model.named_modules()
        if name.rsplit(".", 1)[-1].isdigit()
    ]
    return max(sizes, default=0)


def _gib(size: float) -> float:
    return round(size / 2**30, 4)
