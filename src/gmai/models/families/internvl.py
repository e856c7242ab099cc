"""InternVL as transformers has it: InternViT on tiles, four patches shuffled into one token, any language model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gmai.models.contract import VisualContract
from gmai.models.families.family import Family, Features, Part, Spelling, TinyPicture
from gmai.models.families.processors import check_steps, read_colours, read_resample, size_of, write_colours

if TYPE_CHECKING:
    from torch import Tensor

    from gmai.models.tiny import TinyShape


class InternVL(Family):
    """See :class:`Family`."""

    name = "internvl"

    def spelling(self, tokenizer: Any) -> Spelling:
        """See :class:`Family`."""
        return Spelling(tokenizer.context_image_token, tokenizer.start_image_token, tokenizer.end_image_token)

    def contract(self, config: Any, processor: Mapping[str, Any]) -> VisualContract:
        """See :class:`Family`; the processor of this family tiles, whatever the file says of it."""
        check_steps(processor)
        most = int(processor.get("max_patches", 12))
        return VisualContract(
            kind="tiles" if most > 1 else "square",
            image_px=size_of(processor),
            tokens_per_image=config.image_seq_length,
            min_tiles=int(processor.get("min_patches", 1)),
            max_tiles=most,
            patch_px=self.patch_px(config),
            resample=read_resample(processor),
            **read_colours(processor),
        )

    def processor(self, contract: VisualContract) -> dict[str, Any]:
        """See :class:`Family`."""
        tiles = contract.kind == "tiles"
        return {
            "image_processor_type": "GotOcr2ImageProcessor",
            "crop_to_patches": tiles,
            "min_patches": contract.min_tiles,
            "max_patches": contract.max_tiles if tiles else 1,
            "size": {"height": contract.image_px, "width": contract.image_px},
            **write_colours(contract),
        }

    def processor_class(self, contract: VisualContract, config: Any) -> dict[str, Any]:
        """See :class:`Family`."""
        return {"processor_class": "InternVLProcessor", "image_seq_length": contract.tokens_per_image}

    @property
    def tiny_picture(self) -> TinyPicture:
        """See :class:`Family`."""
        tokens = ("<img>", "</img>", "<IMG_CONTEXT>", "<video>")
        names = ("start_image_token", "end_image_token", "context_image_token", "video_token")
        return TinyPicture(tokens, "<IMG_CONTEXT>\n", dict(zip(names, tokens, strict=True)))

    def tiny(self, shape: TinyShape, tokenizer: Any) -> Any:
        """See :class:`Family`."""
        from transformers import InternVLConfig, InternVLForConditionalGeneration, InternVLVisionConfig

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
        config = InternVLConfig(
            vision_config=vision,
            text_config=shape.language(tokenizer),
            image_token_id=tokenizer.convert_tokens_to_ids(self.spelling(tokenizer).image),
            image_seq_length=shape.visual_tokens,
            downsample_ratio=0.5,
            tie_word_embeddings=True,
        )
        model = InternVLForConditionalGeneration(config)
        _place_patches(model.model.vision_tower.embeddings, shape)
        return model

    def tiny_contract(self, shape: TinyShape) -> VisualContract:
        """See :class:`Family`."""
        return VisualContract(
            kind="tiles" if shape.max_tiles > 1 else "square",
            image_px=shape.image_px,
            tokens_per_image=shape.visual_tokens,
            max_tiles=shape.max_tiles,
            patch_px=shape.patch_px,
        )

    def encode(self, model: Any, inputs: Mapping[str, Tensor]) -> Features:
        """See :class:`Family`."""
        found = model.model.get_image_features(pixel_values=inputs["pixel_values"], return_dict=True).pooler_output
        return Features(found.flatten(0, 1))

    def layers(self, model: Any) -> dict[Part, list[Any]]:
        """See :class:`Family`."""
        return {
            "vision": list(model.model.vision_tower.encoder.layer),
            "language": list(model.model.language_model.layers),
        }


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


INTERNVL = InternVL()
