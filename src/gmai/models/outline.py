"""A model without its weights: config, tokenizer and visual contract, with every layer's shape and no memory for it."""

from __future__ import annotations

from pathlib import Path

from gmai.models.loaded import LoadedModel, find_contract, find_model_folder


def read_outline(folder: Path) -> LoadedModel:
    """Read everything of a model folder but its weights; the model lies on torch's meta device and computes nothing.

    Args:
        folder: see :func:`find_model_folder`; it needs no weights.

    Raises:
        ModelError: no model, one of no known family, or neither visual contract nor picture processor.
    """
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText, AutoTokenizer

    place = find_model_folder(folder)
    config = AutoConfig.from_pretrained(place, local_files_only=True)
    contract = find_contract(place, config)
    with torch.device("meta"):
        model = AutoModelForImageTextToText.from_config(config)
    return LoadedModel(model.eval(), AutoTokenizer.from_pretrained(place, local_files_only=True), contract)
