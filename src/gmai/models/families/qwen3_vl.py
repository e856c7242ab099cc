"""Qwen3-VL: features of several layers of the encoder are added to the first states of the language model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gmai.models.families.family import Features
from gmai.models.families.qwen_vl import QwenVL

if TYPE_CHECKING:
    from torch import Tensor

    from gmai.models.tiny import TinyShape


class Qwen3VL(QwenVL):
    """See :class:`Family`."""

    name = "qwen3_vl"
    processor_name = "Qwen3VLProcessor"

    def tiny(self, shape: TinyShape, tokenizer: Any) -> Any:
        """See :class:`Family`; up to three layers of the encoder reach the language model directly."""
        from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

        levels = min(shape.vision_layers, shape.language_layers, 3)
        config = Qwen3VLConfig(
            vision_config={
                "depth": shape.vision_layers,
                "hidden_size": shape.vision_width,
                "intermediate_size": shape.vision_mlp,
                "num_heads": shape.heads,
                "patch_size": shape.patch_px,
                "out_hidden_size": shape.language_width,
                "num_position_embeddings": (shape.image_px // shape.patch_px) ** 2,
                "deepstack_visual_indexes": list(range(levels)),
                "initializer_range": shape.init_std,
            },
            text_config={
                **shape.language_sizes(tokenizer),
                "head_dim": shape.language_width // shape.heads,
                "rope_parameters": {**self.rope(shape), "mrope_interleaved": True},
            },
            tie_word_embeddings=True,
            **self.token_ids(tokenizer),
        )
        return Qwen3VLForConditionalGeneration(config)

    def language_options(self, features: Features, visual_BT: Tensor) -> dict[str, Any]:
        """See :class:`Family`."""
        return {"visual_pos_masks": visual_BT, "deepstack_visual_embeds": list(features.deepstack)}


QWEN3_VL = Qwen3VL()
