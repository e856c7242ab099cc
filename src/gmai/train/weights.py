"""Which weights train, where they start from, and the proof that the others did not move."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from gmai.base import hash_file
from gmai.errors import ModelError
from gmai.models import PARTS, LoadedModel, Part, find_model_folder, iter_weights, load_model, part_of, read_contract
from gmai.train.recipe import InitConfig

Fingerprint = dict[str, str]


def load_start(init: InitConfig) -> LoadedModel:
    """Load the model and replace the parts that come from elsewhere.

    Raises:
        ModelError: a part from a model of other sizes, another tokenizer or another visual contract.
    """
    loaded = load_model(init.model)
    for part in PARTS:
        source: Path | None = getattr(init, part)
        if source is not None:
            _copy_part(loaded, find_model_folder(init.model), find_model_folder(source), part)
    return loaded


def free_parts(model: Any, parts: Sequence[Part]) -> dict[str, torch.nn.Parameter]:
    """Let the weights of these parts train and freeze all others; returns the former by name."""
    model.requires_grad_(False)
    weights: dict[str, torch.nn.Parameter] = dict(iter_weights(model, parts))
    for weight in weights.values():
        weight.requires_grad_(True)
    return weights


def fingerprint(model: Any) -> Fingerprint:
    """Hash of every weight and every saved buffer, by name; tied weights come once."""
    saved = model.state_dict().keys()
    buffers = [(name, buffer) for name, buffer in model.named_buffers() if name in saved]
    return {name: _hash(tensor) for name, tensor in [*model.named_parameters(), *buffers]}


def check_moved(before: Fingerprint, after: Fingerprint, parts: Sequence[Part]) -> dict[str, dict[str, Any]]:
    """Compare fingerprints; returns per part its tensors, whether it trained, and how many tensors changed.

    Raises:
        ModelError: a frozen tensor changed, or a part that trained did not.
    """
    table: dict[str, dict[str, Any]] = {part: {"trains": part in parts, "tensors": 0, "changed": 0} for part in PARTS}
    for name, value in before.items():
        row = table[part_of(name)]
        row["tensors"] += 1
        row["changed"] += after[name] != value
        if after[name] != value and not row["trains"]:
            raise ModelError("a frozen weight changed", where=name, reason="model.frozen")
    for part in parts:
        if not table[part]["changed"]:
            raise ModelError(f"training changed no weight of {part}", reason="model.unchanged")
    return table


def _copy_part(loaded: LoadedModel, own: Path, other: Path, part: Part) -> None:
    if read_contract(other) != loaded.contract:
        raise ModelError("the visual contract is another one", where=str(other), reason="model.contract")
    if hash_file(own / "tokenizer.json") != hash_file(other / "tokenizer.json"):
        raise ModelError("the tokenizer is another one", where=str(other), reason="model.tokenizer")
    theirs = dict(iter_weights(load_model(other).model, [part]))
    ours = dict(iter_weights(loaded.model, [part]))
    if {name: weight.shape for name, weight in theirs.items()} != {name: weight.shape for name, weight in ours.items()}:
        raise ModelError(f"the {part} part has other sizes", where=str(other), reason="model.shape")
    with torch.no_grad():
        for name, weight in ours.items():
            weight.copy_(theirs[name])


def _hash(tensor: torch.Tensor) -> str:
    data = tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()
    return hashlib.blake2b(data.tobytes(), digest_size=16).hexdigest()
