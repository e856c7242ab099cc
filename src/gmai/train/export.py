"""From trained weights to the folder that others open: gathered, merged, written, and read again to prove it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.distributed.tensor import DTensor

from gmai.errors import ModelError
from gmai.models import LoadedModel, load_model, save_model
from gmai.train.lora import is_lora, merge_adapter, write_adapter
from gmai.train.parallel import World
from gmai.train.recipe import TrainConfig
from gmai.train.weights import fingerprint, load_start, prepare_start, start_type

_PROBE = 16
"""Tokens of the text that a reloaded model is held to."""


def gather_weights(model: Any, world: World) -> dict[str, torch.Tensor]:
    """Every weight and saved buffer, whole, on the processor of the process that writes; empty elsewhere."""
    whole = {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        near = tensor.detach()
        full = near.full_tensor() if isinstance(near, DTensor) else near
        if world.leads:
            whole[name] = full.cpu()
    return whole


def as_plain(loaded: LoadedModel, config: TrainConfig, world: World) -> LoadedModel | None:
    """The trained model in one piece, in evaluation mode; None where this process does not write."""
    if not any(isinstance(weight, DTensor) for weight in loaded.model.parameters()):
        loaded.model.to("cpu").eval()
        return loaded if world.leads else None
    whole = gather_weights(loaded.model, world)
    if not world.leads:
        return None
    plain = prepare_start(config)
    plain.model.load_state_dict(whole)
    return plain


def write_model(trained: LoadedModel, config: TrainConfig, folder: Path) -> None:
    """Write ``model`` and, of LoRA, ``adapter``; the type of weights is that of the model training started from.

    Raises:
        ModelError: what was written does not read as what was meant.
    """
    lora = {name: weight for name, weight in trained.model.named_parameters() if is_lora(name)}
    if lora:
        write_adapter(trained.model, lora, folder / "adapter")
        plain = load_start(config.init)
        merge_adapter(plain, folder / "adapter")
    else:
        plain = trained
    plain.model.to(start_type(config.init.model))
    save_model(plain, folder / "model")
    _check_written(plain, folder / "model")


def _check_written(meant: LoadedModel, folder: Path) -> None:
    read = load_model(folder)
    read.model.to(next(meant.model.parameters()).dtype)
    if fingerprint(read.model) != fingerprint(meant.model):
        raise ModelError("the written weights are not those in memory", where=str(folder), reason="model.written")
    if not torch.equal(_probe(read), _probe(meant)):
        raise ModelError("the written model computes other numbers", where=str(folder), reason="model.written")


def _probe(loaded: LoadedModel) -> torch.Tensor:
    vocabulary = loaded.model.get_input_embeddings().weight.shape[0]
    tokens_BT = (torch.arange(_PROBE)[None] * 7919 + 1) % vocabulary
    tokens_BT[tokens_BT == loaded.scaffold.image] = loaded.scaffold.end
    loaded.model.eval().set_attn_implementation("eager")
    with torch.inference_mode():
        result: torch.Tensor = loaded.model(input_ids=tokens_BT, use_cache=False).logits
    return result
