"""A vision-language model put together: any vision encoder, a fresh projector, any language model of transformers."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Literal

from gmai.base import open_run, output_files
from gmai.errors import ModelError
from gmai.models.answering import spell_chat
from gmai.models.chat_images import with_pictures
from gmai.models.encoders import Encoder, open_encoder
from gmai.models.families import FAMILIES
from gmai.models.families.family import TinyPicture
from gmai.models.loaded import LoadedModel, find_model_folder, model_key, open_whole, save_model
from gmai.models.parts import count_parameters
from gmai.types import record

logger = logging.getLogger(__name__)
Layout = Literal["auto", "llava", "internvl"]


@record
class AssembleConfig:
    """How ``gmai model assemble`` puts a model together."""

    vision: Path
    """Folder of a vision encoder: CLIP, SigLIP, DINOv2, InternViT, or a model that has one."""
    language: Path
    """Folder of a causal language model: Qwen, Llama, InternLM2 once converted, others of transformers."""
    out: Path
    """Run folder to write; the model is in ``model``."""
    layout: Layout = "auto"
    """``llava``: a projector of two layers; ``internvl``: four patches shuffled into one token before it, for
    InternViT. ``auto`` takes what the encoder is for."""
    feature_layer: int = -2
    """``llava``: the encoder's layer that the projector sees, counted from the end."""
    squaring: Literal["", "stretch", "pad", "crop"] = ""
    """``llava``: how pictures become square; by default as the encoder's own processor does it."""
    max_tiles: int = 12
    """``internvl``: most tiles of a picture; 1 takes each picture as one square."""
    dtype: Literal["float32", "bfloat16"] = "bfloat16"
    """Type of the weights."""
    seed: int = 0
    """Seed of the projector's random weights."""
    resume: bool = True
    """Keep a finished model; False makes it anew."""


def assemble_model(config: AssembleConfig) -> dict[str, Any]:
    """Put a model together as a run folder and return its numbers.

    Raises:
        ModelError: a part that is none, or parts that do not fit.
    """
    inputs = {"vision": model_key(config.vision), "language": model_key(config.language)}
    same = {
        name: getattr(config, name) for name in ("layout", "feature_layer", "squaring", "max_tiles", "dtype", "seed")
    }
    run = open_run(config.out, "model assemble", config, inputs, resume=config.resume, same=same)
    if run.done:
        return run.stats()
    made = assemble(config)
    save_model(made, run.path / "model")
    parameters = count_parameters(made.model)
    stats = {
        "family": made.family.name,
        "parameters": parameters,
        "vocabulary": len(made.tokenizer),
        "tokens_per_image": made.contract.tokens_per_image,
        "contract": made.contract.hash,
    }
    run.finish(stats, output_files(run))
    logger.info("model assemble: %d parameters", parameters["total"])
    return run.stats()


def assemble(config: AssembleConfig) -> LoadedModel:
    """Put the parts together in memory.

    Raises:
        ModelError: as :func:`assemble_model`.
    """
    import torch

    encoder = open_encoder(find_model_folder(config.vision), config.feature_layer)
    layout = config.layout if config.layout != "auto" else encoder.layout
    if layout == "internvl" and encoder.layout != "internvl":
        what = f"an encoder of type {encoder.config.model_type!r} has no {layout} layout"
        raise ModelError(what, where=str(config.vision), fix="leave layout=auto", reason="model.parts")
    picture = FAMILIES.get(layout).tiny_picture
    causal, tokenizer = _open_language(find_model_folder(config.language), picture)
    _extend(tokenizer, picture, str(config.language))
    _make_room(causal, len(tokenizer))
    whole = (_internvl if layout == "internvl" else _llava)(encoder, causal, tokenizer, config)
    model = _join(whole, encoder, causal, config.seed).to(getattr(torch, config.dtype))
    _say_when_to_end(model, causal, tokenizer)
    contract = encoder.contract(layout, model.config, config.squaring, config.max_tiles)
    made = LoadedModel(model.eval(), tokenizer, contract)
    _check(made, str(config.language))
    return made


def _open_language(folder: Path, picture: TinyPicture) -> tuple[Any, Any]:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    if config.model_type == "internlm2":
        fix = "run: gmai model convert-internlm2"
        raise ModelError("InternLM2 has no class in transformers", where=str(folder), fix=fix, reason="model.family")
    causal = open_whole(AutoModelForCausalLM, folder, "the language model", dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, extra_special_tokens=dict(picture.named))
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    return causal, tokenizer


def _extend(tokenizer: Any, picture: TinyPicture, where: str) -> None:
    """Give the tokenizer the tokens of pictures and a chat template with a place for them.

    Raises:
        ModelError: a template that cannot be told where its answers end.
    """
    from transformers import AddedToken

    end, template = with_pictures(tokenizer, picture.template, where)
    new = [AddedToken(token, normalized=False, special=True) for token in (*picture.tokens, end)]
    tokenizer.add_tokens(new, special_tokens=True)
    tokenizer.eos_token = end
    tokenizer.chat_template = template


def _make_room(causal: Any, tokens: int) -> None:
    """Add rows for new tokens, each the mean of all others; spare rows that the model has are used first."""
    import torch

    before = causal.get_input_embeddings().weight.shape[0]
    if tokens <= before:
        return
    causal.resize_token_embeddings(tokens, mean_resizing=False)
    tables = {
        id(table.weight): table.weight for table in (causal.get_input_embeddings(), causal.get_output_embeddings())
    }
    with torch.no_grad():
        for table in tables.values():
            table[before:] = table[:before].mean(dim=0)


def _llava(encoder: Encoder, causal: Any, tokenizer: Any, config: AssembleConfig) -> Any:
    from transformers import LlavaConfig, LlavaForConditionalGeneration

    text = causal.config
    image = tokenizer.convert_tokens_to_ids("<image>")
    return LlavaForConditionalGeneration, LlavaConfig(
        vision_config=encoder.config,
        text_config=text,
        image_token_index=image,
        image_seq_length=encoder.tokens,
        vision_feature_layer=config.feature_layer,
        vision_feature_select_strategy="default" if encoder.class_token else "full",
        tie_word_embeddings=text.tie_word_embeddings,
    )


def _internvl(encoder: Encoder, causal: Any, tokenizer: Any, config: AssembleConfig) -> Any:
    from transformers import InternVLConfig, InternVLForConditionalGeneration

    text = causal.config
    return InternVLForConditionalGeneration, InternVLConfig(
        vision_config=encoder.config,
        text_config=text,
        image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=encoder.tokens // 4,
        downsample_ratio=0.5,
        tie_word_embeddings=text.tie_word_embeddings,
    )


def _join(whole: Any, encoder: Encoder, causal: Any, seed: int) -> Any:
    """Put the parts into an empty model; only the projector is drawn."""
    import torch

    kind, config = whole
    config.text_config.use_cache = False
    with torch.device("meta"):
        model = kind(config)
    projector = type(model.model.multi_modal_projector)(config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        spread = config.text_config.initializer_range
        for name, weight in projector.named_parameters():
            if weight.ndim == 2:
                torch.nn.init.normal_(weight, std=spread)
            elif name.endswith("bias"):
                torch.nn.init.zeros_(weight)
    model.model.vision_tower = encoder.tower
    model.model.multi_modal_projector = projector
    model.model.language_model = causal.model
    model.lm_head = causal.lm_head
    model.tie_weights()
    empty = [name for name, weight in model.named_parameters() if weight.is_meta]
    if empty:
        raise ModelError(f"{len(empty)} weights have no value", where=empty[0], reason="model.weight")
    return model


def _say_when_to_end(model: Any, causal: Any, tokenizer: Any) -> None:
    """Generation ends at what ends the template's answers, and at what ended the language model's own."""
    before = causal.generation_config.eos_token_id
    ends = [before] if isinstance(before, int) else list(before or [])
    every = list(dict.fromkeys([tokenizer.eos_token_id, *ends]))
    model.generation_config.eos_token_id = every if len(every) > 1 else every[0]
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.generation_config.bos_token_id = tokenizer.bos_token_id


def _check(made: LoadedModel, where: str) -> None:
    """Pictures must take the tokens that the model makes of them, and pieces of a talk spell the whole of it."""
    problem = made.family.disagreement(made.model.config, made.contract)
    if problem:
        raise ModelError(problem, where=where, reason="model.contract")
    made.scaffold.prompt("?", [made.contract.tokens_per_image] * 2)
    turns = ("Which finding? A: mass", "It is a mass.", "Where?")
    messages = [{"role": ("user", "assistant")[number % 2], "content": text} for number, text in enumerate(turns)]
    text = made.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    start = made.tokenizer.bos_token
    whole = made.tokenizer(text, add_special_tokens=not (start and text.startswith(start))).input_ids
    if tuple(whole) != spell_chat(made, turns, ()):
        what = "the tokenizer spells a conversation otherwise than its pieces"
        raise ModelError(what, where=where, fix="choose a model with another chat template", reason="model.chat")
