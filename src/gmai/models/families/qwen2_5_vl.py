"""Qwen2.5-VL: an encoder that attends within windows, but for a few layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gmai.models.families.qwen_vl import QwenVL

if TYPE_CHECKING:
    from gmai.models.tiny import TinyShape


class Qwen25VL(QwenVL):
    """See :class:`Family`."""

    name = "qwen2_5_vl"
    processor_name = "Qwen2_5_VLProcessor"

    def tiny(self, shape: TinyShape, tokenizer: Any) -> Any:
        """See :class:`Family`; windows of two by two tokens, the last of several layers sees the whole picture."""
        from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

        last = shape.vision_layers - 1
        config = Qwen2_5_VLConfig(
            vision_config={
                "depth": shape.vision_layers,
                "hidden_size": shape.vision_width,
                "intermediate_size": shape.vision_mlp,
                "num_heads": shape.heads,
                "patch_size": shape.patch_px,
                "window_size": 4 * shape.patch_px,
                "out_hidden_size": shape.language_width,
                "fullatt_block_indexes": [last] if last else [],
                "initializer_range": shape.init_std,
            },
            text_config={**shape.language_sizes(tokenizer), "rope_parameters": self.rope(shape)},
            tie_word_embeddings=True,
            **self.token_ids(tokenizer),
        )
        return Qwen2_5_VLForConditionalGeneration(config)


QWEN2_5_VL = Qwen25VL()
