"""A model ready for use, and the folder it is kept in: a Hugging Face folder plus the visual contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from gmai.base import digest, hash_file, input_key
from gmai.errors import ModelError
from gmai.models.chat import Scaffold, read_scaffold
from gmai.models.contract import VisualContract, read_contract, write_contract

MANY_TOKENS = 64
"""Visual tokens of a picture, each of four patches, from which on ``sdpa`` is faster on a processor."""


@dataclass(frozen=True)
class LoadedModel:
    """A model, its tokenizer and its visual contract."""

    model: Any
    tokenizer: Any
    contract: VisualContract

    @cached_property
    def scaffold(self) -> Scaffold:
        """The fixed pieces of a conversation."""
        return read_scaffold(self.tokenizer, self.contract.tokens_per_image)

    @property
    def device(self) -> str:
        """Where the model's weights are."""
        return str(self.model.device)


def find_model_folder(path: Path) -> Path:
    """The Hugging Face folder of ``path``: itself, or ``model`` inside a run folder.

    Raises:
        ModelError: neither holds a ``config.json``.
    """
    for folder in (path / "model", path):
        if (folder / "config.json").exists():
            return folder
    fix = "give a folder made by `gmai model` or `gmai train`, or a Hugging Face model folder"
    raise ModelError("no model here", where=str(path), fix=fix, reason="model.missing")


def model_key(path: Path) -> str:
    """Content hash of a model: that of its finished run, or of the folder's files.

    Raises:
        ConfigError: the run that makes it has not finished.
    """
    if (path / "run.json").exists():
        return input_key(path)
    folder = find_model_folder(path)
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return digest({file.relative_to(folder).as_posix(): hash_file(file) for file in files})


def load_model(folder: Path, device: str = "cpu", attention: str = "") -> LoadedModel:
    """Load a model folder or the model of a run.

    Args:
        folder: see :func:`find_model_folder`.
        device: a torch device.
        attention: ``eager`` or ``sdpa``, both of which take our additive masks; by default the faster one.

    Raises:
        ModelError: no model, no contract, or a contract that is not this model's.
    """
    import torch
    from transformers import AutoModelForImageTextToText, AutoTokenizer

    place = find_model_folder(folder)
    contract = read_contract(place)
    with _no_bars():
        model = AutoModelForImageTextToText.from_pretrained(
            place,
            dtype=torch.float32,
            attn_implementation=attention or faster_attention(contract, device),
            local_files_only=True,
        )
    stated = getattr(model.config, "image_seq_length", None)
    if stated != contract.tokens_per_image:
        what = f"the contract says {contract.tokens_per_image} visual tokens per picture, the model {stated}"
        raise ModelError(what, where=str(place), reason="model.contract")
    tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=True)
    return LoadedModel(model.to(device).eval(), tokenizer, contract)


def faster_attention(contract: VisualContract, device: str) -> str:
    """``eager`` for few visual tokens on a processor; elsewhere ``sdpa``, which holds no table of all pairs."""
    return "eager" if device == "cpu" and contract.tokens_per_image < MANY_TOKENS else "sdpa"


def save_model(loaded: LoadedModel, folder: Path) -> None:
    """Write the model as a Hugging Face folder that transformers opens as it is, with the visual contract beside."""
    folder.mkdir(parents=True, exist_ok=True)
    with _no_bars():
        loaded.model.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)
    write_contract(loaded.contract, folder)


@contextmanager
def _no_bars() -> Iterator[None]:
    """Keep transformers from drawing progress bars of its own."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
