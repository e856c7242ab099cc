"""LLaVA as transformers has it: any encoder of square pictures, a projector of two layers, any language model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gmai.models.contract import VisualContract
from gmai.models.families.family import Family, Features, Part, Spelling, TinyPicture
from gmai.models.families.processors import check_steps, read_colours, read_resample, size_of, write_colours

if TYPE_CHECKING:
    from torch import Tensor

    from gmai.models.tiny import TinyShape

_LAYERS = ("encoder.layers", "encoder.layer", "layer", "layers")
"""Where vision encoders keep their layers, below what some call ``vision_model``."""


class Llava(Family):
    """See :class:`Family`."""

    name = "llava"

    def spelling(self, tokenizer: Any) -> Spelling:
        """See :class:`Family`."""
        return Spelling(getattr(tokenizer, "image_token", None) or "<image>")

    def contract(self, config: Any, processor: Mapping[str, Any]) -> VisualContract:
        """See :class:`Family`."""
        check_steps(processor)
        crops = processor.get("do_center_crop", False)
        size = processor.get("size")
        stretches = isinstance(size, Mapping) and "height" in size
        side = size_of(processor, "crop_size" if crops and not stretches else "size")
        return VisualContract(
            image_px=side,
            tokens_per_image=config.image_seq_length,
            squaring="pad" if processor.get("do_pad") else "stretch" if stretches else "crop",
            patch_px=self.patch_px(config),
            resample=read_resample(processor),
            **read_colours(processor),
        )

    def processor(self, contract: VisualContract) -> dict[str, Any]:
        """See :class:`Family`."""
        side = contract.image_px
        square = {"height": side, "width": side}
        stretches = contract.squaring == "stretch"
        pads: dict[str, Any] = {"do_pad": True} if contract.squaring == "pad" else {}
        return {
            "image_processor_type": "LlavaImageProcessor" if pads else "CLIPImageProcessor",
            "size": square if stretches else {"shortest_edge": side},
            "do_center_crop": not stretches,
            "crop_size": square,
            **pads,
            **write_colours(contract),
        }

    def processor_class(self, contract: VisualContract, config: Any) -> dict[str, Any]:
        """See :class:`Family`; the class token, where it is dropped, is counted and taken off again."""
        strategy = config.vision_feature_select_strategy
        patches = (contract.image_px // contract.patch_px) ** 2
        return {
            "processor_class": "LlavaProcessor",
            "patch_size": contract.patch_px,
            "vision_feature_select_strategy": strategy,
            "num_additional_image_tokens": contract.tokens_per_image - patches + (strategy == "default"),
        }

    @property
    def tiny_picture(self) -> TinyPicture:
        """See :class:`Family`."""
        return TinyPicture(("<image>",), "<image>\n", {"image_token": "<image>"})

    def tiny(self, shape: TinyShape, tokenizer: Any) -> Any:
        """See :class:`Family`; one layer more than is used, as the last but one is what the projector sees."""
        from transformers import CLIPVisionConfig, LlavaConfig, LlavaForConditionalGeneration

        vision = CLIPVisionConfig(
            hidden_size=shape.vision_width,
            num_hidden_layers=shape.vision_layers + 1,
            num_attention_heads=shape.heads,
            intermediate_size=shape.vision_mlp,
            image_size=shape.image_px,
            patch_size=shape.patch_px,
            projection_dim=shape.vision_width,
        )
        config = LlavaConfig(
            vision_config=vision,
            text_config=shape.language(tokenizer),
            image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
            image_seq_length=(shape.image_px // shape.patch_px) ** 2,
            vision_feature_layer=-2,
            vision_feature_select_strategy="default",
            tie_word_embeddings=True,
        )
        return LlavaForConditionalGeneration(config)

    def tiny_contract(self, shape: TinyShape) -> VisualContract:
        """See :class:`Family`."""
        return VisualContract(
            image_px=shape.image_px,
            tokens_per_image=(shape.image_px // shape.patch_px) ** 2,
            squaring="pad",
            patch_px=shape.patch_px,
        )

    def encode(self, model: Any, inputs: Mapping[str, Tensor]) -> Features:
        """See :class:`Family`."""
        import torch

        found = model.model.get_image_features(pixel_values=inputs["pixel_values"], return_dict=True).pooler_output
        return Features(torch.cat(list(found)))

    def layers(self, model: Any) -> dict[Part, list[Any]]:
        """See :class:`Family`."""
        tower = model.model.vision_tower
        tower = getattr(tower, "vision_model", tower)
        names = {name for name, _ in tower.named_modules()}
        place = next(name for name in _LAYERS if name in names)
        return {"vision": list(tower.get_submodule(place)), "language": list(model.model.language_model.layers)}


LLAVA = Llava()
