"""Run in a process of its own: opens a folder as anyone would, and tells what comes of fixed questions.

``python -m gmai.models.witness FOLDER OUT [ADAPTER]`` writes the prompts, a hash of the pixels and the logits to OUT.
"""

from __future__ import annotations

import hashlib
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gmai.models.adapters import ADAPTER_WEIGHTS
from gmai.models.answering import Chat, Prompt, prompt_chat
from gmai.models.loaded import LoadedModel, find_contract, no_bars

if TYPE_CHECKING:
    from torch import Tensor

QUESTION = "Which finding does this picture show?"
SIZES = ((), ((320, 240),), ((96, 200), (224, 224)))
"""Width and height of the pictures of each question."""
_LAST = 4
"""Places at the end of each prompt whose logits are told."""


def fixed_prompts(loaded: LoadedModel) -> Iterator[Prompt]:
    """The questions, as this model's folder spells them."""
    for sizes in SIZES:
        yield prompt_chat(loaded, Chat((QUESTION,), tuple(_picture(*size) for size in sizes)))


def testify(loaded: LoadedModel) -> dict[str, Tensor]:
    """Prompts, pixels' hash and logits of the fixed questions, in float32."""
    import torch

    told: dict[str, Tensor] = {}
    for number, prompt in enumerate(fixed_prompts(loaded)):
        inputs = loaded.inputs([prompt.tokens], prompt.fitted)
        with torch.inference_mode():
            logits = loaded.model(**inputs, use_cache=False, logits_to_keep=_LAST).logits
        told[f"tokens.{number}"] = torch.tensor(prompt.tokens)
        told[f"pixels.{number}"] = _hash(inputs)
        told[f"logits.{number}"] = logits[0, -_LAST:].float().clone()
    return told


def open_plainly(folder: Path, adapter: Path | None = None) -> LoadedModel:
    """Open a folder by transformers alone (and peft), and refuse one of which anything is missing or too much.

    Raises:
        ValueError: such a folder.
    """
    import torch
    from transformers import AutoModelForImageTextToText, AutoTokenizer

    with no_bars():
        model, told = AutoModelForImageTextToText.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", local_files_only=True, output_loading_info=True
        )
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"):
        if told[kind]:
            raise ValueError(f"transformers finds {kind}: {sorted(map(str, told[kind]))[:5]}")
    config = model.config
    if config.tie_word_embeddings and model.get_output_embeddings().weight is not model.get_input_embeddings().weight:
        raise ValueError("the head is not the table of embeddings")
    if adapter is not None:
        _add(model, adapter)
    # What a run exports has its files of words and pictures beside the adapter.
    words = adapter or folder
    tokenizer = AutoTokenizer.from_pretrained(words, local_files_only=True)
    return LoadedModel(model.eval(), tokenizer, find_contract(words, config))


def _add(model: Any, adapter: Path) -> None:
    """Load an adapter with peft, which must find a place for each of its tensors."""
    from peft import PeftModel
    from safetensors import safe_open

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by a name that is going out of use
        wrapped = PeftModel.from_pretrained(model, str(adapter))
    with safe_open(adapter / ADAPTER_WEIGHTS, "pt") as file:
        stored = len(list(file.keys()))
    placed = sum(".lora_" in name for name, _ in wrapped.named_parameters())
    if placed != stored:
        raise ValueError(f"peft places {placed} of the adapter's {stored} tensors")


def _picture(width: int, height: int) -> np.ndarray:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows % 256, columns % 256, (rows * columns) % 256], axis=-1).astype(np.uint8)


def _hash(inputs: dict[str, Tensor]) -> Tensor:
    import torch

    found = hashlib.sha256()
    for name in sorted(set(inputs) - {"input_ids", "attention_mask"}):
        found.update(name.encode() + inputs[name].cpu().contiguous().numpy().tobytes())
    return torch.frombuffer(bytearray(found.digest()), dtype=torch.uint8)


def main(arguments: list[str]) -> int:
    """Testify; see the top of the file."""
    from safetensors.torch import save_file

    folder, out, *adapter = map(Path, arguments)
    try:
        loaded = open_plainly(folder, adapter[0] if adapter else None)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    save_file(testify(loaded), out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
