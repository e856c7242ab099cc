"""Vision encoders and language models of a few thousand weights, as folders of the kinds that are published."""

import json
from dataclasses import replace
from pathlib import Path

import torch
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPVisionConfig,
    CLIPVisionModel,
    Dinov2Config,
    Dinov2Model,
    InternVLVisionConfig,
    InternVLVisionModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    SiglipVisionConfig,
    SiglipVisionModel,
)

from gmai.models.families import FAMILIES
from gmai.models.tokenizer import train_tokenizer

VISION = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 48}
LANGUAGE = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "intermediate_size": 48,
    "max_position_embeddings": 256,
}
CLIP_PROCESSOR = {
    "image_processor_type": "CLIPImageProcessor",
    "size": {"shortest_edge": 32},
    "crop_size": {"height": 32, "width": 32},
    "do_center_crop": True,
    "image_mean": [0.48, 0.46, 0.41],
    "image_std": [0.27, 0.26, 0.28],
    "resample": 3,
}
QWEN = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nYou are helpful.<|im_end|>\n{% endif %}"
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA = (
    "{{ bos_token }}{% for message in messages %}<|head|>{{ message['role'] }}<|/head|>\n\n"
    "{{ message['content'] | trim }}<|eot|>{% endfor %}{% if add_generation_prompt %}<|head|>assistant<|/head|>\n\n"
    "{% endif %}"
)


def write_vision(kind: str, folder) -> None:
    torch.manual_seed(1)
    size = {"image_size": 32, "patch_size": 8}
    if kind == "clip":
        CLIPVisionModel(CLIPVisionConfig(**VISION, **size)).save_pretrained(folder)
    elif kind == "whole clip":
        text = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
        config = CLIPConfig(text_config={**text, "vocab_size": 20}, vision_config={**VISION, **size})
        CLIPModel(config).save_pretrained(folder)
    elif kind == "siglip":
        SiglipVisionModel(SiglipVisionConfig(**VISION, **size)).save_pretrained(folder)
    elif kind == "dinov2":
        shape = {**VISION, **size, "mlp_ratio": 2}
        Dinov2Model(Dinov2Config(**shape)).save_pretrained(folder)
    else:
        sides = {"image_size": [32, 32], "patch_size": [8, 8]}
        InternVLVisionModel(InternVLVisionConfig(**VISION, **sides)).save_pretrained(folder)
    if "clip" in kind:
        (folder / "preprocessor_config.json").write_text(json.dumps(CLIP_PROCESSOR))


def write_language(kind: str, folder) -> None:
    torch.manual_seed(2)
    texts = ["Which finding does this picture show? A nodule.", "Where is it? upper left"] * 3
    picture = replace(
        FAMILIES.get("llava").tiny_picture, tokens=("<|head|>", "<|/head|>", "<|eot|>", "<|begin|>"), named={}
    )
    backend = train_tokenizer(texts, 320, 256, picture).backend_tokenizer
    templates = {"qwen2": QWEN, "qwen3": QWEN, "llama": LLAMA, "untaught": None}
    ends = {"llama": "<|eot|>", "untaught": "<|endoftext|>"}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        eos_token=ends.get(kind, "<|endoftext|>"),
        bos_token="<|begin|>" if kind == "llama" else None,
    )
    tokenizer.chat_template = templates[kind]
    tokenizer.save_pretrained(folder)
    spare = 30 if kind == "qwen2" else 0
    sizes = {
        **LANGUAGE,
        "vocab_size": len(tokenizer) + spare,
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
    }
    made = {
        "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**sizes, tie_word_embeddings=True)),
        "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**sizes, head_dim=16, tie_word_embeddings=False)),
        "llama": lambda: LlamaForCausalLM(LlamaConfig(**sizes, tie_word_embeddings=False)),
        "untaught": lambda: LlamaForCausalLM(LlamaConfig(**sizes, tie_word_embeddings=False)),
    }[kind]()
    made.save_pretrained(folder)


PAIRS = [
    ("clip", "qwen2"),
    ("whole clip", "llama"),
    ("siglip", "qwen3"),
    ("dinov2", "untaught"),
    ("internvit", "qwen2"),
    ("internvit", "llama"),
]


def write_part(kind: str, folder: Path) -> Path:
    """An encoder or a language model of a kind."""
    folder.mkdir()
    vision = kind in ("clip", "whole clip", "siglip", "dinov2", "internvit")
    (write_vision if vision else write_language)(kind, folder)
    return folder
