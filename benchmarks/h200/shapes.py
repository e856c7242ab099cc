"""Models of random weights, made on the device: the published shape of InternVL3-8B, and a tiny one of its family."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from gmai.models import LoadedModel, TinyShape, VisualContract, make_tiny

TEXTS = ["What is it?", "a cyst in the left lobe", "Where is it?", "upper left", "How many are there?", "two of them"]
TILE_PX = {"8b": 448, "tiny": 32}
TINY = TinyShape(
    image_px=32,
    patch_px=8,
    vision_width=32,
    vision_layers=1,
    vision_mlp=48,
    language_width=32,
    language_layers=2,
    language_mlp=48,
    heads=2,
    vocabulary=400,
    context=16_384,
    max_tiles=12,
)


def make_loaded(shape: str, device: str, seed: int) -> LoadedModel:
    """A model with bfloat16 weights on the device; nothing of it is made elsewhere."""
    tiny = make_tiny(TINY, TEXTS, seed)
    if shape == "tiny":
        return LoadedModel(tiny.model.to(device, torch.bfloat16), tiny.tokenizer, tiny.contract)
    from transformers import AutoModelForImageTextToText

    config = published(tiny.scaffold.image)
    torch.manual_seed(seed)
    with torch.device(device):
        model = AutoModelForImageTextToText.from_config(config, dtype=torch.bfloat16, attn_implementation="sdpa")
    contract = VisualContract(kind="tiles", image_px=448, tokens_per_image=256, max_tiles=12, patch_px=14)
    return LoadedModel(model, tiny.tokenizer, contract)


def published(image: int) -> Any:
    """InternVL3-8B's config as published: InternViT-300M on tiles of 448 px, and Qwen2.5-7B."""
    from transformers import InternVLConfig, InternVLVisionConfig, Qwen2Config

    text = Qwen2Config(
        hidden_size=3584,
        num_hidden_layers=28,
        num_attention_heads=28,
        num_key_value_heads=4,
        intermediate_size=18944,
        vocab_size=151674,
        max_position_embeddings=32768,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        tie_word_embeddings=False,
        use_cache=False,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
    )
    vision = InternVLVisionConfig(
        image_size=[448, 448],
        patch_size=[14, 14],
        attention_bias=True,
        use_mask_token=False,
        layer_scale_init_value=0.1,
    )
    return InternVLConfig(
        vision_config=vision,
        text_config=text,
        image_token_id=image,
        image_seq_length=256,
        downsample_ratio=0.5,
        tie_word_embeddings=False,
    )


def nowhere() -> Path:
    """Stands where a recipe names a folder that is never read."""
    return Path("none")
