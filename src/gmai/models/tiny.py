"""A tiny vision-language model made on the spot: a family's architecture, random weights, a tokenizer of the corpus."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gmai.base import open_run, output_files
from gmai.errors import ConfigError
from gmai.models.families import find_family
from gmai.models.families.family import Family
from gmai.models.loaded import LoadedModel, save_model
from gmai.models.parts import count_parameters
from gmai.types import record

logger = logging.getLogger(__name__)


@record
class TinyShape:
    """Sizes of the model."""

    image_px: int = 96
    """Side of the square picture the model takes."""
    patch_px: int = 12
    """Side of one patch; four patches make one visual token."""
    vision_width: int = 128
    """Width of the vision encoder."""
    vision_layers: int = 4
    """Layers of the vision encoder."""
    vision_mlp: int = 384
    """Inner width of the vision encoder's feed-forward layers."""
    language_width: int = 128
    """Width of the language model."""
    language_layers: int = 3
    """Layers of the language model."""
    language_mlp: int = 384
    """Inner width of the language model's feed-forward layers."""
    heads: int = 4
    """Attention heads of both."""
    vocabulary: int = 2048
    """Largest number of tokens."""
    context: int = 1024
    """Longest row in tokens."""
    position_scale: float = 0.5
    """Size of the sine-cosine position embeddings the vision encoder starts from."""
    init_std: float = 0.06
    """Spread of the random weights; 0.02, made for wide models, takes twice the steps at these widths."""

    max_tiles: int = 1
    """Most tiles of one picture, where the family tiles; 1 stretches every picture to one."""

    @property
    def visual_tokens(self) -> int:
        """Visual tokens of one square picture or tile."""
        return (self.image_px // self.patch_px // 2) ** 2

    def language(self, tokenizer: Any) -> Any:
        """Config of the language model, for families that take any."""
        from transformers import Qwen2Config

        return Qwen2Config(**self.language_sizes(tokenizer))

    def language_sizes(self, tokenizer: Any) -> dict[str, Any]:
        """What the configs of all language models have in common."""
        return {
            "vocab_size": len(tokenizer),
            "hidden_size": self.language_width,
            "num_hidden_layers": self.language_layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.heads,
            "intermediate_size": self.language_mlp,
            "max_position_embeddings": self.context,
            "tie_word_embeddings": True,
            "use_cache": False,
            "initializer_range": self.init_std,
            "bos_token_id": None,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        }


@record
class TinyConfig:
    """How ``gmai model tiny`` makes a model."""

    corpus: Path
    """Corpus whose training text the tokenizer is trained on."""
    out: Path
    """Run folder to write."""
    split: str = "train"
    """Split whose text is read."""
    seed: int = 0
    """Seed of the random weights."""
    family: str = "internvl"
    """Family of the model; see :data:`gmai.models.FAMILIES`."""
    shape: TinyShape = TinyShape()
    """Sizes."""
    resume: bool = True
    """Keep a finished model; False makes it anew."""


def build_tiny(config: TinyConfig) -> dict[str, Any]:
    """Make a tiny model as a run folder and return its numbers.

    Raises:
        ConfigError: sizes that do not fit each other, or no such corpus.
    """
    from gmai.corpus import open_corpus

    corpus = open_corpus(config.corpus)
    same = {"split": config.split, "seed": config.seed, "family": config.family, "shape": config.shape}
    run = open_run(config.out, "model tiny", config, {"corpus": corpus.key}, resume=config.resume, same=same)
    if run.done:
        return run.stats()
    texts = (turn.text for conversation in corpus.conversations(config.split) for turn in conversation.turns)
    loaded = make_tiny(config.shape, texts, config.seed, config.family)
    save_model(loaded, run.path / "model")
    parameters = count_parameters(loaded.model)
    stats = {"parameters": parameters, "vocabulary": len(loaded.tokenizer)}
    run.finish(stats, output_files(run))
    logger.info("model tiny: %d parameters, %d tokens", parameters["total"], len(loaded.tokenizer))
    return stats


def make_tiny(shape: TinyShape, texts: Iterable[str], seed: int = 0, family: str = "internvl") -> LoadedModel:
    """Make the model in memory.

    Args:
        shape: sizes.
        texts: texts of users and assistants.
        seed: of the random weights.
        family: of the model.

    Raises:
        ConfigError: sizes that do not fit each other.
    """
    from gmai.models.tokenizer import train_tokenizer

    _check(shape)
    kind = find_family(family)
    tokenizer = train_tokenizer(_with_scaffold(texts), shape.vocabulary, shape.context, kind.tiny_picture)
    return LoadedModel(_random_model(kind, shape, tokenizer, seed), tokenizer, kind.tiny_contract(shape))


def _check(shape: TinyShape) -> None:
    problems = []
    if shape.image_px % (2 * shape.patch_px):
        problems.append(f"shape.image_px {shape.image_px} is no multiple of twice shape.patch_px {shape.patch_px}")
    for name in ("vision_width", "language_width"):
        if getattr(shape, name) % (4 * shape.heads):
            problems.append(f"shape.{name} {getattr(shape, name)} is no multiple of 4 x shape.heads {shape.heads}")
    if problems:
        raise ConfigError("; ".join(problems), where="TinyShape")


def _with_scaffold(texts: Iterable[str]) -> Iterator[str]:
    """Texts as users and assistants write them; the roles come often enough to be tokens of their own."""
    for text in texts:
        yield f"user\n{text}"
        yield f"assistant\n{text}"


def _random_model(family: Family, shape: TinyShape, tokenizer: Any, seed: int) -> Any:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = family.tiny(shape, tokenizer)
    model.set_attn_implementation("eager")
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model.eval()
