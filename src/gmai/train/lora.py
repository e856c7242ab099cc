"""LoRA: low-rank weights beside the linear layers of the language model, kept apart and merged at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gmai.errors import MissingExtra, ModelError
from gmai.models import LoadedModel, read_adapter
from gmai.models import merge_adapter as add_products
from gmai.train.recipe import LoraConfig

ADAPTER = "default"


def add_lora(loaded: LoadedModel, config: LoraConfig, seed: int) -> None:
    """Put low-rank weights into the model; it computes what it did until they are trained.

    Raises:
        MissingExtra: peft is not installed.
        ModelError: no linear layer of the language model was found.
    """
    import torch

    peft = _peft()
    settings = peft.LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules=loaded.family.lora_targets,
        bias="none",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        peft.inject_adapter_in_model(settings, loaded.model, adapter_name=ADAPTER)
    names = [name for name, _ in loaded.model.named_parameters() if is_lora(name)]
    if not names:
        raise ModelError(f"no layer is called {loaded.family.lora_targets}", reason="model.lora")


def is_lora(name: str) -> bool:
    """True for a weight that LoRA added."""
    return ".lora_" in name


def write_adapter(model: Any, weights: dict[str, Any], folder: Path) -> None:
    """Write LoRA's weights as peft reads them.

    Args:
        model: the model that holds the adapter.
        weights: LoRA's weights, whole, by their names in the model.
        folder: where to write.
    """
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = model.peft_config[ADAPTER]
    config.base_model_name_or_path = None  # a path of this machine; the run's inputs tell the model by its content
    config.inference_mode = True
    config.save_pretrained(str(folder))
    named = {f"base_model.model.{name.replace(f'.{ADAPTER}.', '.')}": weight for name, weight in weights.items()}
    save_file({name: weight.contiguous() for name, weight in named.items()}, folder / "adapter_model.safetensors")


def merge_adapter(loaded: LoadedModel, folder: Path) -> None:
    """Add an adapter's products to the weights of a plain model, in float32, and keep their type."""
    add_products(loaded.model, read_adapter(folder))


def _peft() -> Any:
    try:
        import peft
    except ImportError:
        raise MissingExtra("LoRA needs peft", fix="pip install 'gmai[train]'") from None
    return peft
