"""LoRA adapters on disk, as peft writes them: products of two small matrices, each added to one weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gmai.base import read_json
from gmai.errors import ModelError
from gmai.models.weights import plain_name

if TYPE_CHECKING:
    from torch import Tensor

ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_UNKNOWN = ("use_dora", "use_qalora", "fan_in_fan_out", "rank_pattern", "alpha_pattern", "modules_to_save")
"""Settings of peft that change what a product is."""


@dataclass(frozen=True)
class Adapter:
    """Pairs of matrices by the weight they are added to."""

    folder: Path
    pairs: dict[str, tuple[Tensor, Tensor]]
    scale: float

    def cast(self, dtype: Any) -> Adapter:
        """The adapter with its numbers as coarse as ``dtype`` has them."""
        pairs = {name: (down.to(dtype), up.to(dtype)) for name, (down, up) in self.pairs.items()}
        return Adapter(self.folder, pairs, self.scale)

    def product(self, name: str) -> Tensor:
        """What is added to a weight, in float32."""
        down, up = self.pairs[name]
        return self.scale * (up.float() @ down.float())

    def check_places(self, shapes: Mapping[str, Sequence[int]], reason: str) -> None:
        """Every pair must have a weight that it fits.

        Args:
            shapes: of a model's weights.
            reason: slug of the error.

        Raises:
            ModelError: one has none.
        """
        for name, (down, up) in self.pairs.items():
            if tuple(shapes.get(name, ())) != (up.shape[0], down.shape[1]):
                what = "a pair of the adapter has no weight that it could be added to"
                raise ModelError(what, where=name, reason=reason)


def read_adapter(folder: Path) -> Adapter:
    """Read an adapter.

    Raises:
        ModelError: there is none, half a pair, or something that is no pair of LoRA's.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not (folder / ADAPTER_CONFIG).exists():
        raise ModelError("no adapter here", where=str(folder), reason="model.adapter")
    config: dict[str, Any] = read_json(folder / ADAPTER_CONFIG)
    if strange := [name for name in _UNKNOWN if config.get(name)]:
        raise ModelError(f"the adapter has {', '.join(strange)}", where=str(folder), reason="model.adapter")
    try:
        weights = load_file(folder / ADAPTER_WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"no weights of an adapter: {error}", where=str(folder), reason="model.adapter") from None
    halves: dict[str, dict[str, Tensor]] = {}
    for name, weight in weights.items():
        layer, found, _ = name.removeprefix("base_model.model.").partition(".lora_")
        if not found or not name.endswith((".lora_A.weight", ".lora_B.weight")):
            raise ModelError("no half of a LoRA pair", where=name, reason="model.adapter")
        halves.setdefault(f"{plain_name(layer)}.weight", {})[name.removesuffix(".weight")[-1]] = weight
    for name, pair in halves.items():
        if len(pair) != 2 or pair["A"].shape[0] != pair["B"].shape[1]:
            raise ModelError("half a LoRA pair, or two that do not fit", where=name, reason="model.adapter")
    rank = float(config["r"]) ** (0.5 if config.get("use_rslora") else 1.0)
    pairs = {name: (pair["A"], pair["B"]) for name, pair in halves.items()}
    return Adapter(folder, pairs, float(config["lora_alpha"]) / rank)


def merge_adapter(model: Any, adapter: Adapter) -> None:
    """Add an adapter's products to the weights of a plain model, in float32; weights keep their type.

    Raises:
        ModelError: a pair has no weight that it fits.
    """
    import torch

    own = dict(model.named_parameters())
    adapter.check_places({name: weight.shape for name, weight in own.items()}, "model.adapter")
    with torch.no_grad():
        for name in adapter.pairs:
            own[name].copy_(own[name].float() + adapter.product(name).to(own[name].device))
