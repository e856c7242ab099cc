"""A tiny vision-language model made on the spot: InternVL's architecture, random weights, a tokenizer of the corpus."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gmai.base import open_run, output_files
from gmai.errors import ConfigError
from gmai.models.chat import IMAGE
from gmai.models.contract import VisualContract
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

    @property
    def visual_tokens(self) -> int:
        """Visual tokens of one picture."""
        return (self.image_px // self.patch_px // 2) ** 2


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
    same = {"split": config.split, "seed": config.seed, "shape": config.shape}
    run = open_run(config.out, "model tiny", config, {"corpus": corpus.key}, resume=config.resume, same=same)
    if run.done:
        return run.stats()
    texts = (turn.text for conversation in corpus.conversations(config.split) for turn in conversation.turns)
    loaded = make_tiny(config.shape, texts, config.seed)
    save_model(loaded, run.path / "model")
    parameters = count_parameters(loaded.model)
    stats = {"parameters": parameters, "vocabulary": len(loaded.tokenizer)}
    run.finish(stats, output_files(run))
    logger.info("model tiny: %d parameters, %d tokens", parameters["total"], len(loaded.tokenizer))
    return stats


def make_tiny(shape: TinyShape, texts: Iterable[str], seed: int = 0) -> LoadedModel:
    """Make the model in memory.

    Args:
        shape: sizes.
        texts: texts of users and assistants.
        seed: of the random weights.

    Raises:
        ConfigError: sizes that do not fit each other.
    """
    from gmai.models.tokenizer import train_tokenizer

    _check(shape)
    tokenizer = train_tokenizer(_with_scaffold(texts), shape.vocabulary, shape.context)
    contract = VisualContract(image_px=shape.image_px, tokens_per_image=shape.visual_tokens)
    return LoadedModel(_random_model(shape, tokenizer, seed), tokenizer, contract)


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


def _random_model(shape: TinyShape, tokenizer: Any, seed: int) -> Any:
    import torch
    from transformers import InternVLConfig, InternVLForConditionalGeneration, InternVLVisionConfig, Qwen2Config

    vision = InternVLVisionConfig(
        hidden_size=shape.vision_width,
        num_hidden_layers=shape.vision_layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.vision_mlp,
        image_size=[shape.image_px, shape.image_px],
        patch_size=[shape.patch_px, shape.patch_px],
        layer_scale_init_value=1.0,
        attention_bias=True,
        initializer_range=shape.init_std,
    )
    language = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=shape.language_width,
        num_hidden_layers=shape.language_layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        intermediate_size=shape.language_mlp,
        max_position_embeddings=shape.context,
        tie_word_embeddings=True,
        use_cache=False,
        initializer_range=shape.init_std,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    config = InternVLConfig(
        vision_config=vision,
        text_config=language,
        image_token_id=tokenizer.convert_tokens_to_ids(IMAGE),
        image_seq_length=shape.visual_tokens,
        downsample_ratio=0.5,
        tie_word_embeddings=True,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = InternVLForConditionalGeneration(config)
        _place_patches(model.model.vision_tower.embeddings, shape)
    model.set_attn_implementation("eager")
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model.eval()


def _place_patches(embeddings: Any, shape: TinyShape) -> None:
    """Give patches sine-cosine positions and the class token a little noise; transformers starts both at zero."""
    import torch

    side, width = shape.image_px // shape.patch_px, shape.vision_width
    angles = torch.arange(side)[:, None] / 10000 ** (torch.arange(width // 4) / (width / 4))[None]
    axis = torch.cat([angles.sin(), angles.cos()], dim=1)
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    table = torch.cat([axis[rows.flatten()], axis[columns.flatten()]], dim=1)
    with torch.no_grad():
        embeddings.position_embeddings[0, 1:] = shape.position_scale * table
        embeddings.cls_token.normal_(0, 0.02)
