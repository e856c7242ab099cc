"""Which weights train, where they start from, and the proof that the others did not move."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.distributed.tensor import DTensor

from gmai.base import hash_file, read_json
from gmai.errors import ModelError
from gmai.models import PARTS, LoadedModel, Part, find_model_folder, iter_weights, load_model, part_of, read_contract
from gmai.train.lora import add_lora, is_lora
from gmai.train.parallel import World
from gmai.train.recipe import Group, InitConfig, TrainConfig
from gmai.train.stages import STAGES

Fingerprint = dict[str, str]
_SAMPLE = 256
"""Numbers of each tensor that are looked at after the first step."""


def load_start(init: InitConfig) -> LoadedModel:
    """Load the model as it is stored and replace the parts that come from elsewhere.

    Raises:
        ModelError: a part from a model of other sizes, another tokenizer or another visual contract.
    """
    sources = [init.model, *(path for part in PARTS if (path := getattr(init, part)) is not None)]
    types = {str(start_type(path)).removeprefix("torch.") for path in sources}
    loaded = load_model(init.model, dtype=types.pop() if len(types) == 1 else "float32")
    for part in PARTS:
        source: Path | None = getattr(init, part)
        if source is not None:
            _copy_part(loaded, find_model_folder(init.model), find_model_folder(source), part)
    return loaded


def prepare_start(config: TrainConfig) -> LoadedModel:
    """The model as training begins: its weights loaded, LoRA's added, those of the stage free, each in its type.

    Raises:
        ModelError: see :func:`load_start` and :func:`gmai.train.lora.add_lora`.
    """
    trains = STAGES[config.stage].trains
    loaded = load_start(config.init)
    if "lora" in trains:
        add_lora(loaded, config.lora, config.seed)
    free_groups(loaded, trains)
    settle_types(loaded, config)
    return loaded


def start_type(model: Path) -> torch.dtype:
    """The type of the weights of a model folder."""
    config = read_json(find_model_folder(model) / "config.json")
    name = config.get("dtype") or config.get("torch_dtype") or "float32"
    found: torch.dtype = getattr(torch, name)
    return found


def group_of(name: str) -> Group:
    """The group a weight belongs to: ``lora``, or the part of the model."""
    return "lora" if is_lora(name) else part_of(name)


def free_groups(loaded: LoadedModel, groups: Sequence[Group]) -> None:
    """Let the weights of these groups train and freeze all others."""
    for name, weight in loaded.model.named_parameters():
        weight.requires_grad_(group_of(name) in groups)


def trained_groups(loaded: LoadedModel, heads: torch.nn.Module | None) -> dict[str, dict[str, torch.nn.Parameter]]:
    """Every weight that trains by group and name, those of heads too, in an order that is always the same."""
    groups: dict[str, dict[str, torch.nn.Parameter]] = {}
    for name, weight in loaded.model.named_parameters():
        if weight.requires_grad:
            groups.setdefault(group_of(name), {})[name] = weight
    if heads is not None:
        groups["heads"] = {f"heads.{name}": weight for name, weight in heads.named_parameters()}
    return groups


def settle_types(loaded: LoadedModel, config: TrainConfig) -> None:
    """Keep each weight in the smallest type that the recipe allows.

    Under bf16, frozen tables that are bf16 numbers are kept as such: nothing is lost. Weights that train are float32,
    unless the optimizer rounds by chance.
    """
    by_chance = config.optim.kind == "adamw-bf16-stochastic"
    for weight in loaded.model.parameters():
        if config.precision != "bf16":
            rounded = False
        elif weight.requires_grad:
            rounded = by_chance and (weight.ndim > 1 or config.parallel == "fsdp2")
        else:
            rounded = weight.ndim > 1 and torch.equal(weight.data.bfloat16().float(), weight.data.float())
        weight.data = weight.data.to(torch.bfloat16 if rounded else torch.float32)


def fingerprint(model: Any) -> Fingerprint:
    """Hash of every weight and every saved buffer, by name; tied weights come once."""
    return {name: _hash(tensor) for name, tensor in _tensors(model)}


def sample(model: Any) -> Fingerprint:
    """Hash of a few numbers of every weight and saved buffer; of sharded ones, of this rank's share."""
    return {name: _hash(_few(tensor)) for name, tensor in _tensors(model)}


def check_moved(before: Fingerprint, after: Fingerprint, groups: Sequence[Group]) -> dict[str, dict[str, Any]]:
    """Compare fingerprints; returns per part its tensors, whether it trained, and how many tensors changed.

    Raises:
        ModelError: a frozen tensor changed, or a group that trained did not.
    """
    rows = [*PARTS, *(["lora"] if "lora" in groups else [])]
    table: dict[str, dict[str, Any]] = {row: {"trains": row in groups, "tensors": 0, "changed": 0} for row in rows}
    for name, value in before.items():
        row = table[group_of(name)]
        row["tensors"] += 1
        row["changed"] += after[name] != value
        if after[name] != value and not row["trains"]:
            raise ModelError("a frozen weight changed", where=name, reason="model.frozen")
    for group in groups:
        if group in table and not table[group]["changed"]:
            raise ModelError(f"training changed no weight of {group}", reason="model.unchanged")
    return table


def check_first(loaded: LoadedModel, before: Fingerprint, groups: Sequence[Group], world: World) -> None:
    """The cheap proof after one step, from :func:`sample`.

    Raises:
        ModelError: a frozen tensor changed, or a group that trained did not.
    """
    moved = dict.fromkeys(groups, 0.0)
    for name, value in sample(loaded.model).items():
        group = group_of(name)
        if value == before[name]:
            continue
        if group not in moved:
            raise ModelError("a frozen weight changed in the first step", where=name, reason="model.frozen")
        moved[group] += 1
    for group, count in zip(moved, world.sum(list(moved.values())), strict=True):
        if not count:
            raise ModelError(f"the first step changed no weight of {group}", reason="model.unchanged")


def count_groups(loaded: LoadedModel) -> dict[str, int]:
    """Number of weights of each group; tied weights count once."""
    counts: dict[str, int] = dict.fromkeys(PARTS, 0)
    for name, weight in loaded.model.named_parameters():
        group = group_of(name)
        counts[group] = counts.get(group, 0) + weight.numel()
    return counts


def _tensors(model: Any) -> Iterable[tuple[str, torch.Tensor]]:
    saved = model.state_dict().keys()
    buffers = [(name, buffer) for name, buffer in model.named_buffers() if name in saved]
    return [*model.named_parameters(), *buffers]


def _few(tensor: torch.Tensor) -> torch.Tensor:
    near = (tensor.to_local() if isinstance(tensor, DTensor) else tensor).detach().flatten()
    return near[:: max(1, len(near) // _SAMPLE)]


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
