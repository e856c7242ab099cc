"""The proof that packing changes nothing: a user's own model and rows, packed beside one conversation at a time.

Three things are held: the logits of every predicted token and its loss are those of transformers' own forward on the
conversation alone; so is the gradient; and a conversation does not feel a change in another one, be it of the same
picture or of another row.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cosine_similarity, cross_entropy

from gmai.base import digest, from_dict, read_json, to_dict, write_json
from gmai.errors import ModelError
from gmai.models import (
    Block,
    Fitted,
    LoadedModel,
    PackedBatch,
    Precision,
    autocast,
    find_kernel,
    hidden_states,
    picture_features,
)
from gmai.train.watching import CheckConfig
from gmai.types import record

MOST_NUMBERS = 1 << 24
"""Gradients are compared over trained tensors of at most so many numbers, evenly chosen."""


_LIMITS: dict[Precision, dict[str, float]] = {
    "fp32": {"logits": 1e-4, "cosine": 0.9999, "isolation": 1e-5},
    "bf16": {"logits": 0.03, "cosine": 0.99, "isolation": 0.01},
}


@record
class Held:
    """One thing that was measured and the limit it is held to."""

    name: str
    value: float
    limit: float
    least: bool = False
    """The limit is the smallest allowed, not the largest."""

    @property
    def good(self) -> bool:
        """Whether it is within the limit; what is no number is not."""
        return self.value >= self.limit if self.least else self.value <= self.limit


@record
class Proof:
    """What was proved, on what."""

    key: str
    """Hash of model architecture, contract, precision and environment."""
    device: str
    attention: str
    """The way attention was computed."""
    precision: Precision
    rows: int
    conversations: int
    tokens: int
    pictures: int
    found: tuple[Held, ...]

    @property
    def good(self) -> bool:
        """Whether everything is within its limit."""
        return all(one.good for one in self.found)


def prove_packing(
    loaded: LoadedModel,
    rows: Sequence[Sequence[Block]],
    fitted: Sequence[Fitted],
    precision: Precision,
    config: CheckConfig | None = None,
) -> Proof:
    """Compute rows packed and one conversation at a time, and compare.

    Args:
        loaded: the model, on the device it will train on; its weights and gradients stay as they are.
        rows: as they are trained on; gaps are closed.
        fitted: the pictures of all rows, in order.
        precision: as in training.
        config: limits.
    """
    config = config or CheckConfig()
    closed = [[replace(block, gap=0) for block in row] for row in rows]
    pictures = share_out(closed, fitted)
    training = loaded.model.training
    loaded.model.eval()
    try:
        with kept_random(loaded.device):
            found = _compare(loaded, closed, pictures, precision, config)
    finally:
        loaded.model.train(training)
    return Proof(
        key=proof_key(loaded, precision),
        device=_device_name(loaded.device),
        attention=_attention_name(loaded.device, precision),
        precision=precision,
        rows=len(rows),
        conversations=sum(len(_leaves(row)) for row in closed),
        tokens=sum(len(block.tokens) for row in closed for block in row),
        pictures=len(fitted),
        found=found,
    )


def kept_random(device: str) -> AbstractContextManager[None]:
    """Give random numbers back as they were: on the processor, and on the device if it is another."""
    return torch.random.fork_rng(devices=[device] if device.startswith("cuda") else [])  # type: ignore[no-any-return]


def check_proof(proof: Proof) -> None:
    """Refuse to go on where packing changes what is computed.

    Raises:
        ModelError: a measurement beyond its limit.
    """
    bad = [f"{one.name} {one.value:.3g}, allowed {one.limit:g}" for one in proof.found if not one.good]
    if bad:
        fix = "see `gmai train RECIPE --check`; --set check.at_start=false trains all the same"
        raise ModelError(f"packed rows are not what single ones are: {'; '.join(bad)}", fix=fix, reason="train.packing")


def proof_key(loaded: LoadedModel, precision: Precision) -> str:
    """Hash of everything a proof depends on but the rows."""
    import transformers

    config = {name: value for name, value in loaded.model.config.to_dict().items() if not name.startswith("_")}
    return digest(
        {
            "model": digest({"config": str(sorted(config.items(), key=lambda item: item[0]))}),
            "contract": loaded.contract.hash,
            "precision": precision,
            "trains": sorted({name.split(".")[1] for name, w in loaded.model.named_parameters() if w.requires_grad}),
            "device": _device_name(loaded.device),
            "versions": [torch.__version__, transformers.__version__, platform.machine()],
        }
    )


def read_proof(folder: Path, key: str) -> Proof | None:
    """A proof made earlier, if it held."""
    path = folder / f"proof-{key[:16]}.json"
    if not path.exists():
        return None
    proof = from_dict(Proof, read_json(path), where=str(path))
    return proof if proof.key == key and proof.good else None


def write_proof(folder: Path, proof: Proof) -> None:
    """Keep a proof for the next run."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / f"proof-{proof.key[:16]}.json", to_dict(proof))


def _compare(
    loaded: LoadedModel,
    rows: Sequence[Sequence[Block]],
    pictures: Sequence[Sequence[Fitted]],
    precision: Precision,
    config: CheckConfig,
) -> tuple[Held, ...]:
    limits = {name: getattr(config, name) or limit for name, limit in _LIMITS[precision].items()}
    batch = loaded.pack(rows).to(loaded.device)
    weights = _some_weights(loaded.model)
    packed = _packed_logits(loaded, batch, pictures, precision)
    losses = cross_entropy(packed, batch.target_N, reduction="none")
    together = _gradient(losses @ batch.weight_N, weights)
    packed, losses = packed.detach(), losses.detach()
    alone, alone_losses, sums = [], [], [torch.zeros_like(weight) for weight in weights]
    for logits, target, weight in _one_by_one(loaded, rows, pictures, precision):
        single = cross_entropy(logits, target, reduction="none")
        for total, part in zip(sums, _gradient(single @ weight, weights), strict=True):
            total += part
        alone.append(logits.detach())
        alone_losses.append(single.detach())
    expected = torch.cat(alone)
    scale = max(1.0, float(expected.abs().max()))
    difference = float((packed - expected).abs().max()) / scale
    loss = float((losses - torch.cat(alone_losses)).abs().max())
    found = [
        Held(name="logits, largest difference", value=difference, limit=limits["logits"]),
        Held(name="losses, largest difference", value=loss / scale, limit=2 * limits["logits"]),
    ]
    flat = [torch.cat([part.flatten().double() for part in parts]) for parts in (together, sums) if parts]
    if any(part.any() for part in flat):
        cosine = float(cosine_similarity(*flat, dim=0))
        found.append(Held(name="gradients, cosine", value=cosine, limit=limits["cosine"], least=True))
    moved = _isolation(loaded, rows, pictures, precision, packed) / scale
    return (*found, Held(name="isolation, change by a change elsewhere", value=moved, limit=limits["isolation"]))


def _isolation(
    loaded: LoadedModel,
    rows: Sequence[Sequence[Block]],
    pictures: Sequence[Sequence[Fitted]],
    precision: Precision,
    before: torch.Tensor,
) -> float:
    """Change every other conversation, then every other row; the largest change of a logit of those left alone."""
    largest = 0.0
    for turn in (0, 1):
        changed, kept, place = [], [], 0
        for number, row in enumerate(rows):
            fresh = list(row)
            for order, leaf in enumerate(_leaves(row)):
                hit = (number if turn else order) % 2 == 1
                if hit:
                    fresh[leaf] = _shifted(row[leaf])
                count = sum(weight > 0 for weight in row[leaf].weights)
                kept += [] if hit else list(range(place, place + count))
                place += count
            changed.append(fresh)
        if len(kept) == place:
            continue
        with torch.no_grad():
            after = _packed_logits(loaded, loaded.pack(changed).to(loaded.device), pictures, precision)
        largest = max(largest, float((after - before)[kept].abs().max()))
    return largest


def _shifted(block: Block) -> Block:
    """The same tokens in another order: as many, none of them new, so nothing special appears."""
    half = len(block.tokens) // 2
    return replace(block, tokens=(*block.tokens[half:], *block.tokens[:half]))


def _packed_logits(
    loaded: LoadedModel, batch: PackedBatch, pictures: Sequence[Sequence[Fitted]], precision: Precision
) -> torch.Tensor:
    """Float32 logits at every predicted place, in the order of rows and conversations."""
    together = [picture for row in pictures for picture in row]
    features = None
    if together:
        inputs = {name: value.to(loaded.device) for name, value in loaded.contract.normalise(together).items()}
        features = picture_features(loaded.model, inputs, precision)
    states = hidden_states(loaded.model, batch, features, precision)
    return _head(loaded, states.reshape(-1, states.shape[-1])[batch.where_N], precision)


def _one_by_one(
    loaded: LoadedModel, rows: Sequence[Sequence[Block]], pictures: Sequence[Sequence[Fitted]], precision: Precision
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Of each conversation its logits, targets and weights, by transformers' own forward."""
    for row, shown in zip(rows, pictures, strict=True):
        for leaf in _leaves(row):
            above = _above(row, leaf)
            tokens = [token for block in above for token in row[block].tokens]
            weights = [weight for block in above for weight in row[block].weights]
            given = {name: value.to(loaded.device) for name, value in loaded.inputs([tokens], list(shown)).items()}
            with autocast(loaded.device, precision):
                states = loaded.model.model(**given, use_cache=False).last_hidden_state[0]
            chosen = torch.tensor([place for place, weight in enumerate(weights) if weight > 0], device=loaded.device)
            logits = _head(loaded, states[chosen - 1], precision)
            kept = torch.tensor([weight for weight in weights if weight > 0], device=loaded.device)
            yield logits, torch.tensor(tokens, device=loaded.device)[chosen], kept


def _head(loaded: LoadedModel, states: torch.Tensor, precision: Precision) -> torch.Tensor:
    head = loaded.model.lm_head
    with autocast(loaded.device, precision if states.device.type == "cuda" else "fp32"):
        logits: torch.Tensor = head(states.to(head.weight.dtype))
    return logits.float()


def _gradient(loss: torch.Tensor, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    if not loss.requires_grad:  # such as text alone, where only the projector trains
        return [torch.zeros_like(weight) for weight in weights]
    found = torch.autograd.grad(loss, weights, allow_unused=True)
    return [torch.zeros_like(w) if part is None else part for w, part in zip(weights, found, strict=True)]


def _some_weights(model: Any) -> list[torch.Tensor]:
    """Trained tensors, evenly chosen, of at most :data:`MOST_NUMBERS` numbers (or the smallest one)."""
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    step = 1
    while trained and sum(weight.numel() for weight in trained[::step]) > MOST_NUMBERS and step < len(trained):
        step += 1
    chosen = trained[::step]
    return chosen if len(chosen) > 1 or len(trained) < 2 else [min(trained, key=torch.Tensor.numel)]


def share_out(rows: Sequence[Sequence[Block]], fitted: Sequence[Fitted]) -> list[list[Fitted]]:
    """The pictures of each row."""
    left = iter(fitted)
    shared = [[next(left) for block in row for _ in block.pictures] for row in rows]
    if next(left, None) is not None:
        raise ValueError("more pictures than the rows have")
    return shared


def _leaves(row: Sequence[Block]) -> list[int]:
    parents = {block.parent for block in row}
    return [place for place, block in enumerate(row) if place not in parents and any(w > 0 for w in block.weights)]


def _above(row: Sequence[Block], leaf: int) -> list[int]:
    """The blocks from the root to a leaf."""
    path = [leaf]
    while row[path[0]].parent >= 0:
        path.insert(0, row[path[0]].parent)
    return path


def _device_name(device: str) -> str:
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else "cpu"


def _attention_name(device: str, precision: Precision) -> str:
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    return str(find_kernel(device.partition(":")[0], dtype).__name__)
