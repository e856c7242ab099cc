"""What the Qwen-VL families share: pictures in their own size, positions by frame, row and column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from gmai.models.contract import VisualContract
from gmai.models.families.family import Family, Features, Part, Spelling, TinyPicture
from gmai.models.families.processors import check_steps, read_colours, read_resample, write_colours

if TYPE_CHECKING:
    from torch import Tensor

    from gmai.models.tiny import TinyShape


class QwenVL(Family):
    """See :class:`Family`; a file for each family adds its network."""

    parts: ClassVar[Mapping[str, Part]] = {
        "model.visual.": "vision",
        "model.visual.merger.": "projector",
        "model.visual.deepstack_merger_list.": "projector",
        "model.language_model.": "language",
        "lm_head.": "language",
    }
    processor_name: ClassVar[str]
    """The class of the whole processor."""

    def spelling(self, tokenizer: Any) -> Spelling:
        """See :class:`Family`; the chat template itself puts the tokens around."""
        return Spelling("<|image_pad|>")

    def contract(self, config: Any, processor: Mapping[str, Any]) -> VisualContract:
        """See :class:`Family`."""
        check_steps(processor)
        size = processor.get("size") or {}
        fewest = processor.get("min_pixels") or size.get("shortest_edge") or 56 * 56
        most = processor.get("max_pixels") or size.get("longest_edge") or 28 * 28 * 1280
        vision = config.vision_config
        return VisualContract(
            kind="native",
            patch_px=self.patch_px(config),
            merge=vision.spatial_merge_size,
            frames=vision.temporal_patch_size,
            min_pixels=int(fewest),
            max_pixels=int(most),
            resample=read_resample(processor),
            **read_colours(processor),
        )

    def disagreement(self, config: Any, contract: VisualContract) -> str:
        """See :class:`Family`."""
        vision = config.vision_config
        stated = (self.patch_px(config), vision.spatial_merge_size, vision.temporal_patch_size)
        said = (contract.patch_px, contract.merge, contract.frames)
        if stated == said:
            return ""
        return f"the contract says patch, merge and frames {said}, the model {stated}"

    def processor(self, contract: VisualContract) -> dict[str, Any]:
        """See :class:`Family`."""
        return {
            "image_processor_type": "Qwen2VLImageProcessor",
            "patch_size": contract.patch_px,
            "merge_size": contract.merge,
            "temporal_patch_size": contract.frames,
            "size": {"shortest_edge": contract.min_pixels, "longest_edge": contract.max_pixels},
            **write_colours(contract),
        }

    def processor_class(self, contract: VisualContract, config: Any) -> dict[str, Any]:
        """See :class:`Family`."""
        return {"processor_class": self.processor_name}

    @property
    def tiny_picture(self) -> TinyPicture:
        """See :class:`Family`."""
        tokens = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
        names = ("vision_bos_token", "vision_eos_token", "image_token", "video_token")
        template = "<|vision_start|><|image_pad|><|vision_end|>"
        return TinyPicture(tokens, template, dict(zip(names, tokens, strict=True)))

    def tiny_contract(self, shape: TinyShape) -> VisualContract:
        """See :class:`Family`; pictures up to as many pixels as the square ones or tiles of other families."""
        return VisualContract(
            kind="native",
            patch_px=shape.patch_px,
            min_pixels=(2 * shape.patch_px) ** 2,
            max_pixels=shape.max_tiles * shape.image_px**2,
        )

    def token_ids(self, tokenizer: Any) -> dict[str, int]:
        """Fields of the config that name tokens."""
        start, end, image, video = map(tokenizer.convert_tokens_to_ids, self.tiny_picture.tokens)
        return {
            "vision_start_token_id": start,
            "vision_end_token_id": end,
            "image_token_id": image,
            "video_token_id": video,
        }

    def rope(self, shape: TinyShape) -> dict[str, Any]:
        """How the widths of a head are divided among frame, row and column."""
        half = shape.language_width // shape.heads // 2
        share = half * 3 // 8
        return {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [half - 2 * share, share, share]}

    def encode(self, model: Any, inputs: Mapping[str, Tensor]) -> Features:
        """See :class:`Family`."""
        import torch

        found = model.model.get_image_features(
            pixel_values=inputs["pixel_values"], image_grid_thw=inputs["image_grid_thw"], return_dict=True
        )
        deepstack = getattr(found, "deepstack_features", None) or ()
        return Features(torch.cat(found.pooler_output), tuple(torch.cat(list(level)) for level in deepstack))

    def blank(self, model: Any, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """See :class:`Family`."""
        merge = model.config.vision_config.spatial_merge_size
        pixels, grid = inputs["pixel_values"], inputs["image_grid_thw"]
        return {
            "pixel_values": pixels.new_zeros(merge**2, pixels.shape[1]),
            "image_grid_thw": grid.new_tensor([[1, merge, merge]]),
        }

    def tune(self, model: Any) -> Any:
        """See :class:`Family`; pictures and windows of one size are seen together."""
        from gmai.models.windows import use_windows

        use_windows(model.model.visual)
        return model

    def layers(self, model: Any) -> dict[Part, list[Any]]:
        """See :class:`Family`."""
        return {"vision": list(model.model.visual.blocks), "language": list(model.model.language_model.layers)}

    def prompt_inputs(self, tokens_BT: Tensor, image: int) -> dict[str, Tensor]:
        """See :class:`Family`; which tokens are a picture's, for their positions."""
        return {"mm_token_type_ids": (tokens_BT == image).int()}
