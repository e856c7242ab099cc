"""A model ready for use, and the folder it is kept in: a Hugging Face folder plus the visual contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gmai.base import digest, hash_file, input_key, write_json
from gmai.errors import ModelError
from gmai.models.chat import Scaffold, read_scaffold
from gmai.models.contract import CONTRACT_FILE, VisualContract, read_contract, write_contract
from gmai.models.families import family_of, find_family
from gmai.models.families.family import Family
from gmai.models.families.processors import find_processor
from gmai.models.fitting import Fitted, Picture
from gmai.models.layouts import PictureLayout

if TYPE_CHECKING:
    from torch import Tensor

    from gmai.models.packed import PackedBatch
    from gmai.models.tree import Block, TreeBatch

MANY_TOKENS = 64
"""Visual tokens of a picture, each of four patches, from which on ``sdpa`` is faster on a processor."""


@dataclass(frozen=True)
class LoadedModel:
    """A model, its tokenizer and its visual contract."""

    model: Any
    tokenizer: Any
    contract: VisualContract

    @cached_property
    def family(self) -> Family:
        """The model's family."""
        return family_of(self.model)

    @cached_property
    def scaffold(self) -> Scaffold:
        """The fixed pieces of a conversation."""
        return read_scaffold(self.tokenizer, self.family.spelling(self.tokenizer))

    @property
    def device(self) -> str:
        """Where the model's weights are."""
        return str(self.model.device)

    @property
    def pad(self) -> int:
        """The token that fills shorter rows."""
        pad = self.tokenizer.pad_token_id
        return int(self.scaffold.end if pad is None else pad)

    @property
    def context(self) -> int:
        """Most tokens of a row."""
        return int(self.model.config.get_text_config().max_position_embeddings)

    def layouts(self, pictures: Sequence[Picture]) -> tuple[PictureLayout, ...]:
        """What the pictures of one row take."""
        sizes = (picture.shape[:2] for picture in pictures)
        return tuple(self.contract.layout(width, height, len(pictures)) for height, width in sizes)

    def prefix(self, layouts: Sequence[PictureLayout] = ()) -> Block:
        """The block all questions on the same pictures hang on: tokens up to the first user text."""
        from gmai.models.tree import Block

        tokens = self.scaffold.prefix([layout.tokens for layout in layouts])
        return Block.read(tokens, pictures=tuple(layouts))

    def lay_out(self, rows: Sequence[Sequence[Block]], multiple: int = 32) -> TreeBatch:
        """Rows as a padded batch under a mask; see :func:`gmai.models.lay_out`."""
        from gmai.models.tree import lay_out

        return lay_out(rows, self.pad, multiple, self.scaffold.image)

    def pack(self, rows: Sequence[Sequence[Block]]) -> PackedBatch:
        """Rows in one line without padding, on a processor up to a sixteenth; see :func:`gmai.models.pack_rows`."""
        from gmai.models.packed import pack_rows

        return pack_rows(rows, self.scaffold.image, self.pad if self.device == "cpu" else None)

    def inputs(self, prompts: Sequence[Sequence[int]], fitted: Sequence[Fitted]) -> dict[str, Tensor]:
        """Everything the whole model is given for prompts padded on the left: tokens, mask and pictures in order."""
        import torch

        width = max(map(len, prompts))
        rows = [[self.pad] * (width - len(prompt)) + list(prompt) for prompt in prompts]
        masks = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        tokens_BT = torch.tensor(rows, device=self.device)
        pictures = self.contract.normalise(fitted, self.device) if fitted else {}
        more = self.family.prompt_inputs(tokens_BT, self.scaffold.image) if fitted else {}
        return {"input_ids": tokens_BT, "attention_mask": torch.tensor(masks, device=self.device), **pictures, **more}


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


def load_model(folder: Path, device: str = "cpu", attention: str = "", dtype: str = "float32") -> LoadedModel:
    """Load a model folder, the model of a run, or a folder as it was published.

    Args:
        folder: see :func:`find_model_folder`.
        device: a torch device.
        attention: ``eager`` or ``sdpa``, both of which take our additive masks; by default the faster one.
        dtype: type of the weights.

    Raises:
        ModelError: no model, one of no known family or whose weights are not all there, no contract, or a contract
            that is not this model's.
    """
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText, AutoTokenizer

    place = find_model_folder(folder)
    config = AutoConfig.from_pretrained(place, local_files_only=True)
    family = find_family(config.model_type)
    contract = find_contract(place, config)
    problem = family.disagreement(config, contract)
    if problem:
        raise ModelError(problem, where=str(place), reason="model.contract")
    chosen = attention or faster_attention(contract, device)
    opening = {"dtype": getattr(torch, dtype), "attn_implementation": chosen}
    model = open_whole(AutoModelForImageTextToText, place, "the model", **opening)
    if not attention:
        model = family.tune(model)
    tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=True)
    return LoadedModel(model.to(device).eval(), tokenizer, contract)


def open_whole(kind: Any, folder: Path, what: str, **options: Any) -> Any:
    """Let a class of transformers open a folder; what has no weight there would get a random one.

    Args:
        kind: the class.
        folder: with config and weights.
        what: is opened, for errors.
        options: of ``from_pretrained``.

    Raises:
        ModelError: a weight is missing, or has another shape.
    """
    with no_bars():
        model, told = kind.from_pretrained(folder, local_files_only=True, output_loading_info=True, **options)
    lacking = sorted(map(str, (*told["missing_keys"], *told["mismatched_keys"])))
    if lacking:
        problem = f"a weight of {what} is missing, {len(lacking)} in all"
        raise ModelError(problem, where=lacking[0], reason="model.weight")
    return model


def find_contract(folder: Path, config: Any) -> VisualContract:
    """The visual contract of a folder; of one that was published without, what its picture processor does.

    Raises:
        ModelError: neither is there, or they say what no contract can.
    """
    family = find_family(config.model_type)
    if (folder / CONTRACT_FILE).exists():
        found = read_contract(folder)
        return found if found.patch_px else replace(found, patch_px=family.patch_px(config))
    processor = find_processor(folder)
    if processor is not None:
        return family.contract(config, processor)
    raise ModelError("the model has no visual contract", where=str(folder / CONTRACT_FILE), reason="model.contract")


def faster_attention(contract: VisualContract, device: str) -> str:
    """``eager`` for few visual tokens on a processor; elsewhere ``sdpa``, which holds no table of all pairs."""
    return "eager" if device == "cpu" and contract.most_tokens < MANY_TOKENS else "sdpa"


def save_model(loaded: LoadedModel, folder: Path) -> None:
    """Write the model as a Hugging Face folder that transformers opens as it is, with the visual contract beside.

    What the contract says is written for transformers' own processors, too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with no_bars():
        loaded.model.save_pretrained(folder)
    write_processors(loaded, folder)


def write_processors(loaded: LoadedModel, folder: Path) -> None:
    """Write all but weights and config: tokenizer, visual contract, and the contract as processors read it."""
    loaded.tokenizer.save_pretrained(folder)
    write_contract(loaded.contract, folder)
    processor = loaded.family.processor(loaded.contract)
    write_json(folder / "preprocessor_config.json", processor)
    whole = {**loaded.family.processor_class(loaded.contract, loaded.model.config), "image_processor": processor}
    write_json(folder / "processor_config.json", whole)


@contextmanager
def no_bars() -> Iterator[None]:
    """Keep transformers from drawing progress bars of its own."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
